package ui

import "flapscope/ui/grid"

// A pathPage is the oscilloscope: the timeline, the chart and the panes at the
// cursor.
type pathPage struct{ *scope }

// draw implements page.
func (p pathPage) draw(a grid.Area, bar barView) {
	f, _ := p.shell(a, bar)
	l := newLayout(a, len(f.lanes), len(f.targets))
	drawTimeline(&l, f)
	drawLatency(&l, f.latencyView())
	drawTargets(l.targetHead, l.targets, f.targetsView(), a.Height() < 20)
	if l.panes.Width() > 0 {
		drawPanes(l.panes, f.look, f.panes(l.panes.Width()))
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
