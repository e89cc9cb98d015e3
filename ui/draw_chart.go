package ui

import (
	"slices"
	"time"

	"flapscope/history/timeline"
	"flapscope/internal/text"
	"flapscope/monitor/fact"
	"flapscope/themes"
	"flapscope/ui/grid"
)

// eighths are the heights of a bar within one cell.
const eighths = "▁▂▃▄▅▆▇█"

// eighth returns the bar of height n of 8, at least one.
func eighth(n int) rune { return []rune(eighths)[min(max(n, 1), 8)-1] }

// A plot is one line of the chart: two buckets per column.
type plot struct {
	target  *fact.Target
	buckets []timeline.Bucket
}

// A latencyView is what the chart and the loss below it show.
type latencyView struct {
	look
	axis
	plots []plot
	// beside are the lines of another chart that is to have the same scale.
	beside []plot
	// log is whether the scale is logarithmic.
	log bool
	// why says why there is nothing to draw, or is "".
	why string
	// known is the stretch of which anything is known, until the present.
	known timeline.Span
}

// latencyView returns what the chart shows.
func (f *frame) latencyView() latencyView {
	v := latencyView{look: f.look, axis: f.axis, plots: f.plots(), log: f.logarithmic}
	v.why = f.noData(v.plots)
	if f.tl != nil {
		v.known = timeline.Span{From: f.tl.Bounds().From, To: f.present()}
	}
	return v
}

// drawLatency draws the chart and the loss below it.
func drawLatency(l *layout, v latencyView) {
	chart := l.chart.Sub(l.gutter, 0, l.cols, l.chart.Height())
	top := heightsOf(slices.Concat(v.plots, v.beside), chart.Height(), v.log)
	if !l.roomy {
		drawNames(l, v, top)
	}
	l.loss.Text(0, 0, "loss", v.Muted)
	if v.why != "" {
		drawLegend(l.latencyHead, v, false)
		lines := wrap(v.why, chart.Width()-2)
		for i, line := range lines {
			chart.Text(1, (chart.Height()-len(lines))/2+i, line, v.Muted)
		}
		return
	}
	drawScale(l.chart, v.look, l.gutter, top)
	clipped := drawPlots(chart, v, top)
	if l.roomy {
		drawLegend(l.latencyHead, v, clipped)
	}
	if !answered(v.plots) {
		said := "no answer"
		chart.Text((chart.Width()-len(said))/2, chart.Height()/2, said, v.Bad)
	}
	drawLoss(l.loss.Sub(l.gutter, 0, l.cols, 1), v)
}

// drawPlots draws the lines of a chart, the first above the others, and says what
// ended or is above it. It reports whether anything is.
func drawPlots(chart grid.Area, v latencyView, top heights) (clipped bool) {
	for i, plot := range slices.Backward(v.plots) {
		drawBand(chart, plot.buckets, top, v.Series[i].Band)
	}
	for i, plot := range slices.Backward(v.plots) {
		drawLine(chart, plot, v.step/2, top, v.Series[i].Line)
	}
	clipped = drawOutlier(chart, v, top.top)
	drawSilent(chart, v)
	return clipped
}

// answered reports whether there is a round trip in any of the plots.
func answered(plots []plot) bool {
	return slices.ContainsFunc(plots, func(p plot) bool {
		return slices.ContainsFunc(p.buckets, func(b timeline.Bucket) bool { return b.Answered > 0 })
	})
}

// drawNames writes the names of the lines left of the chart, the first at the
// bottom, as many as fit beside the labels of the scale.
func drawNames(l *layout, v latencyView, top heights) {
	h := l.chart.Height()
	labels := top.labels(h)
	y := h - 1
	for i, p := range v.plots {
		for slices.ContainsFunc(labels, func(s scaleLabel) bool { return s.y == y }) {
			y--
		}
		if y < 0 {
			return
		}
		name := p.target.Name.Display()
		if grid.Width(name) > l.gutter-1 && name == p.target.Addr.String() {
			name = p.target.Family.Title() // an address that is cut is none
		}
		l.chart.Cut(0, y, l.gutter-1, name, v.Series[i].Line)
		y--
	}
}

// plots returns the lines of the chart.
func (f *frame) plots() []plot {
	if f.tl == nil {
		return nil
	}
	var out []plot
	for _, t := range f.charted {
		out = append(out, plot{t, f.latency(t.ID, f.span, 2*f.cols)})
	}
	return out
}

// noData says why there is nothing to draw, or returns "".
func (f *frame) noData(plots []plot) string {
	if f.tl == nil {
		return f.waiting()
	}
	if len(f.targets) == 0 && f.unread() {
		return f.unknown()
	}
	if len(f.targets) == 0 {
		if n := f.notices(); len(n) > 0 {
			return "nothing is probed: " + n[0]
		}
		return "nothing is probed: probes are off, or there is no path to probe"
	}
	blocked := false
	for _, p := range plots {
		for _, b := range p.buckets {
			if b.Answered > 0 || b.Lost > 0 {
				return ""
			}
			blocked = blocked || b.NoData > 0
		}
	}
	if n := f.notices(); blocked && len(n) > 0 {
		return n[0]
	}
	if f.live && f.now-f.tl.Bounds().From < 10*time.Second {
		return "waiting for the first answer"
	}
	return "no probe was made in this span"
}

// notices returns the texts of the features that are degraded, in a stable
// order.
func (f *frame) notices() []string {
	if f.snap == nil {
		return nil
	}
	var keys []string
	for k := range f.snap.Notices {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	var out []string
	for _, k := range keys {
		out = append(out, f.snap.Notices[k].Text.Display())
	}
	return out
}

// drawLegend draws the head of the chart with the names of its lines.
func drawLegend(a grid.Area, v latencyView, clipped bool) {
	const band = "band min–max, line median"
	remarks := []string{band, ""}
	switch {
	case v.log:
		remarks = []string{"log scale (L) · " + band, "log scale (L)", ""}
	case clipped:
		remarks = []string{"clipped at ↑ · L log scale", "clipped at ↑", ""}
	}
	names, room := make([]string, len(v.plots)), a.Width()-len("LATENCY ")-6
	for i, p := range v.plots {
		names[i] = grid.Cut(p.target.Name.Display(), 20)
		room -= grid.Width(names[i]) + 5
	}
	// That each line has its name comes before how they are drawn.
	remark := longest(remarks, max(room, 0))
	x := v.head(a, "LATENCY", remark, v.titleStyle(false))
	end := a.Width() - grid.Width(remark) - 6
	for i, name := range names {
		if x+grid.Width(name)+5 > end {
			return
		}
		a.Text(x, 0, "─", v.Rule)
		a.Text(x+1, 0, "━", v.Series[i].Line.With(themes.Bold))
		x = a.Text(x+2, 0, " "+name+" ", v.Text)
	}
}

// drawSilent names the targets that no longer answer in the room that they leave:
// a line that ends is easily taken for one that is hidden by another. Where there is
// no room beside the other lines only the first is named.
func drawSilent(a grid.Area, v latencyView) {
	y := 1
	for n, p := range v.plots {
		from, to, lost := -1, v.column(v.known.To), false
		for x, b := range p.buckets {
			if b.Answered > 0 {
				from, lost = x/2, false
			}
			lost = lost || b.Lost > 0
		}
		name := grid.Cut(p.target.Name.Display(), 20)
		room := min(to, a.Width()) - from - 2
		width := max(grid.Width(name), len("silent"))
		if from < 0 || !lost || room < width {
			continue
		}
		free := y
		for free+2 <= a.Height() && !blank(a.Sub(from+2, free, width, 2)) {
			free++
		}
		switch {
		case free+2 <= a.Height():
			y = free
		case n > 0 || y+2 > a.Height():
			continue
		}
		a.Text(from+2, y, name, v.Bad)
		a.Text(from+2, y+1, "silent", v.Bad)
		y += 3
	}
}

// blank reports whether nothing but the scale is drawn in an area.
func blank(a grid.Area) bool {
	for y := range a.Height() {
		for x := range a.Width() {
			if r, _ := a.At(x, y); r != ' ' && r != '·' && r != 0 {
				return false
			}
		}
	}
	return true
}

// drawOutlier writes the greatest round trip that is above the chart at its place,
// and reports whether there is one.
func drawOutlier(a grid.Area, v latencyView, top time.Duration) bool {
	at, greatest := 0, top
	for _, p := range v.plots {
		for x, b := range p.buckets {
			if b.Answered > 0 && b.Median > greatest {
				at, greatest = x/2, b.Median
			}
		}
	}
	if greatest > top {
		label := "↑" + text.Duration(greatest)
		a.Text(min(at, max(a.Width()-grid.Width(label), 0)), 0, label, v.Warn)
	}
	return greatest > top
}

// dots sets the dots of column x from row y0 to y1, both included.
func dots(a grid.Area, x, y0, y1 int, st themes.Style) {
	if y0 > y1 {
		y0, y1 = y1, y0
	}
	for y := y0; y <= y1; {
		row, bits := y/4, uint8(0)
		for ; y <= y1 && y/4 == row; y++ {
			bits |= grid.Bit(x%2, y%4)
		}
		a.Dot(x/2, row, bits, st)
	}
}

// drawBand draws the range of round trips of each bucket.
func drawBand(a grid.Area, buckets []timeline.Bucket, top heights, st themes.Style) {
	if st == (themes.Style{}) {
		return // without colours a band could not be told from the line
	}
	for x, b := range buckets {
		if b.Answered > 1 {
			dots(a, x, top.row(b.Max, 4*a.Height()), top.row(b.Min, 4*a.Height()), st)
		}
	}
}

// drawLine draws the medians. Buckets between two answers are bridged when
// they are empty because the target is not probed that often, never across a
// loss or a gap.
func drawLine(a grid.Area, p plot, step time.Duration, top heights, st themes.Style) {
	n := 4 * a.Height()
	bridge := 1 + int(p.target.Interval*5/2/max(step, 1))
	last, lastY := -1, 0
	for x, b := range p.buckets {
		if b.Answered == 0 {
			if b.Lost > 0 || b.NoData > 0 {
				last = -1
			}
			continue
		}
		y := top.row(b.Median, n)
		if last < 0 || x-last > bridge {
			dots(a, x, y, y, st)
		} else {
			drawStroke(a, last, lastY, x, y, st)
		}
		last, lastY = x, y
	}
}

// drawStroke connects two points of a line, one column of dots at a time.
func drawStroke(a grid.Area, x0, y0, x1, y1 int, st themes.Style) {
	prev := y0
	for x := x0 + 1; x <= x1; x++ {
		y := y0 + (y1-y0)*(x-x0)/(x1-x0)
		from := y
		switch {
		case y > prev+1:
			from = prev + 1
		case y < prev-1:
			from = prev - 1
		}
		dots(a, x, from, y, st)
		prev = y
	}
}

// drawLoss draws the loss of the target that leads the chart: a resolver that
// is dead must not look like an internet that is.
func drawLoss(a grid.Area, v latencyView) {
	end, begin := v.column(v.known.To), v.column(v.known.From)
	for x, l := range lossOf(v.plots[0], v.step) {
		switch {
		case x > end:
			return
		case l > 0:
			a.Set(x, 0, eighth(int(l*8+0.999)), v.Loss)
		case x >= begin:
			a.Set(x, 0, '·', v.LaneNone)
		}
	}
}

// lossOf returns a target's loss in each column. A column without a probe, in
// a window so narrow that there are some, has the loss of the last one.
func lossOf(p plot, step time.Duration) []float64 {
	out := make([]float64, len(p.buckets)/2)
	reach := int(p.target.Interval / max(step, 1))
	last, lastX := 0.0, -1
	for x := range out {
		l, r := p.buckets[2*x], p.buckets[2*x+1]
		lost, all := l.Lost+r.Lost, l.Lost+r.Lost+l.Answered+r.Answered
		switch {
		case all > 0:
			last, lastX = float64(lost)/float64(all), x
			out[x] = last
		case lastX >= 0 && x-lastX <= reach && l.NoData+r.NoData == 0:
			out[x] = last
		}
	}
	return out
}

// charted chooses the targets of the chart: the selected one first, else the
// internet; then the gateway; then the internet over another family. They are those
// that are pinged, or where nothing may be what is asked otherwise.
func charted(targets []*fact.Target, selected string, unpinged bool) []*fact.Target {
	var out []*fact.Target
	add := func(match func(*fact.Target) bool) {
		for _, t := range targets {
			if match(t) && !slices.Contains(out, t) {
				out = append(out, t)
				return
			}
		}
	}
	if selected != "" {
		add(func(t *fact.Target) bool { return t.ID == selected })
	}
	add(func(t *fact.Target) bool {
		return t.Role == fact.RoleInternet && (t.Method == fact.MethodPing) != unpinged
	})
	add(func(t *fact.Target) bool {
		return t.Role == fact.RoleGateway && (t.Method != fact.MethodPing || !unpinged)
	})
	add(func(t *fact.Target) bool {
		return t.Role == fact.RoleInternet && len(out) > 0 && t.Family != out[0].Family && (t.Method != fact.MethodPing || !unpinged)
	})
	add(func(t *fact.Target) bool { return t.Role == fact.RoleResolver })
	if len(out) == 0 && len(targets) > 0 {
		out = targets[:1]
	}
	return out[:min(len(out), 3)]
}
