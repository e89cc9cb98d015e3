package ui

import (
	"slices"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"flapscope/history/timeline"
	"flapscope/internal/text"
	"flapscope/monitor/fact"
	"flapscope/themes"
	"flapscope/ui/grid"
)

// A targetsPage shows a chart of each target, those that fail first.
type targetsPage struct{ *scope }

// update implements page: up and down choose a target.
func (p targetsPage) update(msg tea.Msg) tea.Cmd {
	if k, ok := msg.(tea.KeyPressMsg); ok && p.tl != nil && key.Matches(k, p.keys.Up, p.keys.Down) {
		p.focus = focusTargets
		p.selectTarget(key.Matches(k, p.keys.Up))
		return nil
	}
	return p.scope.update(msg)
}

// The size of the card of a target.
const (
	leastCardWidth  = 36
	leastCardHeight = 9
	mostCardHeight  = 20
	cardGap         = 2
)

// draw implements page.
func (p targetsPage) draw(a grid.Area, bar barView) {
	bar.own = []key.Binding{bind("↑↓", "target", "up", "down")}
	f, body := p.shell(a, bar)
	v := f.targetsView()
	columns := max(1, (body.Width()+cardGap)/(leastCardWidth+cardGap))
	room := body.Height() - 1
	rows := max(1, room/leastCardHeight)
	if n := (len(v.rows) + columns - 1) / columns; n > 0 {
		rows = min(rows, n)
	}
	selected := slices.IndexFunc(v.rows, func(r targetRow) bool { return r.ID == f.target })
	skip := 0
	if selected >= columns*rows {
		skip = (selected/columns - rows + 1) * columns
	}
	shown := v.rows[skip:min(skip+columns*rows, len(v.rows))]
	drawTargetsPageHead(body.Row(0), f, v, len(shown))
	if len(v.rows) == 0 {
		body.Text(0, 1, v.empty, f.Dim)
		return
	}
	width, height := (body.Width()-cardGap*(columns-1))/columns, min(room/rows, mostCardHeight)
	for i, r := range shown {
		card := body.Sub(i%columns*(width+cardGap), 1+i/columns*height, width, height)
		f.drawCard(card, v, r, skip+i == selected)
	}
	drawCardLegend(body.Row(body.Height()-1), f, v.rows[skip+len(shown):])
}

// drawCardLegend says what the colours of the outcomes mean, and what there is
// besides the cards, in the blank row below the last of these.
func drawCardLegend(a grid.Area, f *frame, more []targetRow) {
	x := a.Text(0, 0, "outcome", f.Dim) + 1
	for _, c := range []struct {
		mark  rune
		said  string
		style themes.Style
	}{{'▃', "answered", f.Spark}, {'▄', "some lost", f.LaneWarn}, {'▁', "all lost", f.LaneBad}} {
		a.Set(x, 0, c.mark, c.style)
		a.Set(x+1, 0, c.mark, c.style)
		x = a.Text(x+3, 0, c.said, f.Muted) + 2
	}
	if len(more) == 0 {
		return
	}
	failing, said, st := 0, num(int64(len(more)))+" more", f.Muted
	for _, r := range more {
		if r.state == targetFails {
			failing++
		}
	}
	if failing > 0 {
		said, st = said+", "+num(int64(failing))+" failing", f.Bad
	}
	a.Right(a.Width(), 0, said, st)
}

// drawTargetsPageHead says how many fail, and what the cards show.
func drawTargetsPageHead(a grid.Area, f *frame, v targetsView, shown int) {
	remark := "failing first · one scale each · " + rounded(f.step*time.Duration(f.cols))
	if shown < len(v.rows) {
		remark = num(int64(shown)) + " of " + num(int64(len(v.rows))) + " · " + remark
	}
	if a.Width() < panesFrom-2 {
		remark = rounded(f.step * time.Duration(f.cols))
	}
	x := f.head(a, "TARGETS", remark, f.Focus)
	if len(v.rows) > 0 {
		said, st := v.summary()
		a.Text(x, 0, " "+said+" ", st)
	}
}

// drawCard draws one target: how it does, its round trips on a scale of its
// own, what became of its probes, and the figures of the window.
func (f *frame) drawCard(a grid.Area, v targetsView, r targetRow, selected bool) {
	a.Mark(targetPart(r.ID))
	f.drawCardHead(a.Row(0), r, selected)
	h := a.Height() - 4 // head, outcomes, figures, blank
	const gutter = 8
	cols := a.Width() - gutter
	chart := a.Sub(gutter, 1, cols, h)
	if h < 1 || cols < 1 {
		return
	}
	x := f.over(cols)
	buckets := f.latency(r.ID, x.span, 2*cols)
	plots := []plot{{r.Target, buckets}}
	top := heightsOf(plots, h, f.logarithmic)
	drawScale(a.Sub(0, 1, a.Width(), h), f.look, gutter, top)
	series := f.Series[0]
	if r.state == targetFails || r.state == targetPortal {
		series.Line = f.Warn
	}
	drawBand(chart, buckets, top, series.Band)
	drawLine(chart, plots[0], x.step/2, top, series.Line)
	drawOutlier(chart, latencyView{look: f.look, plots: plots}, top.top)
	f.drawOutcomes(a.Row(1+h), gutter, buckets)
	f.drawFigures(a.Row(2+h), v, r)
}

func (f *frame) drawCardHead(a grid.Area, r targetRow, selected bool) {
	dot, st := f.targetDot(r)
	said, saidStyle := f.cardState(r)
	end := a.Right(a.Width(), 0, said, saidStyle)
	a.Set(0, 0, dot, st)
	name := f.Strong.With(themes.Bold)
	if r.state == targetIdle {
		name = f.Dim
	}
	room := end - 3 - grid.Width(methodName(r.Target)) - 1
	x := a.Cut(2, 0, room, targetName(r.Target, room), name)
	a.Text(x+1, 0, methodName(r.Target), f.Muted)
	if selected {
		a.Restyle(f.Select)
	}
}

// cardState says in a word how a target does.
func (f *frame) cardState(r targetRow) (string, themes.Style) {
	switch {
	case r.last == nil:
		return "not asked yet", f.Dim
	case r.state == targetIdle:
		return brief(r.age) + " ago", f.Dim
	case r.state == targetAnswers:
		return "ok", f.Good
	case r.state == targetPortal:
		return "portal", f.Warn.With(themes.Bold)
	}
	return lastText(r, 0), f.Bad.With(themes.Bold)
}

// drawOutcomes draws what became of the probes of each column, two buckets of
// the chart: answered, some lost, all lost.
func (f *frame) drawOutcomes(a grid.Area, gutter int, buckets []timeline.Bucket) {
	a.Text(0, 0, "outcome", f.Dim)
	for x := range len(buckets) / 2 {
		l, r := buckets[2*x], buckets[2*x+1]
		answered, lost := l.Answered+r.Answered, l.Lost+r.Lost
		switch {
		case lost > 0 && answered == 0:
			a.Set(gutter+x, 0, '▁', f.LaneBad)
		case lost > 0:
			a.Set(gutter+x, 0, '▄', f.LaneWarn)
		case answered > 0:
			a.Set(gutter+x, 0, '▃', f.Spark)
		}
	}
}

// drawFigures draws what sums up the window.
func (f *frame) drawFigures(a grid.Area, v targetsView, r targetRow) {
	s := v.stats(r.ID)
	end := a.Right(a.Width(), 0, lossText(s), f.lossStyle(s))
	x, named := 0, false
	for _, c := range []struct {
		name  string
		value time.Duration
	}{{"p50", s.P50}, {"p95", s.P95}, {"p99", s.P99}, {"jitter", s.Jitter}} {
		if c.value <= 0 || s.Answered == 0 {
			continue // too few answers for it say nothing
		}
		said := millis(c.value)
		next := x + grid.Width(c.name+" "+said) + 2
		if next >= end-len("loss ")-1 && named {
			break // a number that is cut is another
		}
		named = true
		a.Text(a.Text(x, 0, c.name+" ", f.Muted), 0, said, f.Text)
		x = next
	}
	if end-6 > x {
		a.Right(end-1, 0, "loss", f.Muted)
	}
	if detail := f.cardDetail(r); detail != "" && end-6-x > 12 {
		a.Text(x, 0, cutWords(detail, end-7-x), f.Muted)
	}
}

// cardDetail says where the time of the last answer went, or why there was none.
func (f *frame) cardDetail(r targetRow) string {
	if r.last == nil || r.state == targetIdle {
		return ""
	}
	if r.last.Outcome == fact.OutcomeOK {
		return "now " + text.Duration(r.last.RTT)
	}
	return outcomeText(r.last)
}
