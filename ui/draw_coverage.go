package ui

import (
	"slices"
	"time"

	"flapscope/history/timeline"
	"flapscope/internal/text"
	"flapscope/monitor/path"
	"flapscope/themes"
	"flapscope/ui/grid"
)

// The rows of the coverage without its charts: a head, the axis, what was observed,
// what was lost, and a blank one; and the height that a chart has.
const (
	coverageRows  = 5
	leastCoverage = 1
	mostCoverage  = 16
)

// drawCoverage draws above needed rows how far all that is known was observed, and
// how many probes were sent and events were seen when. It returns the room below.
func (f *frame) drawCoverage(a grid.Area, needed int) grid.Area {
	each := min((a.Height()-needed-coverageRows)/2, mostCoverage)
	height := 2 * each
	if each < leastCoverage || f.tl == nil {
		return a
	}
	b := f.tl.Bounds()
	g := f.stretch(f.whole(), a.Width())
	remark := ""
	if all := b.To - b.From; all > 0 {
		_, blind := f.gaps()
		remark = percent(1-float64(blind)/float64(all), 2) + " of " + text.Elapsed(all)
	}
	f.head(a.Row(0), "OBSERVED", remark, f.Focus)
	cols := a.Sub(stretchGutter, 1, g.cols, height+3)
	cols.Mark(timePart{g.axis})
	drawAxis(cols.Row(0), g)
	a.Text(0, 2, "watched", f.Text)
	for x, level := range f.tl.Strip(path.ScopeMachine, g.span, g.cols) {
		switch {
		case g.span.From+g.step*time.Duration(x) > b.To || level == timeline.LevelNone:
		case level == timeline.LevelGap:
			cols.Set(x, 1, '~', f.Warn)
		default:
			cols.Set(x, 1, '▇', f.LaneStandby)
		}
	}
	g.drawAsked(a.Sub(0, 3, a.Width(), each+1))
	events := make([]float64, g.cols)
	for x := range events {
		from := g.span.From + g.step*time.Duration(x)
		events[x] = float64(f.tl.Count(timeline.Span{From: from, To: from + g.step}))
	}
	g.drawFrequency(a.Sub(0, 4+each, a.Width(), each), "events", events, f.Lanes[themes.Cellular])
	drawCursor(a.Sub(0, 2, a.Width(), height+2), g, stretchGutter, true)
	used := height + coverageRows
	return a.Sub(0, used, a.Width(), a.Height()-used)
}

// drawAsked draws how many probes were sent in each column, and in the last row
// which part of them was lost.
func (f *frame) drawAsked(a grid.Area) {
	sent, lost := make([]float64, f.cols), make([]float64, f.cols)
	for _, t := range f.targets {
		for x, b := range f.latency(t.ID, f.span, f.cols) {
			sent[x] += float64(b.Answered + b.Lost)
			lost[x] += float64(b.Lost)
		}
	}
	h := a.Height() - 1
	f.drawFrequency(a.Sub(0, 0, a.Width(), h), "probes", sent, f.Lanes[themes.Tunnel])
	a.Text(0, h, "lost", f.Text)
	for x := range sent {
		switch {
		case lost[x] > 0:
			a.Set(stretchGutter+x, h, eighth(int(lost[x]/sent[x]*8+0.999)), f.Loss)
		case sent[x] > 0:
			a.Set(stretchGutter+x, h, '·', f.LaneNone)
		}
	}
}

// drawFrequency draws how often something was in each column, and how often a minute
// that is at the top.
func (f *frame) drawFrequency(a grid.Area, name string, counts []float64, st themes.Style) {
	h, most := a.Height(), slices.Max(counts)
	a.Text(0, h-1, name, f.Text)
	if most == 0 {
		return
	}
	if h > 1 {
		a.Right(stretchGutter-1, 0, num(int64(most/f.step.Minutes()+0.5))+"/min", f.Dim)
	}
	for x, n := range counts {
		drawColumn(a.Sub(stretchGutter+x, 0, 1, h), n/most, st)
	}
}

// drawColumn fills a part of a column from its foot; a little is never drawn as
// nothing.
func drawColumn(a grid.Area, part float64, st themes.Style) {
	h := a.Height()
	level := 0
	if part > 0 {
		level = max(int(part*8*float64(h)+0.5), 1)
	}
	for y := h - 1; y >= 0 && level > 0; y-- {
		a.Set(0, y, eighth(min(level, 8)), st)
		level -= 8
	}
}

// askedPane lists what is asked, and how often.
func (f *frame) askedPane() pane {
	p := pane{title: "ASKED", least: 1}
	if len(f.targets) == 0 {
		p.rows = []paneRow{{key: "nothing", keyStyle: f.Muted}}
		return p
	}
	p.remark = text.Count(len(f.targets), "target")
	for _, t := range f.targets {
		const name, method = 28, 6
		every := text.Duration(t.Interval)
		if t.Interval%time.Second == 0 {
			every = text.Elapsed(t.Interval)
		}
		r := paneRow{key: grid.Cut(targetName(t.Target, name), name), keyStyle: f.Text, at: name + 3}
		r.mark, r.markStyle = f.targetDot(t)
		r.parts = spans{{pad(methodName(t.Target), method), f.Muted}, {"every " + every, f.Muted}}
		p.rows = append(p.rows, r)
	}
	return p
}
