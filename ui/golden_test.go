package ui

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/google/go-cmp/cmp"

	"flapscope/internal/scene"
	"flapscope/themes"
	"flapscope/ui/grid"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// A stage lets a scene stand still at its end.
type stage struct{ *scene.Scene }

// Timeline implements Feed.
func (s stage) Timeline() Timeline { return s.View() }

// sceneOf returns the feed of a scene.
func sceneOf(t testing.TB, name string) stage {
	t.Helper()
	s := scene.New(name)
	if s == nil {
		t.Fatalf("no scene %q", name)
	}
	return stage{s}
}

// start returns a model that shows a feed on a screen of w by h. Nothing in it
// waits: what would happen later does not.
func start(feed Feed, o Options, w, h int) *model {
	o.Location = time.UTC
	m := newModel(feed, o, pageKinds()...)
	m.after = func(time.Duration, func(time.Time) tea.Msg) tea.Cmd { return nil }
	m.Update(tea.WindowSizeMsg{Width: w, Height: h})
	return m
}

// press sends keys and runs the commands that they cause.
func press(t testing.TB, m *model, keys ...string) {
	t.Helper()
	for _, k := range keys {
		_, cmd := m.Update(keyMsg(t, k))
		settle(m, cmd)
	}
}

// settle runs a command and what follows from it.
func settle(m *model, cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	switch msg := cmd().(type) {
	case tea.BatchMsg:
		for _, c := range msg {
			settle(m, c)
		}
	case tea.QuitMsg:
	default:
		_, cmd = m.Update(msg)
		settle(m, cmd)
	}
}

// startScope returns the page of the path alone, on a screen of w by h.
func startScope(feed Feed, o Options, w, h int) pathPage {
	o.Location = time.UTC
	k, st := newKeyMap(&o, pageKinds()), themes.BuiltIn()[0].Styles(themes.Full, false)
	p := pathPage{newScope(&o, &k, &st)}
	p.refresh(feed)
	p.update(tea.WindowSizeMsg{Width: w, Height: h})
	return p
}

// tap sends keys to a page.
func tap(t testing.TB, p page, keys ...string) {
	t.Helper()
	for _, k := range keys {
		p.update(keyMsg(t, k))
	}
}

// keyMsg returns the message of a key by its name.
func keyMsg(t testing.TB, name string) tea.KeyPressMsg {
	t.Helper()
	named := map[string]rune{
		"left": tea.KeyLeft, "right": tea.KeyRight, "up": tea.KeyUp, "down": tea.KeyDown, "pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown,
		"home": tea.KeyHome, "end": tea.KeyEnd, "enter": tea.KeyEnter, "esc": tea.KeyEscape, "tab": tea.KeyTab, "backspace": tea.KeyBackspace,
	}
	msg := tea.KeyPressMsg{}
	rest, ctrl := strings.CutPrefix(name, "ctrl+")
	rest, shift := strings.CutPrefix(rest, "shift+")
	switch code, ok := named[rest]; {
	case ok:
		msg.Code = code
	case rest == "space":
		msg.Code, msg.Text = tea.KeySpace, " "
	default:
		msg.Code = []rune(rest)[0]
		if !ctrl {
			msg.Text = rest
		}
	}
	if ctrl {
		msg.Mod |= tea.ModCtrl
	}
	if shift {
		msg.Mod |= tea.ModShift
	}
	if got := msg.String(); got != name {
		t.Fatalf("key %q reads as %q", name, got)
	}
	return msg
}

// written returns the screen of a model as text.
func written(m *model) string {
	var b strings.Builder
	for _, row := range m.grid.Plain() {
		b.WriteString(strings.TrimRight(row, " ") + "\n")
	}
	return b.String()
}

// dump writes the screen of a model as text, and below it the styles of each
// row as runs of letters with a legend.
func dump(m *model) string {
	var b strings.Builder
	b.WriteString(written(m))
	letters := map[themes.Style]string{}
	var legend []string
	for y := range m.h {
		b.WriteString("|")
		styles := m.grid.Styles(y)
		for x := 0; x < len(styles); {
			end := x
			for end < len(styles) && styles[end] == styles[x] {
				end++
			}
			letter, ok := letters[styles[x]]
			if !ok {
				letter = letterOf(len(letters))
				letters[styles[x]] = letter
				legend = append(legend, letter+" "+describe(styles[x]))
			}
			b.WriteString(strconv.Itoa(end-x) + letter)
			x = end
		}
		b.WriteString("\n")
	}
	return b.String() + strings.Join(legend, "\n") + "\n"
}

// letterOf returns a name for the n-th style.
func letterOf(n int) string {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	if n < len(letters) {
		return letters[n : n+1]
	}
	return letters[n/len(letters)-1:n/len(letters)] + "'" + letters[n%len(letters):n%len(letters)+1]
}

func describe(st themes.Style) string {
	return strings.NewReplacer("\x1b[0;", "", "\x1b[0m", "own", "m", "").Replace(string(st.AppendSGR(nil)))
}

// golden compares got with a file in testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; run the test with -update", err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s differs (-want +got); if this is intended, run with -update:\n%s", path, diff)
	}
}

// A screen is a size of the screen that was designed.
type screen struct{ w, h int }

func sizes() []screen { return []screen{{60, 16}, {80, 24}, {120, 40}, {200, 60}} }

// playhead is where the replay of the failover scene stands: in the degraded
// stretch, a moment before the outage.
const playhead = 10*time.Minute + 55*time.Second

// staged returns a model for a golden: a scene live, or "replay".
func staged(t testing.TB, name string, o Options, w, h int) *model {
	feed := stagedFeed(t, name, &o)
	return start(feed, o, w, h)
}

// stagedFeed returns the feed of a golden and completes its options.
func stagedFeed(t testing.TB, name string, o *Options) Feed {
	if name == "replay" {
		feed := sceneOf(t, "failover")
		o.Replay, o.From, o.Width = true, feed.End-playhead, 15*time.Minute
		o.Recording = func() Recording { return Recording{File: "example.flap.gz", Length: feed.End - feed.Start, Size: 21e6} }
		return feed
	}
	if name == "reading" {
		feed := &swapping{stage: sceneOf(t, "failover")}
		feed.tl = feed.Sums()
		o.Replay, o.Width = true, 15*time.Minute
		o.Recording = func() Recording {
			return Recording{File: "example.flap.gz", Length: feed.End - feed.Start, Size: 21e6, Reading: true, Progress: 0.34}
		}
		return feed
	}
	return sceneOf(t, name)
}

// A picture is a golden of the page: a story at a size.
type picture struct {
	story string
	screen
	// look is "text" for what is written only, "dark" or "mono" for the styles
	// too.
	look string
}

// pictures are few, so that a change of them is read. Every story is written
// once at 80x24, where room is dearest. Those that differ in their colours are
// there at 120x40 too, with the panes and the styles. The smallest screen shows
// what gives way in trouble, the largest what there is more of; without colours
// one screen full of everything is enough, since the drawing is the same.
func pictures() []picture {
	small, large := screen{80, 24}, screen{120, 40}
	var out []picture
	for _, name := range append(scene.Names(), "replay", "reading") {
		out = append(out, picture{name, small, "text"})
	}
	for _, name := range []string{"failover", "outage", "silent", "dns", "portal", "flapping", "replay"} {
		out = append(out, picture{name, large, "dark"})
	}
	return append(out,
		picture{"failover", screen{60, 16}, "text"}, picture{"silent", screen{60, 16}, "text"}, picture{"hostile", screen{60, 16}, "text"},
		picture{"failover", screen{200, 60}, "text"}, picture{"failover", large, "mono"})
}

func TestPage(t *testing.T) {
	for _, p := range pictures() {
		file := fmt.Sprintf("%s-%dx%d", p.story, p.w, p.h)
		if p.look == "mono" {
			file += "-mono"
		}
		t.Run(file, func(t *testing.T) {
			m := staged(t, p.story, Options{NoColor: p.look == "mono"}, p.w, p.h)
			if p.look == "text" {
				golden(t, file, written(m))
				return
			}
			golden(t, file, dump(m))
		})
	}
}

// TestOtherPages draws the pages but the first, in trouble: small ones as they
// are written, large ones with their styles.
func TestOtherPages(t *testing.T) {
	for _, c := range []struct{ story, name, keys string }{
		{"failover", "incidents", "2 down down"},
		{"failover", "interfaces", "3"},
		{"dns", "targets", "4 down"},
		{"wifi", "wifi", "5"},
		{"wifi", "wifi-past", "5 P P"},
		{"good", "wifi-none", "5"},
		{"dns", "dns", "6 down"},
		{"failover", "dns-past", "6 P"},
		{"noprobes", "dns-none", "6"},
		{"failover", "events", "7 down down"},
		{"failover", "filter", "/ d n s enter"},
		{"replay", "quality", "8"},
	} {
		for _, s := range []screen{{80, 24}, {120, 40}} {
			file := fmt.Sprintf("page-%s-%dx%d", c.name, s.w, s.h)
			t.Run(file, func(t *testing.T) {
				m := staged(t, c.story, Options{}, s.w, s.h)
				press(t, m, strings.Fields(c.keys)...)
				if s.w < 100 {
					golden(t, file, written(m))
					return
				}
				golden(t, file, dump(m))
			})
		}
	}
}

// TestEveryPageEverywhere draws each page of each story at each size.
func TestEveryPageEverywhere(t *testing.T) {
	for _, story := range append(scene.Names(), "replay", "reading") {
		m := staged(t, story, Options{}, 80, 24)
		for _, s := range sizes() {
			m.Update(tea.WindowSizeMsg{Width: s.w, Height: s.h})
			for i := range pageKinds() {
				press(t, m, num(int64(i+1)), "down")
				if s.w < minWidth || s.h < minHeight {
					continue
				}
				if rows := m.grid.Plain(); !strings.Contains(rows[s.h-1], "q quit") || strings.TrimSpace(rows[0]) == "" {
					t.Errorf("%s, page %d at %dx%d has no headline, or no keys", story, i+1, s.w, s.h)
				}
			}
		}
	}
}

func TestPopups(t *testing.T) {
	for _, c := range []struct {
		name string
		keys []string
	}{
		{"help", []string{"?"}},
		{"ladder", []string{"P", "P", "enter"}},
		{"detail", []string{"e", "b", "b", "b", "enter"}},
		{"note", []string{"m", "i", "t", "space", "b", "r", "o", "k", "e"}},
		{"details", []string{"d", "down", "down"}},
	} {
		file := "popup-" + c.name + "-80x24"
		t.Run(file, func(t *testing.T) {
			o := Options{Mark: func(time.Duration, string) error { return nil }}
			m := staged(t, "failover", o, 80, 24)
			press(t, m, c.keys...)
			golden(t, file, dump(m))
		})
	}
}

func TestFoldedScreens(t *testing.T) {
	for _, g := range []themes.Glyphs{themes.CP437, themes.ASCII} {
		t.Run(g.String(), func(t *testing.T) {
			for _, name := range scene.Names() {
				m := staged(t, name, Options{Glyphs: g}, 120, 40)
				for y, row := range strings.Split(onScreen(m), "\n") {
					for _, r := range row {
						if g.Fold(r) != r && r != '\x1b' {
							t.Fatalf("%s, row %d: %q is not in the set", name, y, r)
						}
					}
				}
				if name == "failover" {
					golden(t, "failover-"+g.String(), written(m))
				}
			}
		})
	}
}

// TestEverySize checks that nothing ever leaves the screen and no size panics.
func TestEverySize(t *testing.T) {
	heights := func(w int) []int {
		if w%20 == 0 || w == 61 || w == 99 || w == 101 {
			all := make([]int, 0, 60)
			for h := 0; h <= 60; h++ {
				all = append(all, h)
			}
			return all
		}
		return []int{1, 15, 16, 24, 31, 32, 60}
	}
	for _, name := range []string{"failover", "hostile", "empty", "replay", "reading"} {
		t.Run(name, func(t *testing.T) {
			m := staged(t, name, Options{Mark: func(time.Duration, string) error { return nil }}, 80, 24)
			for w := range 201 {
				for _, h := range heights(w) {
					m.Update(tea.WindowSizeMsg{Width: w, Height: h})
					checkSize(t, m, w, h)
				}
			}
		})
	}
}

// TestEveryPopupSize does the same with a popup open.
func TestEveryPopupSize(t *testing.T) {
	for _, keys := range [][]string{{"?"}, {"e", "n", "enter"}, {"m", "咖"}, {"d"}} {
		t.Run(keys[0], func(t *testing.T) {
			m := staged(t, "hostile", Options{Mark: func(time.Duration, string) error { return nil }}, 80, 24)
			press(t, m, keys...)
			for w := 1; w <= 200; w += 7 {
				for h := 1; h <= 60; h += 5 {
					m.Update(tea.WindowSizeMsg{Width: w, Height: h})
					checkSize(t, m, w, h)
				}
			}
		})
	}
}

func checkSize(t *testing.T, m *model, w, h int) {
	t.Helper()
	content := onScreen(m)
	if w == 0 || h == 0 {
		if content != "" {
			t.Fatalf("%dx%d: %q, want nothing", w, h, content)
		}
		return
	}
	rows := strings.Split(content, "\n")
	if len(rows) != h {
		t.Fatalf("%dx%d: %d rows", w, h, len(rows))
	}
	for y, row := range m.grid.Plain() {
		if got := grid.Width(row); got != w {
			t.Fatalf("%dx%d: row %d is %d wide: %q", w, h, y, got, row)
		}
	}
}
