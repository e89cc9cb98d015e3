package ui

import (
	"strings"
	"testing"
	"time"

	"flapscope/ui/grid"
)

// The scene begins at 14:00:07 and ends at 14:32:07.
func TestGoto(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"14:23", "past 14:23:00"},
		{" 14:23:05 ", "past 14:23:05"},
		{"14:00:07", "past 14:00:07"},
		{"-10m", "past 14:22:07"},
		{"-1m30s", "past 14:30:37"},
		{"+10m", "past 14:10:07"},
		{"2026-11-20 14:05", "past 14:05:00"},
		{"2026-11-20T15:05:00+01:00", "past 14:05:00"},
		{"20 Nov 14:05:30", "past 14:05:30"},
	} {
		m := start(sceneOf(t, "failover"), Options{Width: 15 * time.Minute}, 80, 24)
		press(t, m, "g")
		typeText(t, m, c.text)
		press(t, m, "enter")
		if got := place(m.scope); got != c.want || len(m.popups) != 0 {
			t.Errorf("%q goes to %s, want %s, with %d popups", c.text, got, c.want, len(m.popups))
		}
		if f := m.scope.frame(); f.snap == nil || f.snap.Mono != f.at {
			t.Errorf("%q goes to %v, and the panes are of another instant", c.text, f.at)
		}
	}
}

// Where there is no going, one line says why, and the question stays.
func TestGotoNowhere(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"13:00", "13:00 is outside 14:00:07–14:32:07"},
		{"15:00", "15:00 is outside 14:00:07–14:32:07"},
		{"-2h", "-2h is outside"},
		{"-2d", "-2d is outside"},
		{"+33m", "+33m is outside"},
		{"2025-01-01", "2025-01-01 is outside"},
		{"noon", "want a time like 14:23"},
		{"25:00", "want a time like 14:23"},
		{"-", "want a time like 14:23"},
		{"-99999999d", "want a time like 14:23"},
	} {
		m := start(sceneOf(t, "failover"), Options{}, 80, 24)
		press(t, m, "g")
		typeText(t, m, c.text)
		press(t, m, "enter")
		expect(t, m, c.want)
		if len(m.popups) != 1 || place(m.scope) != "live 14:32:07" {
			t.Errorf("%q: %d popups, %s", c.text, len(m.popups), place(m.scope))
		}
		press(t, m, "backspace")
		if strings.Contains(onScreen(m), c.want) {
			t.Errorf("%q is still refused while it is mended", c.text)
		}
	}
}

// A time of day is of the day that has it, whatever the day of the cursor.
func TestGotoBeforeMidnight(t *testing.T) {
	feed := sceneOf(t, "failover")
	o := Options{Location: time.FixedZone("", 9*3600+50*60)} // it begins at 23:50:07
	k := newKeyMap(&o, pageKinds())
	p := newScope(&o, &k, nil)
	p.refresh(feed)
	at, err := p.instant("23:55")
	if got := p.wall(at).Format("02 15:04:05"); err != nil || got != "20 23:55:00" {
		t.Errorf("got %s, %v", got, err)
	}
}

// typeText sends the letters of a text.
func typeText(t *testing.T, m *model, text string) {
	t.Helper()
	for _, c := range text {
		if c == ' ' {
			press(t, m, "space")
			continue
		}
		press(t, m, string(c))
	}
}

func TestPalette(t *testing.T) {
	for _, c := range []struct{ typed, want string }{
		{"targ", "one scale each"},
		{"incid", "DOWN"},
		{"zoom out", ""},
		{"help", "WHAT HAPPENED"},
		{"goto", "go to"},
		{"qual", "MIRROR"},
	} {
		m := start(sceneOf(t, "failover"), Options{Width: 15 * time.Minute}, 120, 40)
		press(t, m, ":")
		typeText(t, m, c.typed)
		press(t, m, "enter")
		if c.want != "" {
			expect(t, m, c.want)
		} else if got := m.scope.view.width; got != 30*time.Minute {
			t.Errorf("%q: the axis shows %v", c.typed, got)
		}
	}
}

// The list has every key that works, each page and each theme, and a click runs
// what it is on.
func TestPaletteIsTheKeyMap(t *testing.T) {
	m := start(sceneOf(t, "failover"), Options{}, 120, 60)
	all := commands(&m.keys, m.titles, m.theme.names())
	has := map[string]bool{}
	for _, c := range all {
		has[c.key] = true
	}
	for _, g := range m.keys.full() {
		for _, b := range g.keys {
			if k := b.Help().Key; b.Enabled() && !has[k] && k != ":" && b.Help().Desc != "page" {
				t.Errorf("%q is not in the list", k)
			}
		}
	}
	press(t, m, ":")
	typeText(t, m, "nord")
	click(t, m, "theme")
	if got := m.theme.name(); got != "nord" || len(m.popups) != 0 {
		t.Errorf("theme %q, %d popups", got, len(m.popups))
	}
	press(t, m, ":")
	typeText(t, m, "qqqq")
	expect(t, m, "no command has these letters")
	press(t, m, "enter", "esc")
	if len(m.popups) != 0 {
		t.Error("esc does not close it")
	}
}

func TestFuzzy(t *testing.T) {
	if fuzzy("xyz", "zoom in") != 0 {
		t.Error("letters that are not there match")
	}
	if fuzzy("", "anything") == 0 {
		t.Error("nothing typed does not match")
	}
	if a, b := fuzzy("ni", "next incident"), fuzzy("ni", "panel with it"); a <= b {
		t.Errorf("the first letters of words count %d, others %d", a, b)
	}
}

// The help has room for every key on the smallest screen that has its panes.
func TestHelpFits(t *testing.T) {
	for _, replay := range []bool{false, true} {
		o := walkOptions()
		if o.Replay = replay; replay {
			o.Mark, o.Save, o.Check, o.Trace, o.Probe, o.Report = nil, nil, nil, nil, nil, nil
		}
		m := start(sceneOf(t, "good"), o, 80, 24)
		press(t, m, "?")
		for _, g := range m.keys.full() {
			for _, k := range enabled(g) {
				if !screenHas(m, k.Key+" ") || !screenHas(m, grid.Cut(k.Desc, 17)) {
					t.Errorf("replay %v: %q, %q is not in the help", replay, k.Key, k.Desc)
				}
			}
		}
	}
}
