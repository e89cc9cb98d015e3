package ui

import (
	"strings"
	"testing"
	"time"

	"flapscope/history/timeline"
	"flapscope/internal/scene"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
)

// A swapping feed is a recording that is read while it is shown.
type swapping struct {
	stage
	tl Timeline
}

// Timeline implements Feed.
func (s *swapping) Timeline() Timeline { return s.tl }

// A renumbered past has other numbers for its items, as when a log was made
// anew.
type renumbered struct {
	*timeline.View
	by int
}

// Items implements Timeline.
func (r *renumbered) Items(span timeline.Span, limit int) []timeline.Item {
	all := r.View.Items(span, limit)
	for i := range all {
		all[i].Seq += r.by
	}
	return all
}

// Incidents implements Timeline.
func (r *renumbered) Incidents(span timeline.Span, at time.Duration) []*fold.Incident {
	all := r.View.Incidents(span, at)
	for n, i := range all {
		other := *i
		other.ID += r.by
		all[n] = &other
	}
	return all
}

// TestSwapLeavesTheUserAlone reads a recording while its user looks around.
func TestSwapLeavesTheUserAlone(t *testing.T) {
	whole := scene.New("failover")
	feed := &swapping{stage: stage{whole}, tl: whole.Sums()}
	p := startScope(feed, Options{Replay: true, Width: 15 * time.Minute}, 120, 40)
	tap(t, p, "left", "left", "pgup", "+", "tab")
	before, target := p.view, p.target
	feed.tl = whole.View()
	if !p.scope.refresh(feed) {
		t.Error("the same picture after it was read")
	}
	if p.view != before || p.target != target || target == "" {
		t.Errorf("view %+v, target %q; before it was read %+v, %q", p.view, p.target, before, target)
	}

	tap(t, p, "tab", "n")
	if !p.selected.on {
		t.Fatal("nothing is selected")
	}
	before, item := p.view, p.selected.item
	feed.tl = &renumbered{whole.View(), 1000}
	p.refresh(feed)
	if got := p.selected; !got.on || got.item.Seq != item.Seq+1000 || got.item.Text != item.Text || p.view != before {
		t.Errorf("selected %+v, want %+v with another number", got, item)
	}
	feed.tl = whole.Sums()
	p.refresh(feed)
	if p.selected.on || p.view != before {
		t.Errorf("selected %+v of a log that is not read", p.selected)
	}
}

// TestSwapKeepsTheIncident finds the selected incident where incidents have other
// numbers, and lets go of it where there are none.
func TestSwapKeepsTheIncident(t *testing.T) {
	whole := scene.New("failover")
	feed := &swapping{stage: stage{whole}, tl: whole.View()}
	p := startScope(feed, Options{Replay: true, Width: 15 * time.Minute}, 120, 40)
	tap(t, p, "P", "P")
	feed.tl = &renumbered{whole.View(), 1000}
	p.refresh(feed)
	v := p.frame().incidentsView()
	if v.current != 1 || v.rows[1].ID < 1000 || v.rows[1].Root.What != path.Deauthenticated {
		t.Errorf("row %d of %d is selected", v.current, len(v.rows))
	}
	feed.tl = whole.Sums()
	p.refresh(feed)
	if p.selected.incident != nil {
		t.Error("an incident is selected that is not known")
	}
}

// TestProgressIsShown draws anew when more was read.
func TestProgressIsShown(t *testing.T) {
	whole := scene.New("failover")
	feed := &swapping{stage: stage{whole}, tl: whole.Sums()}
	read := Recording{File: "a.flap.gz", Reading: true, Progress: 0.34}
	m := start(feed, Options{Replay: true, Recording: func() Recording { return read }}, 120, 40)
	expect(t, m, "reading 34 %")
	read.Progress, feed.tl = 0.5, whole.Sums()
	m.Update(tickMsg{})
	expect(t, m, "reading 50 %")
	read.Reading, feed.tl = false, whole.View()
	m.Update(tickMsg{})
	if screenHas(m, "reading") || screenHas(m, "READING") {
		t.Errorf("still reading:\n%s", dump(m))
	}
	feed.tl = nil
	m = start(feed, Options{Replay: true}, 120, 40)
	expect(t, m, "reading the recording")
}

func screenHas(m *model, text string) bool {
	return strings.Contains(strings.Join(m.grid.Plain(), "\n"), text)
}

func expect(t *testing.T, m *model, text string) {
	t.Helper()
	if !screenHas(m, text) {
		t.Errorf("%q is not on the screen:\n%s", text, dump(m))
	}
}
