package ui

import (
	"slices"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"flapscope/history/timeline"
	"flapscope/ui/grid"
)

// A pathPage is the oscilloscope: the timeline, the chart and the panes at the
// cursor.
type pathPage struct{ *scope }

// update implements page: its list is that of incidents, or of all events.
func (p pathPage) update(msg tea.Msg) tea.Cmd {
	if k, ok := msg.(tea.KeyPressMsg); ok && key.Matches(k, p.keys.List) {
		p.raw, p.selected = !p.raw, selection{}
		p.locate()
		return nil
	}
	return p.scope.update(msg)
}

// draw implements page.
func (p pathPage) draw(a grid.Area, bar barView) {
	f, _ := p.shell(a, bar)
	radios, targets := f.radioViews(), f.targetsView()
	l := newLayout(a, contents{len(f.lanes) + len(radios), len(f.targets), f.listed(a.Width())})
	drawTimeline(&l, f, radios)
	drawLatency(&l, f.latencyView())
	drawTargets(l.targetHead, l.targets, targets, a.Height() < 20)
	if l.panes.Width() > 0 {
		rest := drawPanes(l.panes, f.look, f.panes(l.panes.Width()))
		f.drawCards(rest, targets, func(r targetRow) bool { return !slices.Contains(f.charted, r.Target) })
	}
	drawCursor(l.path, f, l.gutter, false)
	for _, part := range []grid.Area{l.incidents, l.marks, l.lanes, l.chart, l.loss} {
		drawCursor(part, f, l.gutter, true)
	}
	if f.raw {
		drawEvents(l.list, f.eventsView())
	} else {
		drawIncidents(l.list, f.incidentsView())
	}
}

// listed is how many lines the list has, wherever the window is: scrubbing moves no
// part of the page.
func (f *frame) listed(width int) int {
	if f.tl == nil {
		return 1
	}
	n, all := 0, timeline.Span{From: f.tl.Bounds().From, To: f.present() + 1}
	switch {
	case f.raw:
		n = f.tl.Count(all)
	case f.live:
		n = len(f.wanted(f.incidents))
	default:
		n = len(f.wanted(f.tl.Incidents(all, f.present())))
	}
	if width < panesFrom && len(f.notices()) > 0 {
		n++
	}
	return max(n, 1)
}

// The height of a card below the panes.
const (
	leastCard = 8
	// leastPaneCard is the least width of one there.
	leastPaneCard = 32
	mostCard      = 12
)

// drawCards fills the room below the panes with the charts of the wanted targets, those
// that fail first.
func (f *frame) drawCards(a grid.Area, v targetsView, wanted func(targetRow) bool) {
	room := a.Height() + 1 // the last one needs no blank row below it
	n := room / leastCard
	if n == 0 || a.Width() < leastPaneCard {
		return
	}
	var rows []targetRow
	for _, r := range v.rows {
		if r.state != targetIdle && wanted(r) && len(rows) < n {
			rows = append(rows, r)
		}
	}
	if len(rows) == 0 {
		return
	}
	height := min(room/len(rows), mostCard)
	for i, r := range rows {
		f.drawCard(a.Sub(0, i*height, a.Width(), height), v, r, false)
	}
}
