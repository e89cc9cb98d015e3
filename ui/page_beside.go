package ui

import (
	"slices"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"flapscope/internal/text"
	"flapscope/themes"
	"flapscope/ui/grid"
)

// A besidePage shows two recordings one above the other, each on its own time axis;
// the keys are for one of them.
type besidePage struct {
	*pair
	side *side
}

// refresh implements page.
func (p besidePage) refresh(Feed) bool {
	upper := p.upper.scope.refresh(p.upper.feed)
	return p.lower.scope.refresh(p.lower.feed) || upper
}

// update implements page.
func (p besidePage) update(msg tea.Msg) tea.Cmd { return pathPage{p.side.scope}.update(msg) }

// pace implements page.
func (p besidePage) pace() pace {
	if p.other(p.side).scope.waiting() {
		return paceWaiting
	}
	return p.side.scope.pace()
}

// draw implements page.
func (p besidePage) draw(a grid.Area, bar barView) {
	link := "link"
	if p.linked {
		link = "unlink"
	}
	bar.own = []key.Binding{bind("tab", "other", "tab"), bind("x", link, "x")}
	_, body := p.side.scope.shell(a, bar)
	upper, lower := p.upper.frame(), p.lower.frame()
	charts := [2]latencyView{upper.latencyView(), lower.latencyView()}
	// One scale, so that what is higher is slower.
	charts[0].beside, charts[1].beside = charts[1].plots, charts[0].plots
	above, below := halves(body)
	for i, half := range []struct {
		a grid.Area
		f *frame
		s *side
	}{{above, upper, p.upper}, {below, lower, p.lower}} {
		drawHalfHead(half.a.Row(0), half.f, half.s == p.side, p.moves(half.s))
		drawHalf(half.a.Sub(0, 1, half.a.Width(), half.a.Height()-1), half.f, charts[i])
	}
}

// halves returns the room of the two recordings.
func halves(body grid.Area) (above, below grid.Area) {
	w, h := body.Size()
	return body.Sub(0, 0, w, (h+1)/2), body.Sub(0, (h+1)/2, w, h/2)
}

// at returns the side that is drawn in a row of a screen.
func (p besidePage) at(screen grid.Area, y int) *side {
	top := 1 + tabRows(screen.Height())
	_, below := halves(screen.Sub(1, top, screen.Width()-2, screen.Height()-1-top))
	if _, from := below.Corner(); y >= from {
		return p.lower
	}
	return p.upper
}

// frame returns what the picture of a side is made of.
func (s *side) frame() *frame {
	f := s.scope.frame()
	if s.opts.Recording != nil {
		f.recording = s.opts.Recording()
	}
	return f
}

// moves says how a side moves with the other one.
func (p besidePage) moves(s *side) string {
	if s == p.side {
		return ""
	}
	if !p.linked {
		return "stays"
	}
	own, lead := s.scope, p.side.scope
	if own.tl == nil || lead.tl == nil {
		return ""
	}
	at, want := own.view.cursor, lead.view.cursor+p.by(s)
	switch {
	case at < want-time.Second:
		return "ends here"
	case at > want+time.Second:
		return "begins here"
	}
	apart := own.tl.Clock(at).Sub(lead.tl.Clock(lead.view.cursor)).Round(time.Second)
	switch {
	case apart > 0:
		return text.Elapsed(apart) + " later"
	case apart < 0:
		return text.Elapsed(-apart) + " earlier"
	}
	return "the same time"
}

// by returns how far a side is from the other one.
func (p *pair) by(s *side) time.Duration {
	if s == p.lower {
		return p.offset
	}
	return -p.offset
}

// drawHalfHead draws the line above a recording: its name, and at the right when and
// how it is at its cursor.
func drawHalfHead(a grid.Area, f *frame, leads bool, moves string) {
	title := f.recording.File
	if title == "" {
		title = "recording"
	}
	v := f.headerView()
	var out spans
	if moves != "" {
		out = append(out, span{moves + "  ", f.Muted})
	}
	out = append(out, span{f.clock(f.atTime, "Mon 2 Jan 15:04:05"), f.Text})
	for _, b := range v.badges {
		out = append(out, span{" ", f.Text}, span{" " + b.text + " ", b.style})
	}
	title = grid.Cut(title, max(a.Width()-out.width()-6, 8))
	x := f.head(a, title, "", f.titleStyle(leads).With(themes.Bold))
	if leads {
		a.Margin().Set(0, 0, '▸', f.Accent)
	}
	out = append(spans{{" ", f.Text}}, out...)
	for len(out) > 3 && x+out.width() > a.Width() {
		out = out[1:]
	}
	if room := a.Width() - x - out.width() - 4; len(v.headlines) > 0 {
		// Words that are cut say nothing here: the panes, or the other page, have them.
		if said := longest(v.headlines, room); slices.Contains(v.headlines, said) && grid.Width(said) <= room {
			out = append(out, span{"  " + said, f.Strong})
		}
	}
	out.draw(a, max(a.Width()-out.width(), x))
}

// drawHalf draws one recording.
func drawHalf(a grid.Area, f *frame, chart latencyView) {
	radios := f.radioViews()
	l := newHalf(a, len(f.lanes)+len(radios))
	drawTimeline(&l, f, radios)
	drawLatency(&l, chart)
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

// newHalf divides the room of one of two recordings, which has all that the page of the
// path has but the table of targets. It begins at the left margin.
func newHalf(a grid.Area, lanes int) layout {
	w, h := a.Size()
	left, gutter, cols := timeAxis(w + 2)
	l := layout{gutter: gutter, cols: cols}
	const axis, incidents, path, loss = 1, 1, 1, 1
	chart := part{least: 2, most: max(3, h/2), weight: 4}
	strips := part{least: 1, most: min(lanes, max(2, h/6)), weight: 4}
	marks := part{least: 1, most: 1, weight: 4}
	list := part{least: 2, most: max(3, h/2), weight: 3}
	parts := []part{chart, strips, marks, list}
	share(max(h-axis-incidents-path-loss, 0), parts)
	y := 0
	take := func(n int) grid.Area {
		r := a.Sub(0, y, left, n)
		y += n
		return r
	}
	l.axis, l.incidents, l.path, l.marks = take(axis), take(incidents), take(path), take(parts[2].got)
	l.lanes = take(parts[1].got)
	l.chart, l.loss = take(parts[0].got), take(loss)
	if left < w {
		l.panes = a.Sub(left+2, 0, w-left-2, y)
	}
	l.list = a.Sub(0, y, w, h-y)
	return l
}
