package ui

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"flapscope/history/timeline"
	"flapscope/monitor/fact"
	"flapscope/themes"
	"flapscope/ui/grid"
)

// place says where a page is, in words that a failure can print.
func place(p *scope) string {
	var b strings.Builder
	switch {
	case p.opts.Replay:
		b.WriteString("replay ")
	case p.view.live:
		b.WriteString("live ")
	default:
		b.WriteString("past ")
	}
	b.WriteString(p.tl.Clock(p.view.at(p.now)).Format("15:04:05"))
	if p.selected.on {
		b.WriteString(" selected:" + p.selected.item.Kind)
	}
	if i := p.selected.incident; i != nil {
		b.WriteString(" selected:" + string(i.Root.What))
	}
	if p.playing {
		b.WriteString(" playing")
	}
	return b.String()
}

func TestKeysMove(t *testing.T) {
	for _, c := range []struct {
		name, keys, want string
	}{
		{"start", "", "live 14:32:07"},
		{"left-is-a-column", "left", "past 14:31:53"},
		{"right-at-the-end", "left right", "live 14:32:07"},
		{"right-when-live", "right", "live 14:32:07"},
		{"page", "pgup", "past 14:17:07"},
		{"shift-page", "shift+left shift+left", "past 14:02:07"},
		{"page-back-to-live", "pgup pgdown", "live 14:32:07"},
		{"home", "home", "past 14:00:07"},
		{"home-is-the-end-of-left", "home left", "past 14:00:07"},
		{"end", "home end", "live 14:32:07"},
		{"l", "pgup l", "live 14:32:07"},
		{"pause", "space", "past 14:32:07"},
		{"thaw", "space space", "live 14:32:07"},
		{"down-selects-the-newest", "down", "past 14:28:47 selected:resolver_failed"},
		{"down-twice", "down down", "past 14:21:29 selected:deauthenticated"},
		{"down-at-the-end", "down down down down", "past 14:20:41 selected:loss"},
		{"up-again", "down down up", "past 14:28:47 selected:resolver_failed"},
		{"events-down", "e down", "past 14:29:02 selected:incident"},
		{"events-down-twice", "e down down", "past 14:29:02 selected:dns"},
		{"events-up-again", "e down down up", "past 14:29:02 selected:incident"},
		{"events-up-to-live", "e down up", "live 14:32:07"},
		{"incidents-again-deselects", "e down e", "past 14:29:02"},
		{"up-to-live", "down up", "live 14:32:07"},
		{"previous", "b b b", "past 14:28:57 selected:dns"},
		{"next", "b b b n", "past 14:29:02 selected:dns"},
		{"next-to-live", "b n", "live 14:32:07"},
		{"previous-trouble", "P P", "past 14:21:29 selected:deauthenticated"},
		{"next-trouble", "P P N", "past 14:28:47 selected:resolver_failed"},
		{"next-trouble-to-live", "P N", "live 14:32:07"},
		{"trouble-among-events", "e P P", "past 14:21:29 selected:deauthenticated"},
		{"moving-deselects", "P left", "past 14:28:33"},
		{"vi-keys", "j j k", "past 14:28:47 selected:resolver_failed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := startScope(sceneOf(t, "failover"), Options{Width: 15 * time.Minute}, 80, 24)
			tap(t, p, strings.Fields(c.keys)...)
			if got := place(p.scope); got != c.want {
				t.Errorf("after %q: %s, want %s", c.keys, got, c.want)
			}
		})
	}
}

// stagedScope returns the page of the path in replay.
func stagedScope(t *testing.T, o Options) pathPage {
	feed := stagedFeed(t, "replay", &o)
	return startScope(feed, o, 80, 24)
}

func TestKeysReplay(t *testing.T) {
	for _, c := range []struct {
		name, keys, want string
	}{
		{"start", "", "replay 14:21:12"},
		{"end", "end", "replay 14:32:06"},
		{"play", "space", "replay 14:21:12 playing"},
		{"stop", "space space", "replay 14:21:12"},
		{"play-again-from-the-end", "end space", "replay 14:00:07 playing"},
		{"event-stops", "space n", "replay 14:21:13 selected:ping"},
		{"right-at-the-end", "end right", "replay 14:32:06"},
		{"no-mark", "m", "replay 14:21:12"},
		{"no-save", "s", "replay 14:21:12"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := stagedScope(t, Options{})
			tap(t, p, strings.Fields(c.keys)...)
			if got := place(p.scope); got != c.want {
				t.Errorf("after %q: %s, want %s", c.keys, got, c.want)
			}
		})
	}
}

func TestKeysPopups(t *testing.T) {
	for _, c := range []struct {
		name, keys string
		popups     int
	}{
		{"help", "?", 1},
		{"help-closes", "? x", 0},
		{"help-takes-quit", "? q", 0},
		{"detail", "enter", 1},
		{"detail-steps", "enter down down", 1},
		{"detail-closes", "enter esc", 0},
		{"panes-scroll", "d down up", 1},
		{"panes-close", "d d", 0},
		{"note-takes-every-letter", "m q ? d", 1},
		{"note-leaves", "m esc", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := Options{Mark: func(time.Duration, string) error { return nil }}
			m := start(sceneOf(t, "failover"), o, 80, 24)
			press(t, m, strings.Fields(c.keys)...)
			if got := len(m.popups); got != c.popups {
				t.Errorf("after %q: %d popups, want %d", c.keys, got, c.popups)
			}
		})
	}
}

// isQuit reports whether a command ends the program.
func isQuit(cmd tea.Cmd) bool {
	if cmd == nil {
		return false
	}
	_, ok := cmd().(tea.QuitMsg)
	return ok
}

func TestQuit(t *testing.T) {
	for _, keys := range [][]string{{"q"}, {"ctrl+c"}, {"?", "ctrl+c"}, {"m", "ctrl+c"}} {
		o := Options{Mark: func(time.Duration, string) error { return nil }}
		m := start(sceneOf(t, "good"), o, 80, 24)
		press(t, m, keys[:len(keys)-1]...)
		if _, cmd := m.Update(keyMsg(t, keys[len(keys)-1])); !isQuit(cmd) {
			t.Errorf("%v does not quit", keys)
		}
	}
}

func TestSuspendKey(t *testing.T) {
	m := start(sceneOf(t, "good"), Options{}, 80, 24)
	asked := false
	m.suspend = func() tea.Msg { asked = true; return nil }
	press(t, m, "?", "ctrl+z")
	if !asked {
		t.Error("ctrl+z does not suspend while a popup is open")
	}
}

func TestMark(t *testing.T) {
	var at time.Duration
	var note string
	feed := sceneOf(t, "good")
	m := start(feed, Options{Mark: func(a time.Duration, n string) error { at, note = a, n; return nil }}, 80, 24)
	press(t, m, "m", "i", "t", "space", "x", "backspace", "i", "s", "enter")
	if at != feed.End || note != "it is" {
		t.Errorf("marked %v %q, want %v %q", at, note, feed.End, "it is")
	}
	if m.flash != "marked" {
		t.Errorf("the key bar says %q", m.flash)
	}
	m = start(feed, Options{Mark: func(time.Duration, string) error { return errors.New("disk full") }}, 80, 24)
	press(t, m, "m", "enter")
	if m.flash != "not marked: disk full" {
		t.Errorf("the key bar says %q", m.flash)
	}
}

func TestNoteIsBounded(t *testing.T) {
	n := notePopup{}
	for range 3 * maxInput {
		n.update(tea.KeyPressMsg{Code: 'x', Text: "咖"})
	}
	if got := len([]rune(n.text)); got != maxInput {
		t.Errorf("a note of %d characters, want at most %d", got, maxInput)
	}
}

func TestSave(t *testing.T) {
	m := start(sceneOf(t, "good"), Options{Save: func(timeline.Span) (string, error) { return "/tmp/x.flap.gz", nil }}, 80, 24)
	press(t, m, "s")
	if m.flash != "saved /tmp/x.flap.gz" {
		t.Errorf("the key bar says %q", m.flash)
	}
	old := flashDoneMsg{m.flashGeneration - 1}
	m.Update(old)
	if m.flash == "" {
		t.Error("the end of an older flash ended this one")
	}
	m.Update(flashDoneMsg{m.flashGeneration})
	if m.flash != "" {
		t.Error("the flash does not end")
	}
}

// What is wrong is found out apart from the screen, and shown over it.
func TestCheck(t *testing.T) {
	said := []string{" ● ONLINE   All is well.", "", "  link  ✓ up"}
	for range 60 {
		said = append(said, "a line")
	}
	o := Options{Check: func(int) ([]string, error) { return said, nil }}
	m := start(sceneOf(t, "good"), o, 80, 24)
	press(t, m, "c")
	if len(m.popups) != 1 || !screenHas(m, "All is well.") || m.flash != "" {
		t.Fatalf("%d popups, and the key bar says %q", len(m.popups), m.flash)
	}
	for range 3 {
		press(t, m, "pgdown")
	}
	if screenHas(m, "All is well.") {
		t.Error("pgdown does not go on")
	}
	if press(t, m, "c"); len(m.popups) != 0 {
		t.Error("a key does not close it")
	}
	m.opts.Check = func(int) ([]string, error) { return nil, errors.New("no way") }
	if press(t, m, "c"); m.flash != "not checked: no way" {
		t.Errorf("the key bar says %q", m.flash)
	}
}

func TestSpeed(t *testing.T) {
	p := stagedScope(t, Options{})
	for range 20 {
		tap(t, p, "]")
	}
	if p.speed != 1000 {
		t.Errorf("the fastest is %v, want 1000", p.speed)
	}
	for range 40 {
		tap(t, p, "[")
	}
	if p.speed != 0.25 {
		t.Errorf("the slowest is %v, want 0.25", p.speed)
	}
}

func TestPlay(t *testing.T) {
	p := stagedScope(t, Options{Speed: 10})
	at := p.view.cursor
	zero := time.Unix(1000, 0)
	p.update(tickMsg{zero})
	tap(t, p, "space")
	p.update(tickMsg{zero.Add(500 * time.Millisecond)})
	if got := p.view.cursor - at; got != 5*time.Second {
		t.Errorf("half a second at 10x moved %v, want 5s", got)
	}
	p.update(tickMsg{zero.Add(time.Hour)}) // the machine slept
	if got := p.view.cursor - at; got != 15*time.Second {
		t.Errorf("an hour without ticks moved %v, want 10s more", got-5*time.Second)
	}
	p.speed = 1000
	p.update(tickMsg{zero.Add(time.Hour + time.Second)})
	if p.playing || p.view.cursor != p.tl.Bounds().To {
		t.Error("playing does not stop at the end")
	}
}

func TestFocusTargets(t *testing.T) {
	p := startScope(sceneOf(t, "failover"), Options{}, 120, 40)
	tap(t, p, "tab", "down", "down")
	if p.target != "ping:1.1.1.1" {
		t.Errorf("selected target %q, want ping:1.1.1.1", p.target)
	}
	tap(t, p, "down", "down", "down", "up", "down")
	f := p.frame()
	if f.charted[0].Name != "connectivity check" {
		t.Errorf("the chart is led by %q, want the selected target", f.charted[0].Name)
	}
	tap(t, p, "tab")
	if p.target != "" || p.focus != focusList {
		t.Error("a second tab does not return to the events")
	}
}

func TestHidden(t *testing.T) {
	p := startScope(sceneOf(t, "failover"), Options{}, 120, 40)
	if n := len(p.frame().lanes); n != 3 {
		t.Errorf("%d lanes, want 3", n)
	}
	tap(t, p, "i")
	if n := len(p.frame().lanes); n != 4 {
		t.Errorf("%d lanes with the hidden ones, want 4", n)
	}
}

func TestThemeKey(t *testing.T) {
	m := start(sceneOf(t, "good"), Options{}, 80, 24)
	press(t, m, "T")
	if got := m.theme.name(); got != "light" {
		t.Errorf("after T the theme is %q, want light", got)
	}
	m.Update(tea.BackgroundColorMsg{}) // a dark terminal answers late
	if got := m.theme.name(); got != "light" {
		t.Errorf("the terminal's answer changes the user's theme to %q", got)
	}
}

// TestSameInstant steps through items of one instant one by one.
func TestSameInstant(t *testing.T) {
	feed := sceneOf(t, "flapping")
	p := startScope(feed, Options{}, 80, 24)
	tap(t, p, "e")
	all := feed.View().Items(timeline.Span{From: 0, To: feed.End + 1}, 1000)
	for !isFold(p.selected.item) {
		tap(t, p, "down")
	}
	tap(t, p, "enter", "end")
	step := func(key string) {
		tap(t, p, key)
		if isFold(p.selected.item) {
			tap(t, p, key)
		}
	}
	for _, want := range all {
		step("down")
		if got := p.selected.item.Seq; got != want.Seq {
			t.Fatalf("down selects item %d, want %d", got, want.Seq)
		}
	}
	for i := len(all) - 2; i >= 0; i-- {
		step("up")
		if got := p.selected.item.Seq; got != all[i].Seq {
			t.Fatalf("up selects item %d, want %d", got, all[i].Seq)
		}
	}
}

// TestHelpNamesEveryKey checks that no key is missing from the help, and that
// every name in the help is that of a key.
func TestHelpNamesEveryKey(t *testing.T) {
	o := Options{
		Replay: true, Mark: func(time.Duration, string) error { return nil }, Save: func(timeline.Span) (string, error) { return "", nil },
		Check: func(int) ([]string, error) { return nil, nil }, Probe: func() {},
		Trace:  func(*fact.Target, int) ([]string, error) { return nil, nil },
		Report: func(timeline.Span) ([]string, error) { return nil, nil },
		Beside: &Beside{},
	}
	k := newKeyMap(&o, make([]pageKind, 2))
	n := 0
	used := map[string]string{}
	for _, g := range k.full() {
		for _, b := range g.keys {
			n++
			for _, name := range b.Keys() {
				if other, ok := used[name]; ok {
					t.Errorf("%q is both %q and %q", name, other, b.Help().Desc)
				}
				used[name] = b.Help().Desc
			}
			if b.Help().Desc == "" || !b.Enabled() {
				t.Errorf("%+v has no help or is off", b.Help())
			}
		}
	}
	if want := reflect.TypeFor[keyMap]().NumField(); n != want {
		t.Errorf("the help has %d keys, the key map %d", n, want)
	}
}

// A blankPage shows nothing but its name.
type blankPage struct{ w, h, refreshed int }

func (*blankPage) pace() pace { return paceCalm }

func (b *blankPage) refresh(Feed) bool { b.refreshed++; return false }

func (b *blankPage) update(msg tea.Msg) tea.Cmd {
	if size, ok := msg.(tea.WindowSizeMsg); ok {
		b.w, b.h = size.Width, size.Height
	}
	return nil
}

func (*blankPage) draw(a grid.Area, bar barView) { a.Text(0, 0, "a blank page", bar.Text) }

// TestPages turns to another page and back.
func TestPages(t *testing.T) {
	blank := &blankPage{}
	kinds := append(pageKinds()[:1], pageKind{"blank", func(*scope) page { return blank }})
	m := newModel(sceneOf(t, "good"), Options{Location: time.UTC}, kinds...)
	m.after = func(time.Duration, func(time.Time) tea.Msg) tea.Cmd { return nil }
	m.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
	expect(t, m, "1-2 page")
	if blank.refreshed > 0 {
		t.Error("a page that is not shown looks at the feed")
	}
	press(t, m, "2")
	expect(t, m, "a blank page")
	if got := m.title(); got != "flapscope blank" {
		t.Errorf("the window's title is %q", got)
	}
	if blank.refreshed != 1 || blank.w != 80 || blank.h != 24 {
		t.Errorf("the page was refreshed %d times and has %dx%d, want once and 80x24", blank.refreshed, blank.w, blank.h)
	}
	press(t, m, "1")
	expect(t, m, "SATISFIED")
}

// TestDrawingChangesNothing asks for the picture again, and at other sizes.
func TestDrawingChangesNothing(t *testing.T) {
	for _, keys := range []string{"", "pgup left", "tab down", "P"} {
		p := startScope(sceneOf(t, "failover"), Options{}, 80, 24)
		tap(t, p, strings.Fields(keys)...)
		before := *p.scope
		for _, s := range sizes() {
			p.draw(grid.New(s.w, s.h, themes.Unicode).Area(), barView{look: p.frame().look, keys: p.keys})
		}
		after := *p.scope
		after.drawn, before.drawn = drawnLatency{}, drawnLatency{} // TestDrawnLatency
		if !reflect.DeepEqual(after, before) {
			t.Errorf("after %q drawing changed the page", keys)
		}
	}
}

// All targets are asked, and the way to one is shown: to the selected one, else to
// the first that fails.
func TestProbeAndTrace(t *testing.T) {
	asked := 0
	var traced []string
	o := Options{Probe: func() { asked++ }, Trace: func(to *fact.Target, width int) ([]string, error) {
		traced = append(traced, to.ID)
		return []string{" × NOT REACHED  The way ends.", "", "  1  192.0.2.1"}, nil
	}}
	m := start(sceneOf(t, "dns"), o, 120, 40)
	press(t, m, "p")
	if asked != 1 || m.flash != "asking all targets" {
		t.Errorf("asked %d times, and the key bar says %q", asked, m.flash)
	}
	press(t, m, "t")
	expect(t, m, "The way ends.")
	expect(t, m, "Trace of ")
	press(t, m, "x", "tab", "down", "down", "t")
	f := m.scope.frame()
	failing := ""
	for _, r := range f.targets {
		if r.state == targetFails && failing == "" {
			failing = r.ID
		}
	}
	if want := []string{failing, m.scope.target}; failing == "" || !slices.Equal(traced, want) {
		t.Errorf("traced %v, want %v", traced, want)
	}
	m.opts.Trace = func(*fact.Target, int) ([]string, error) { return nil, errors.New("no \x1b[31mway") }
	if press(t, m, "x", "t"); m.flash != `not traced: no \x1b[31mway` {
		t.Errorf("the key bar says %q", m.flash)
	}
	m = start(nothing{}, o, 80, 24)
	if press(t, m, "t"); m.flash != "no target to trace" {
		t.Errorf("the key bar says %q", m.flash)
	}
}

// What is copied is the selected incident, or the newest at the cursor.
func TestCopyKey(t *testing.T) {
	m := start(sceneOf(t, "failover"), Options{}, 120, 40)
	for keys, want := range map[string]string{
		"y": "resolver", "P y": "resolver", "P P y": "wlan0 was deauthenticated", "home y": "no incident to copy",
	} {
		press(t, m, "end")
		press(t, m, strings.Fields(keys)...)
		if !strings.Contains(m.flash, want) {
			t.Errorf("after %q the key bar says %q, want %q in it", keys, m.flash, want)
		}
	}
}
