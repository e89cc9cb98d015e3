//go:build linux

package ui

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"flapscope/history/timeline"
	"flapscope/ui/grid"
)

// everyKey returns every key of the map but those that leave the screen.
func everyKey(k *keyMap) (out []string) {
	for _, g := range k.full() {
		for _, b := range g.keys {
			for _, name := range b.Keys() {
				if b.Enabled() && !slices.Contains(slices.Concat(k.Quit.Keys(), k.Suspend.Keys()), name) {
					out = append(out, name)
				}
			}
		}
	}
	return out
}

// bytesOf returns what a terminal sends for a key.
func bytesOf(t *testing.T, name string) string {
	t.Helper()
	named := map[string]string{
		"left": "\x1b[D", "right": "\x1b[C", "up": "\x1b[A", "down": "\x1b[B", "pgup": "\x1b[5~", "pgdown": "\x1b[6~", "home": "\x1b[H", "end": "\x1b[F",
		"shift+left": "\x1b[1;2D", "shift+right": "\x1b[1;2C", "shift+tab": "\x1b[Z", "enter": "\r", "esc": "\x1b", "tab": "\t", "space": " ",
	}
	if seq, ok := named[name]; ok {
		return seq
	}
	if len(name) != 1 {
		t.Fatalf("no bytes for key %q", name)
	}
	return name
}

// TestEveryKeyDoes: each key of the help does something that is seen, or is asked for,
// on every page at every size.
func TestEveryKeyDoes(t *testing.T) {
	feeds := []Feed{sceneOf(t, "failover"), sceneOf(t, "flapping")}
	for _, s := range []screen{{80, 24}, {120, 40}, {200, 60}} {
		for page := range pageKinds() {
			did := map[string]bool{}
			asked := 0
			o := walkOptions()
			o.Mark = func(time.Duration, string) error { asked++; return nil }
			o.Save = func(timeline.Span) (string, error) { asked++; return "x.flap.gz", nil }
			o.Probe = func() { asked++ }
			k := newKeyMap(&o, pageKinds())
			for _, name := range everyKey(&k) {
				// From the present, and from somewhere in the past with a range.
				for i, before := range [][]string{{}, {"P", "left", "left", "v", "left"}} {
					m := start(feeds[i], o, s.w, s.h)
					press(t, m, num(int64(page+1)))
					press(t, m, before...)
					was, look, calls := written(m), dump(m), asked
					press(t, m, name)
					did[name] = did[name] || asked != calls || written(m) != was || dump(m) != look
					if did[name] {
						break
					}
				}
				if !did[name] && name != num(int64(page+1)) {
					t.Errorf("page %d at %dx%d: %q does nothing", page+1, s.w, s.h, name)
				}
			}
		}
	}
}

// TestPtyWalk presses every key on every page, through a real terminal, at three
// sizes, and leaves with the key for it: nothing panics, nothing is written
// outside of the screen, and what is copied arrives encoded.
func TestPtyWalk(t *testing.T) {
	t.Parallel()
	for _, s := range []screen{{80, 24}, {120, 40}, {200, 60}} {
		t.Run(fmt.Sprintf("%dx%d", s.w, s.h), func(t *testing.T) {
			t.Parallel()
			tm := spawn(t, "walk", true)
			tm.resize(s.w, s.h)
			tm.shows("SATISFIED")
			o := walkOptions()
			k := newKeyMap(&o, pageKinds())
			for page := range pageKinds() {
				for _, name := range everyKey(&k) {
					// A popup that the key opened takes the first esc, a range the second.
					tm.typed(num(int64(page+1)) + bytesOf(t, name))
					tm.typed("\x1b[27u\x1b[27u")
				}
			}
			tm.leaves()
			if code := tm.ends(); code != exitOK {
				t.Errorf("exit code %d, want %d", code, exitOK)
			}
			tm.inOrder()
			checkOutput(t, tm.output(), s)
		})
	}
}

// checkOutput checks that the cursor was never sent outside of the screen, and that
// the clipboard got Markdown and nothing else.
func checkOutput(t *testing.T, out string, s screen) {
	t.Helper()
	if strings.Contains(out, "panic") {
		t.Errorf("a panic in the output")
	}
	moves := regexp.MustCompile(`\x1b\[(\d+);(\d+)H`).FindAllStringSubmatch(out, -1)
	if len(moves) == 0 {
		t.Error("the cursor was never moved")
	}
	for _, at := range moves {
		var y, x int
		_, _ = fmt.Sscan(at[1], &y)
		_, _ = fmt.Sscan(at[2], &x)
		if y < 1 || x < 1 || y > max(s.h, 30) || x > max(s.w, 100) {
			t.Fatalf("the cursor is sent to row %d, column %d of %dx%d", y, x, s.w, s.h)
		}
	}
	copied := regexp.MustCompile(`\x1b\]52;c;([A-Za-z0-9+/=]*)\x07`).FindStringSubmatch(out)
	if copied == nil {
		t.Fatal("nothing was copied")
	}
	text, err := base64.StdEncoding.DecodeString(copied[1])
	if err != nil || !strings.HasPrefix(string(text), "**") || strings.ContainsAny(string(text), "\x1b\a") {
		t.Errorf("copied %q: %v", text, err)
	}
}

// TestEveryRegion clicks, pulls and turns the wheel on every part of every page that
// stands for something: nothing panics, and the screen stays whole.
func TestEveryRegion(t *testing.T) {
	for _, s := range []screen{{80, 24}, {120, 40}, {200, 60}} {
		m := start(sceneOf(t, "failover"), walkOptions(), s.w, s.h)
		for page := range pageKinds() {
			m.flash = "" // what was said stands in the place of the keys
			press(t, m, num(int64(page+1)))
			type place struct{ x, y int }
			var places []place
			m.grid.Marked(func(a grid.Area, _ any) {
				x, y := a.Corner()
				places = append(places, place{x, y}, place{x + a.Width() - 1, y + a.Height() - 1})
			})
			if len(places) == 0 {
				t.Errorf("page %d has nothing to click", page+1)
			}
			for _, at := range places {
				for _, button := range []tea.MouseButton{tea.MouseLeft, tea.MouseWheelUp, tea.MouseWheelDown} {
					var msg tea.Msg = tea.MouseWheelMsg{X: at.x, Y: at.y, Button: button}
					if button == tea.MouseLeft {
						msg = tea.MouseClickMsg{X: at.x, Y: at.y, Button: button}
					}
					_, cmd := m.Update(msg)
					if !isQuit(cmd) {
						settle(m, cmd)
					}
					m.Update(tea.MouseMotionMsg{X: at.x + 3, Y: at.y + 1, Button: button})
					m.Update(tea.MouseReleaseMsg{X: at.x + 3, Y: at.y + 1, Button: button})
					checkSize(t, m, s.w, s.h)
					press(t, m, "esc", "esc", num(int64(page+1)))
				}
			}
		}
	}
}

// TestEveryPopupByMouse clicks and turns the wheel all over each popup, on each page:
// nothing panics, and the screen stays whole.
func TestEveryPopupByMouse(t *testing.T) {
	const w, h = 100, 30
	m := start(sceneOf(t, "failover"), walkOptions(), w, h)
	plain := map[string]bool{}
	for page := range pageKinds() {
		m.flash = ""
		press(t, m, num(int64(page+1)))
		closed := written(m)
		for _, keys := range []string{":", "?", "g", "m", "/", "c", "t", "d", "P enter", "r"} {
			press(t, m, strings.Fields(keys)...)
			plain[keys] = plain[keys] || written(m) != closed
			for at := range w * h {
				x, y := at%w, at/w
				if x%9 != 0 || y%4 != 0 {
					continue
				}
				for _, msg := range []tea.Msg{tea.MouseWheelMsg{X: x, Y: y, Button: tea.MouseWheelDown}, tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseLeft}, tea.MouseReleaseMsg{X: x, Y: y, Button: tea.MouseLeft}} {
					if _, cmd := m.Update(msg); !isQuit(cmd) {
						settle(m, cmd)
					}
				}
				checkSize(t, m, w, h)
			}
			press(t, m, "esc", "esc", "esc", num(int64(page+1)))
		}
	}
	for keys, opened := range plain {
		if !opened {
			t.Errorf("%q opens nothing", keys)
		}
	}
}

// TestPtyHands does through a real terminal what hands do, and sees what becomes of it:
// popups that are typed into, the wheel, a range that is pulled, tabs that are clicked.
func TestPtyHands(t *testing.T) {
	tm := spawn(t, "walk", true)
	tm.resize(120, 40)
	tm.shows("SATISFIED")
	mouse := func(button, x, y int, end string) { tm.typed(fmt.Sprintf("\x1b[<%d;%d;%d%s", button, x+1, y+1, end)) }
	place := func(text string) (x, y int) {
		tm.shows(text)
		for y, row := range strings.Split(tm.text(), "\n") {
			if before, _, ok := strings.Cut(row, text); ok {
				return grid.Width(before), y
			}
		}
		t.Fatalf("%q is gone", text)
		return 0, 0
	}
	const esc = "\x1b[27u"
	for _, step := range []struct{ keys, shows string }{
		{":targets\r", "failing first"},
		{"1g-5m\r", "5 min"},
		{"l", "LIVE"},
		{"g25:99\r", "go to"},
		{esc + "P\r", "any other key closes"},
		{esc + esc + "?", "any key closes"},
		{esc + "c", "All is well."},
		{esc + "1t", "in one hop"},
		{esc + "mhello", "hello"},
		{"\r/dn", "filter"},
		{"s\r", "dns"},
		{esc + "1", "TIMELINE"},
		{":nord\r", "TIMELINE"},
	} {
		tm.typed(step.keys)
		tm.shows(step.shows)
	}
	for page, kind := range pageKinds() {
		x, y := place(num(int64(page+1)) + " " + kind.title)
		mouse(0, x+2, y, "M")
		mouse(0, x+2, y, "m")
		tm.until("page "+kind.title, func() bool {
			return strings.Contains(tm.output(), "flapscope "+strings.ToLower(kind.title)) || page == 0
		})
	}
	tm.typed(esc + "1l")
	tm.shows("TIMELINE") // other pages have an axis, too
	x, y := place("┬")
	mouse(65, x, y, "M")
	mouse(0, x, y+2, "M")
	mouse(32, x+9, y+3, "M")
	mouse(0, x+9, y+3, "m")
	tm.shows("z zoom")
	tm.typed("z")
	tm.typed(esc + esc)
	tm.until("the program ends", func() bool {
		tm.typed("q")
		return len(tm.exited) > 0
	})
	if code := tm.ends(); code != exitOK {
		t.Errorf("exit code %d, want %d", code, exitOK)
	}
	tm.inOrder()
}
