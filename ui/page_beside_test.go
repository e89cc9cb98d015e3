package ui

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"flapscope/history/timeline"
)

// An earlier feed is that of a scene which took place so long before.
type earlier struct {
	stage
	by time.Duration
}

func (e earlier) Timeline() Timeline { return &earlierTimeline{e.View(), e.by} }

type earlierTimeline struct {
	*timeline.View
	by time.Duration
}

// Clock implements Timeline.
func (e *earlierTimeline) Clock(at time.Duration) time.Time { return e.View.Clock(at).Add(-e.by) }

// besideModel shows a replay of trouble with name servers, and another feed below it.
func besideModel(t testing.TB, below Feed, w, h int) *model {
	o := Options{Replay: true}
	o.Recording = func() Recording { return Recording{File: "after.flap.gz", Size: 21e6} }
	o.Beside = &Beside{Feed: below, Location: time.UTC, Recording: func() Recording { return Recording{File: "before.flap.gz", Size: 3e6} }}
	return start(sceneOf(t, "dns"), o, w, h)
}

// dayBefore shows the outage of the day before below it.
func dayBefore(t testing.TB, w, h int) *model {
	return besideModel(t, earlier{sceneOf(t, "outage"), 24 * time.Hour}, w, h)
}

func TestBeside(t *testing.T) {
	for _, s := range []screen{{60, 16}, {80, 24}, {120, 40}, {200, 60}} {
		m := dayBefore(t, s.w, s.h)
		press(t, m, "P")
		file := fmt.Sprintf("beside-%dx%d", s.w, s.h)
		if s.w == 120 {
			golden(t, file, dump(m))
			continue
		}
		golden(t, file, written(m))
	}
}

// apart is how far the cursor of the lower recording is from that of the upper one.
func apart(m *model) time.Duration {
	return m.pair.lower.scope.view.cursor - m.pair.upper.scope.view.cursor
}

// columns reports whether the cursors of both are in the same column of equal axes.
func columns(m *model) bool {
	a, b := m.pair.upper.scope.frame(), m.pair.lower.scope.frame()
	return a.step == b.step && a.column(a.at) == b.column(b.at)
}

// TestBesideLinked: the other one follows whatever moves the one that the keys are
// for, column by column, and not before it begins nor after it ends.
func TestBesideLinked(t *testing.T) {
	m := dayBefore(t, 120, 40)
	want := m.pair.offset
	if got := apart(m); got != want || !columns(m) {
		t.Fatalf("begins %v apart, want %v, in the same column", got, want)
	}
	for _, keys := range []string{"left left", "+", "P", "tab", "left", "- -", "right", "tab", "N", "b", "1 2 left", "1", "7 left 1"} {
		press(t, m, strings.Fields(keys)...)
		if got := apart(m); got != want || !columns(m) {
			t.Errorf("after %q %v apart, want %v, in the same column", keys, got, want)
		}
	}
	press(t, m, "home")
	lower := m.pair.lower.scope
	if lower.view.cursor < lower.bounds().From {
		t.Error("the lower one is before its beginning")
	}
}

// TestBesideAlone: unlinked, one moves and the other stays; linked again they keep
// the distance that they have.
func TestBesideAlone(t *testing.T) {
	m := dayBefore(t, 120, 40)
	press(t, m, "x")
	lower := m.pair.lower.scope.view
	press(t, m, "left", "left", "+")
	if m.pair.lower.scope.view != lower {
		t.Error("the lower one moved")
	}
	upper := m.pair.upper.scope.view
	press(t, m, "tab", "left")
	if m.pair.upper.scope.view != upper {
		t.Error("the upper one moved")
	}
	want := apart(m)
	press(t, m, "x")
	if got := apart(m); got != want || m.pair.upper.scope.view.width != m.pair.lower.scope.view.width {
		t.Errorf("linked %v apart, want %v, and equal axes", got, want)
	}
	expect(t, m, "x unlink")
}

// TestBesideAligned: recordings of the same time begin by the clock, others by their
// beginnings, and both are in view.
func TestBesideAligned(t *testing.T) {
	for _, c := range []struct {
		by   time.Duration
		want string
	}{{0, "the same time"}, {time.Minute, "the same time"}, {24 * time.Hour, "24 h 2 min earlier"}} {
		m := besideModel(t, earlier{sceneOf(t, "outage"), c.by}, 120, 40)
		press(t, m, "P")
		expect(t, m, c.want)
		upper, lower := m.pair.upper.scope, m.pair.lower.scope
		if same := upper.bounds().From + m.pair.offset; c.by == 24*time.Hour && same != lower.bounds().From {
			t.Errorf("%v earlier: the beginning of one is at %v of the other, want %v", c.by, same, lower.bounds().From)
		}
		if from := upper.frame().span.From; from > upper.bounds().From {
			t.Errorf("%v earlier: the beginning is out of view", c.by)
		}
	}
}

// TestBesideStretch: a range is of the recording that the keys are for, and so is
// what is done with the mouse, which gives it the keys.
func TestBesideStretch(t *testing.T) {
	m := dayBefore(t, 120, 40)
	press(t, m, "v", "left", "left")
	var tinted []int
	for y, row := range m.grid.Plain() {
		if strings.HasPrefix(row, " events") {
			tinted = append(tinted, bandWidth(m, y))
		}
	}
	if want := []int{3, 1}; !slices.Equal(tinted, want) {
		t.Errorf("%d columns are tinted, want %d: the range, and the cursor alone", tinted, want)
	}
	press(t, m, "esc")
	_, below := find(t, m, "before.flap.gz")
	m.Update(tea.MouseClickMsg{X: 60, Y: below + 1, Button: tea.MouseLeft})
	if m.side != m.pair.lower {
		t.Error("a click on the lower recording leaves the keys with the upper one")
	}
	m.Update(tea.MouseReleaseMsg{X: 60, Y: below + 1, Button: tea.MouseLeft})
	m.Update(tea.MouseClickMsg{X: 60, Y: below - 6, Button: tea.MouseLeft})
	if m.side != m.pair.upper {
		t.Error("a click on the upper recording leaves the keys with the lower one")
	}
}

// bandWidth is how many columns of the time axis of a row are tinted.
func bandWidth(m *model, y int) (n int) {
	for _, st := range m.grid.Styles(y)[1+gutterFor(m.w) : 80] {
		if st.Bg == m.styles.CursorBg {
			n++
		}
	}
	return n
}

// TestBesidePlays: what plays goes on when the keys are given to the other one, which
// both have the report and the zone of their own.
func TestBesidePlays(t *testing.T) {
	m := dayBefore(t, 120, 40)
	press(t, m, "home", "right", "space", "tab")
	m.Update(tickMsg{time.Unix(100, 0)})
	at := m.pair.lower.scope.view.cursor
	m.Update(tickMsg{time.Unix(100, 5e8)})
	if got := m.pair.lower.scope.view.cursor - at; got != 500*time.Millisecond {
		t.Errorf("moved by %v, want half a second", got)
	}
	asked := ""
	m.pair.upper.opts.Report = func(timeline.Span) ([]string, error) { asked = "upper"; return nil, nil }
	m.pair.lower.opts.Report = func(timeline.Span) ([]string, error) { asked = "lower"; return nil, nil }
	m.keys.Report.SetEnabled(true)
	if press(t, m, "r"); asked != "lower" {
		t.Errorf("the report is of %q", asked)
	}
}

// TestBesideEverySize: no size of the screen, and nothing that either recording
// holds or has not yet, draws outside of it.
func TestBesideEverySize(t *testing.T) {
	for _, name := range []string{"hostile", "empty", "good"} {
		m := besideModel(t, sceneOf(t, name), 80, 24)
		for w := 1; w <= 200; w += 7 {
			for _, h := range []int{1, 15, 16, 17, 18, 20, 23, 24, 31, 32, 40, 60} {
				m.Update(tea.WindowSizeMsg{Width: w, Height: h})
				checkSize(t, m, w, h)
			}
		}
	}
}
