package ui

import (
	"math/bits"
	"slices"
	"strings"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"flapscope/history/timeline"
	"flapscope/internal/text"
	"flapscope/monitor/fold"
	"flapscope/themes"
	"flapscope/ui/grid"
)

// An incidentsPage lists all incidents over all that is known, with everything
// about one of them below.
type incidentsPage struct{ *scope }

// update implements page: enter goes to where the selected incident began.
func (p incidentsPage) update(msg tea.Msg) tea.Cmd {
	k, ok := msg.(tea.KeyPressMsg)
	if !ok || p.tl == nil {
		return p.scope.update(msg)
	}
	switch {
	case key.Matches(k, p.keys.Up), key.Matches(k, p.keys.Down):
		p.stepIncident(key.Matches(k, p.keys.Up))
		return nil
	case key.Matches(k, p.keys.Enter):
		if p.selected.incident == nil {
			p.stepIncident(false)
		}
		return turnTo(pathTitle)
	}
	return p.overall(msg)
}

// draw implements page.
func (p incidentsPage) draw(a grid.Area, bar barView) {
	bar.own = []key.Binding{bind("↑↓", "incident", "up", "down"), bind("enter", "go there", "enter")}
	f, body := p.shell(a, bar)
	v := f.incidentsView()
	remark := ""
	if len(v.remarks) > 0 {
		remark = longest(v.remarks, body.Width()-16)
	}
	f.head(body.Row(0), "INCIDENTS", remark, f.Focus)
	body = body.Sub(0, 1, body.Width(), body.Height()-1)
	if f.tl == nil || len(v.rows) == 0 {
		body.Text(0, 0, v.empty, f.Dim)
		return
	}
	body = f.drawWhole(body)
	list := min(len(v.rows), max(3, body.Height()/3))
	drawIncidentTable(body.Sub(0, 0, body.Width(), list+1), v)
	rest := body.Height() - list - 2
	if rest >= 4 {
		f.drawAbout(body.Sub(0, list+2, body.Width(), rest), v.rows[max(v.current, 0)])
	}
}

// drawWhole draws the path over all that is known, with the cursor, and returns
// the room below it.
func (f *frame) drawWhole(a grid.Area) grid.Area {
	if a.Height() < 16 {
		return a
	}
	f.drawStretch(a.Sub(0, 0, a.Width(), 2), f.whole())
	return a.Sub(0, 3, a.Width(), a.Height()-3)
}

// whole returns all that is known, and live something after it: the columns would move
// with each second, did the axis end at the present.
func (f *frame) whole() timeline.Span {
	from := f.tl.Bounds().From
	length := max(f.present()-from, time.Second)
	if !f.replay {
		unit := time.Duration(1) << (bits.Len64(uint64(length)) - 5)
		length = (length/unit + 1) * unit
	}
	return timeline.Span{From: from, To: from + length}
}

// stretchGutter is where the axis of a stretch begins.
const stretchGutter = 10

// stretch returns the frame with an axis over a span, in an area of some width.
func (f *frame) stretch(span timeline.Span, width int) *frame {
	g := *f
	cols := width - stretchGutter
	step := max((span.To-span.From)/time.Duration(cols)+1, time.Millisecond)
	g.axis = axis{timeline.Span{From: span.From, To: span.From + step*time.Duration(cols)}, step, cols}
	return &g
}

// drawStretch draws the path over a span: the axis, and the bar below it.
func (f *frame) drawStretch(a grid.Area, span timeline.Span) {
	const gutter = stretchGutter
	g := f.stretch(span, a.Width())
	cols := g.cols
	a.Sub(gutter, 0, cols, a.Height()).Mark(timePart{g.axis})
	drawAxis(a.Sub(gutter, 0, cols, 1), g)
	row := a.Row(1)
	row.Text(0, 0, "path", f.Strong.With(themes.Bold))
	drawPath(row.Sub(gutter, 0, cols, 1), g)
	drawCursor(row, g, gutter, false)
	for y := 2; y < a.Height() && y-2 < len(f.lanes); y++ {
		lane := f.lanes[y-2]
		drawLane(a.Row(y).Sub(gutter, 0, cols, 1), g, lane)
		a.Row(y).Cut(0, 0, gutter-1, lane.Name.Display(), f.Text)
	}
}

// leastStretchLatency is the least height that the round trips of a stretch are worth.
const leastStretchLatency = 9

// drawStretchLatency draws the round trips over a span: a head, the chart, the loss.
func (f *frame) drawStretchLatency(a grid.Area, span timeline.Span) {
	g, h := f.stretch(span, a.Width()), a.Height()
	l := layout{roomy: true, gutter: stretchGutter, cols: g.cols}
	l.latencyHead, l.chart, l.loss = a.Row(0), a.Sub(0, 1, a.Width(), h-2), a.Row(h-1)
	l.chart.Sub(stretchGutter, 0, g.cols, h-2).Mark(timePart{g.axis})
	drawLatency(&l, g.latencyView())
	drawCursor(a.Sub(0, 1, a.Width(), h-1), g, stretchGutter, true)
}

// An incidentTable is where the columns of the table begin; of a narrow screen
// it has none, and the list of the first page stands in its place.
type incidentTable struct{ severity, what, count, worked, pattern int }

// wideTable is the width from which the table has its columns.
const wideTable = 110

// drawIncidentTable draws the table of all incidents, newest first.
func drawIncidentTable(a grid.Area, v incidentsView) {
	if a.Width() < wideTable {
		rows, first := v.window(a.Height())
		for y, i := range rows {
			a.Row(y).Mark(incidentPart{i})
			drawIncident(a.Row(y), v, i, first+y == max(v.current, 0))
		}
		return
	}
	rows, first := v.window(a.Height() - 1)
	w := a.Width()
	since := grid.Width(v.layout)
	t := incidentTable{severity: since + 14, what: since + 16, count: w - 49, worked: w - 43, pattern: w - 18}
	if w >= widePanesFrom {
		t.what += 9 // for the severity in words
		a.Text(t.severity, 0, "severity", v.Dim)
	}
	a.Text(0, 0, "since", v.Dim)
	a.Right(t.severity-2, 0, "how long", v.Dim)
	a.Text(t.what, 0, "what", v.Dim)
	a.Right(t.count+4, 0, "count", v.Dim)
	a.Text(t.worked, 0, "still worked", v.Dim)
	a.Text(t.pattern, 0, "pattern", v.Dim)
	for y, i := range rows {
		a.Row(y + 1).Mark(incidentPart{i})
		drawIncidentRow(a.Row(y+1), v, t, i, first+y == max(v.current, 0))
	}
}

// drawIncidentRow draws one row of the table.
func drawIncidentRow(a grid.Area, v incidentsView, t incidentTable, i *fold.Incident, current bool) {
	later := i.From.Mono > v.at
	dimmed := func(st themes.Style) themes.Style {
		if later || i.Note() {
			return v.Dim
		}
		return st
	}
	a.Text(0, 0, v.clock(i.From.Time, v.layout), dimmed(v.Muted))
	a.Right(t.severity-2, 0, lastedOf(i, later), dimmed(v.Text))
	mark, st := v.severityMark(i)
	a.Set(t.severity, 0, mark, dimmed(st.With(themes.Bold)))
	if t.what > t.severity+2 {
		a.Text(t.severity+2, 0, string(i.Severity), dimmed(st))
	}
	what, works := said(i)
	if room := t.count - t.what - 1; grid.Width(what) > room {
		what = longest(headlines(i), room)
	}
	if i.Count > 1 {
		// How often and how regularly have columns of their own.
		times := num(int64(i.Count)) + " ×"
		if what = strings.Replace(what, " "+times, "", 1); i.Pattern != nil {
			what = strings.TrimSuffix(what, ", "+i.Pattern.Text())
		}
		a.Right(t.count+4, 0, times, dimmed(v.Text))
	}
	name := nameEnd(what, i)
	x := a.Text(t.what, 0, what[:name], dimmed(v.Strong.With(themes.Bold)))
	a.Text(x, 0, what[name:], dimmed(v.Text))
	works = strings.TrimPrefix(works[:workEnd(works)], "the ")
	workedStyle := v.Text
	if works == "nothing" {
		workedStyle = v.Bad
	}
	a.Text(t.worked, 0, cutWords(works, t.pattern-t.worked-2), dimmed(workedStyle))
	switch {
	case i.Open() && !later:
		a.Right(a.Width(), 0, "● still open", st.With(themes.Bold))
	case i.Phase != fold.PhaseClosed && !later:
		a.Right(a.Width(), 0, mayReturn, dimmed(st))
	case i.Pattern != nil:
		a.Text(t.pattern, 0, cutWords(text.Duration(i.Pattern.Lag)+" after up", a.Width()-t.pattern), dimmed(v.Info))
	case i.Count >= 4:
		a.Text(t.pattern, 0, "irregular", dimmed(v.Muted))
	}
	if current {
		a.Restyle(v.Select)
		a.Margin().Set(0, 0, '▸', v.Select(v.Accent))
	}
}

// drawAbout draws all about one incident: the sentence, the stretch around it,
// and the ladders down and up with the evidence beside them.
func (f *frame) drawAbout(a grid.Area, i *fold.Incident) {
	v := ladderView{f.look, i, f.tl.Evidence(i)}
	w := a.Width()
	title := f.clock(i.From.Time, "15:04:05")
	f.head(a.Row(0), title, "", f.Accent.With(themes.Bold))
	room := w - grid.Width(title) - 3
	named := slices.DeleteFunc(headlines(i), func(s string) bool { return strings.Contains(s, " ×, ") }) // the rows below say the rest
	a.Text(grid.Width(title)+1, 0, longest(named, room)+" ", f.Strong.With(themes.Bold))
	y := 1
	for _, r := range append(v.figures(), v.facts().rows...) {
		if y < a.Height() {
			drawPaneRow(a.Row(y), f.look, r)
			y++
		}
	}
	if room := a.Height() - y; room >= 14 {
		until := f.at
		if i.From.Mono > f.at {
			until = f.present() // of one to come all is shown
		}
		span := around(i, until)
		f.drawStretch(a.Sub(0, y+1, w, 3), span)
		y += 4
		if spare := a.Height() - y - 2 - v.laddersHeight(w); spare >= leastStretchLatency {
			n := min(spare, mostCardHeight)
			f.drawStretchLatency(a.Sub(0, y+1, w, n), span)
			y += 1 + n
		}
	}
	y++
	v.drawLadders(a.Sub(0, y, w, a.Height()-y))
}

// laddersHeight is how many rows drawLadders wants in an area of some width.
func (v *ladderView) laddersHeight(width int) int {
	down, up, seen := v.down(), v.up(), v.seen()
	ladders := max(down.height(), up.height())
	switch {
	case width >= widePanesFrom-2:
		return max(ladders, seen.height())
	case width >= wideTable:
		return ladders + 2 + (len(seen.rows)+1)/2
	}
	return ladders + 1 + seen.height()
}

// drawLadders draws the ladders down and up beside each other, with the evidence
// beside them or, where that is narrow, in two columns below.
func (v *ladderView) drawLadders(a grid.Area) {
	down, up, seen := v.down(), v.up(), v.seen()
	const gap = 3
	w, h := a.Size()
	if w >= widePanesFrom-2 {
		width := (w - 2*gap) / 3
		for n, s := range []section{down, up, seen} {
			drawSections(a.Sub(n*(width+gap), 0, width, h), v.look, s)
		}
		return
	}
	width := (w - gap) / 2
	drawSections(a.Sub(0, 0, width, h), v.look, down)
	drawSections(a.Sub(width+gap, 0, width, h), v.look, up)
	y := max(down.height(), up.height())
	if y+1+seen.height() <= h || y+4 < h {
		y++ // a blank row
	}
	below := a.Sub(0, y, w, h-y)
	rows := below.Height() - 1
	if w < wideTable || rows < 1 || len(seen.rows) <= rows {
		drawSections(below, v.look, seen)
		return
	}
	v.head(below, seen.title, seen.remark, seen.style)
	rows = min(rows, (len(seen.rows)+1)/2)
	for n, r := range seen.rows[:min(len(seen.rows), 2*rows)] {
		if n == 2*rows-1 && len(seen.rows) > 2*rows {
			r = paneRow{key: num(int64(len(seen.rows)-n)) + " more", keyStyle: v.Muted}
		}
		drawPaneRow(below.Sub(n/rows*(width+gap), 1+n%rows, width, 1), v.look, r)
	}
}

// around returns the stretch of an incident, or of one that is open until an instant,
// with something before and after it.
func around(i *fold.Incident, until time.Duration) timeline.Span {
	to := i.To.Mono
	if i.Open() {
		to = until
	}
	margin := max((to-i.From.Mono)/5, 5*time.Second)
	return timeline.Span{From: i.From.Mono - margin, To: to + margin}
}
