package ui

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"flapscope/history/timeline"
)

// pull holds the button down from one column of the time axis to another, and
// lets it go there.
func pull(t *testing.T, m *model, from, to int) timePart {
	t.Helper()
	x, y := find(t, m, "┬")
	what, dx, _ := m.grid.Hit(x, y)
	part, ok := what.(timePart)
	if !ok {
		t.Fatalf("the axis stands for %T", what)
	}
	left := x - dx
	m.Update(tea.MouseClickMsg{X: left + from, Y: y, Button: tea.MouseLeft})
	for at := from; at != to; {
		if at++; to < from {
			at -= 2
		}
		m.Update(tea.MouseMotionMsg{X: left + at, Y: y + 3, Button: tea.MouseLeft})
	}
	m.Update(tea.MouseReleaseMsg{X: left + to, Y: y + 3, Button: tea.MouseLeft})
	return part
}

// A range is of whole columns, both ends included, whichever way it was pulled, and
// never leaves what is known.
func TestPull(t *testing.T) {
	for _, c := range []struct {
		from, to    int
		first, past time.Duration
	}{{10, 19, 10, 20}, {19, 10, 10, 20}, {30, 31, 30, 32}, {20, -500, 0, 21}} {
		m := staged(t, "replay", Options{}, 120, 40)
		part := pull(t, m, c.from, c.to)
		want := timeline.Span{From: part.span.From + c.first*part.step, To: part.span.From + c.past*part.step}
		if got := m.scope.stretch.span(); got != want {
			t.Errorf("from column %d to %d: %v, want %v", c.from, c.to, got, want)
		}
		expect(t, m, " "+stretchLength(want)+" ")
		expect(t, m, "z zoom   esc clear")
		_, y := find(t, m, "events ")
		band := m.grid.Styles(y)[1+gutterFor(120)+int(c.first)]
		if band.Bg != m.styles.CursorBg {
			t.Errorf("from column %d to %d: no band in the row of the events", c.from, c.to)
		}
	}
}

func TestPullThenKeys(t *testing.T) {
	m := staged(t, "replay", Options{}, 120, 40)
	pull(t, m, 10, 29)
	want := m.scope.stretch.span()
	press(t, m, "z")
	if got := m.scope.frame().axis; got.span.From < want.From-got.step || got.span.From > want.From+got.step ||
		got.span.To < want.To || got.span.To > want.To+2*got.step {
		t.Errorf("zoomed to %v, want %v", got.span, want)
	}
	if c := m.scope.view.cursor; c < want.From || c > want.To {
		t.Errorf("the cursor is at %v, outside %v", c, want)
	}
	if m.scope.stretch.on {
		t.Error("the range stays after zooming to it")
	}
	pull(t, m, 3, 8)
	if press(t, m, "esc"); m.scope.stretch.on {
		t.Error("esc does not clear it")
	}
	pull(t, m, 3, 8)
	if press(t, m, "enter"); m.scope.stretch.on || len(m.popups) != 0 {
		t.Error("enter does not zoom to it")
	}
	pull(t, m, 3, 8)
	click(t, m, "┬")
	if m.scope.stretch.on {
		t.Error("a click does not clear it")
	}
}

// Without a mouse a range begins at the cursor and follows it, on every page.
func TestStretchByKeys(t *testing.T) {
	m := staged(t, "failover", Options{Width: 15 * time.Minute}, 120, 40)
	at := m.scope.now
	press(t, m, "v", "left", "left", "left")
	if row, label := rowWith(m, "┬"), m.scope.tl.Clock(m.scope.view.cursor).Format(" 15:04:05 "); !strings.Contains(row, label) {
		t.Errorf("the time of the cursor is drawn over: %q", row)
	}
	s := m.scope.stretch.span()
	if want := 3 * m.scope.view.step(m.scope.cols); s.To != at || s.To-s.From != want {
		t.Errorf("%v, want %v until %v", s, want, at)
	}
	press(t, m, "3")
	expect(t, m, "z zoom   esc clear")
	press(t, m, "v", "left")
	if got := m.scope.stretch.span(); got != s {
		t.Errorf("the cursor moves what was ended: %v, was %v", got, s)
	}
	press(t, m, "z")
	if got := m.scope.view.width; got != s.To-s.From {
		t.Errorf("the axis shows %v, want %v", got, s.To-s.From)
	}
	press(t, m, "v", "z")
	if got := m.scope.view.width; got != leastStretch {
		t.Errorf("a range of one instant zooms to %v, want %v", got, leastStretch)
	}
}

// What is saved is the range, and without one the last minutes.
func TestSaveStretch(t *testing.T) {
	var saved timeline.Span
	o := Options{Width: 15 * time.Minute, Save: func(s timeline.Span) (string, error) { saved = s; return "x", nil }}
	m := staged(t, "failover", o, 120, 40)
	pull(t, m, 10, 29)
	want := m.scope.stretch.span()
	if press(t, m, "s"); saved != want {
		t.Errorf("saved %v, want %v", saved, want)
	}
	if press(t, m, "esc", "s"); saved != (timeline.Span{}) {
		t.Errorf("saved %v, want the last minutes", saved)
	}
}

// Movement without the button, over a popup, or after the button went down
// elsewhere, chooses nothing.
func TestNoPull(t *testing.T) {
	m := staged(t, "replay", Options{}, 120, 40)
	x, y := find(t, m, "┬")
	m.Update(tea.MouseMotionMsg{X: x, Y: y})
	m.Update(tea.MouseClickMsg{X: 5, Y: 1, Button: tea.MouseLeft})
	m.Update(tea.MouseMotionMsg{X: x, Y: y, Button: tea.MouseLeft})
	m.Update(tea.MouseReleaseMsg{X: x, Y: y})
	m.Update(tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseLeft})
	press(t, m, "?")
	m.Update(tea.MouseMotionMsg{X: x + 9, Y: y, Button: tea.MouseLeft})
	if m.scope.stretch.on {
		t.Errorf("%v is chosen", m.scope.stretch.span())
	}
}
