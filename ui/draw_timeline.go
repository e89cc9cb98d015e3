package ui

import (
	"slices"
	"time"

	"flapscope/history/timeline"
	"flapscope/internal/text"
	"flapscope/monitor/fact"
	"flapscope/monitor/path"
	"flapscope/themes"
	"flapscope/ui/grid"
)

// drawTimeline draws everything above the chart that shares the time axis.
func drawTimeline(l *layout, f *frame, radios map[path.ScopeName]wifiView) {
	if l.roomy {
		f.head(l.timelineHead, "TIMELINE", rounded(f.step*time.Duration(f.cols))+" · "+rounded(f.step)+"/cell", f.titleStyle(f.focus == focusList))
	} else {
		l.axis.Text(0, 0, rounded(f.step*time.Duration(f.cols)), f.Muted)
	}
	drawAxis(l.axis.Sub(l.gutter, 0, l.cols, 1), f)
	for _, a := range []grid.Area{l.axis, l.incidents, l.path, l.marks, l.lanes, l.chart, l.loss} {
		a.Sub(l.gutter, 0, l.cols, a.Height()).Mark(timePart{f.axis})
	}
	l.path.Text(0, 0, "path", f.Strong.With(themes.Bold))
	l.incidents.Text(0, 0, "incidents", f.Muted)
	l.marks.Text(0, 0, "events", f.Muted)
	if f.tl == nil {
		l.path.Text(l.gutter, 0, f.waiting(), f.Muted)
		return
	}
	drawSpans(l.incidents.Sub(l.gutter, 0, l.cols, 1), f.spansView())
	drawPath(l.path.Sub(l.gutter, 0, l.cols, 1), f)
	drawMarks(l.marks.Sub(l.gutter, 0, l.cols, 1), f)
	drawLanes(l, f, radios)
}

// drawLanes draws the strip of each interface, and of Wi-Fi its signal below it where
// there is room.
func drawLanes(l *layout, f *frame, radios map[path.ScopeName]wifiView) {
	if len(f.lanes) == 0 {
		l.lanes.Text(0, 0, "no interface", f.Dim)
	}
	y, spare := 0, l.lanes.Height()-len(f.lanes)
	for _, lane := range f.lanes {
		if y == l.lanes.Height() {
			return
		}
		row, st := l.lanes.Row(y), f.Text
		if drawLane(row.Sub(l.gutter, 0, l.cols, 1), f, lane) {
			st = f.Dim
		}
		row.Cut(0, 0, l.gutter-1, lane.Name.Display(), st)
		y++
		if spare <= 0 {
			continue
		}
		if v, ok := radios[lane.Scope]; ok {
			drawRadioStrip(l.lanes.Row(y), l.gutter, v)
			y++
			spare--
		}
	}
}

// drawAxis draws the clock: ticks where a round time begins, with the time
// after each, and the cursor's time or the word "now". Ticks that would touch
// these are left out.
func drawAxis(a grid.Area, f *frame) {
	for x := range a.Width() {
		a.Set(x, 0, '─', f.Rule)
	}
	label, st := " now", f.Accent
	taken := a.Width() - len(label)
	if at := f.column(f.now); at+len(label) < a.Width() {
		taken = max(at+1-len(label), 0) // around an incident the axis goes on after the present
	}
	if !f.live {
		label, st = " "+f.clock(f.atTime, "15:04:05")+" ", f.CursorLabel
		taken = min(max(f.column(f.at)-len(label)/2, 0), a.Width()-len(label))
	}
	tick, layout := tickFor(f.step)
	last := f.tickAt(0, tick)
	for x := 1; x < a.Width(); x++ {
		n := f.tickAt(x, tick)
		if n == last {
			continue
		}
		last = n
		text := f.tickText(x, tick, layout)
		if end := x + 1 + len(text); end <= taken || x > taken+len(label) && end < a.Width() {
			a.Set(x, 0, '┬', f.Dim)
			a.Text(x+1, 0, text, f.Muted)
		}
	}
	a.Text(taken, 0, label, st)
}

// tickAt returns the number of the tick that holds at the end of column x, in
// local time.
func (f *frame) tickAt(x int, tick time.Duration) int64 {
	t := f.clockAt(x)
	_, zone := t.Zone()
	return (t.Unix() + int64(zone)) / int64(tick/time.Second)
}

// tickText returns the time of the tick in column x: its own time, which the
// column may begin before. Midnight is shown by its date.
func (f *frame) tickText(x int, tick time.Duration, layout string) string {
	t := f.clockAt(x)
	_, zone := t.Zone()
	past := (t.Unix() + int64(zone)) % int64(tick/time.Second)
	t = t.Truncate(time.Second).Add(-time.Duration(past) * time.Second)
	if tick >= time.Minute && t.Hour() == 0 && t.Minute() == 0 {
		layout = "2 Jan"
	}
	return t.Format(layout)
}

// clockAt returns the wall time at which column x ends; a tick belongs to the
// column in which its round time lies.
func (f *frame) clockAt(x int) time.Time {
	at := f.span.From + time.Duration(x+1)*f.step - 1
	if f.tl != nil {
		return f.tl.Clock(at).In(f.loc)
	}
	return f.nowTime.Add(at - f.now).In(f.loc)
}

// tickFor returns the distance of ticks for columns of step, and how a tick
// is written.
func tickFor(step time.Duration) (time.Duration, string) {
	const day = 24 * time.Hour
	for _, t := range []time.Duration{
		time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 15 * time.Second, 30 * time.Second,
	} {
		if t >= 12*step {
			return t, "15:04:05"
		}
	}
	for _, t := range []time.Duration{
		time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
		time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour,
	} {
		if t >= 8*step {
			return t, "15:04"
		}
	}
	for t := day; ; t *= 2 {
		if t >= 9*step {
			return t, "2 Jan"
		}
	}
}

// A run is neighbouring columns that look the same, with the segment that
// they belong to, if it is long enough to be known.
type run struct {
	from, to int
	level    timeline.Level
	segment  *timeline.Segment
}

// runs joins the worst level of each column with the segments.
func (f *frame) runs(scope path.ScopeName) []run {
	levels := f.tl.Strip(scope, f.span, f.cols)
	segments := f.segments(scope)
	end := f.column(f.present())
	var out []run
	first := 0
	for x, level := range levels {
		if x > end || x >= f.cols {
			break
		}
		from := f.span.From + time.Duration(x)*f.step
		for first < len(segments)-1 && segments[first].To <= from {
			first++
		}
		seg := segmentAt(segments[first:], from, from+f.step, level)
		if n := len(out); n > 0 && out[n-1].level == level && out[n-1].segment == seg {
			out[n-1].to = x + 1
			continue
		}
		out = append(out, run{x, x + 1, level, seg})
	}
	return out
}

// segments returns the stretches of a scope that are at least a column long.
// The timeline knows the newest one as far as the last observation; it lasts
// until the present.
func (f *frame) segments(scope path.ScopeName) []timeline.Segment {
	out := f.tl.Segments(scope, f.span, f.step)
	end := f.tl.Bounds().To
	if f.span.To < end {
		return out
	}
	all := f.tl.Segments(scope, timeline.Span{From: end - 1, To: end + 1}, 0)
	if len(all) == 0 {
		return out
	}
	newest := all[len(all)-1]
	if n := len(out); n > 0 && out[n-1].From == newest.From {
		out = out[:n-1]
	}
	newest.To = max(newest.To, f.present())
	if newest.To-newest.From >= f.step {
		out = append(out, newest)
	}
	return out
}

// present returns the newest instant that the screen may know of.
func (f *frame) present() time.Duration {
	if f.replay && f.tl != nil {
		return f.tl.Bounds().To
	}
	return f.now
}

// segmentAt returns the first of the segments that has the level and overlaps
// the column, or nil. The newest segment goes on.
func segmentAt(segments []timeline.Segment, from, to time.Duration, level timeline.Level) *timeline.Segment {
	for i := range segments {
		s := &segments[i]
		if s.From >= to {
			return nil
		}
		if s.Level == level && (s.To > from || i == len(segments)-1) {
			return s
		}
	}
	return nil
}

// drawPath draws the labelled bar of the machine's path.
func drawPath(a grid.Area, f *frame) {
	settled := f.settledLosses()
	before := f.PathGap
	written := -1 // the column after the last label
	runs := f.runs(path.ScopeMachine)
	for n, r := range runs {
		fill, ok := f.pathFill(r)
		if !ok {
			continue
		}
		if r.level == timeline.LevelBad && f.tl.Exact(f.span) && f.PathBad.Style.Bg != 0 && !slices.Contains(settled[r.from:r.to], true) {
			// It was over before it was settled: a notch in what went on.
			st := themes.Style{Fg: f.PathBad.Style.Bg, Bg: before.Style.Bg}
			a.Sub(r.from, 0, r.to-r.from, 1).Fill('▂', st)
			continue
		}
		before = fill
		block := a.Sub(r.from, 0, r.to-r.from, 1)
		block.Fill(fill.Rune, fill.Style)
		if r.segment == nil && r.level == timeline.LevelBad {
			r.segment = f.onlyLoss(r)
		}
		lead := 0
		if written == r.from {
			lead = 1 // labels that touch read as one word
		}
		if lead == block.Width() && r.level != timeline.LevelBad {
			continue
		}
		room := block.Width() - lead
		if n+1 < len(runs) && runs[n+1].to == r.to+1 && r.level != timeline.LevelBad {
			room-- // a single column has no room for a blank before its mark
		}
		label := f.pathLabel(r, room)
		if label == "" {
			continue
		}
		width := grid.Width(label)
		if block.Width() >= width+2 {
			lead = 1
		}
		written = r.from + block.Text(min(lead, block.Width()-width), 0, label, fill.Style)
	}
}

// settledLosses returns in which columns a loss of the path was settled.
func (f *frame) settledLosses() []bool {
	out := make([]bool, f.cols)
	for _, s := range f.tl.Settled(path.ScopeMachine, f.span) {
		if s.Level != timeline.LevelBad {
			continue
		}
		for x := max(f.column(s.From), 0); x < f.cols && f.span.From+time.Duration(x)*f.step < s.To; x++ {
			out[x] = true
		}
	}
	return out
}

// onlyLoss returns the loss that all of a run is, or nil when it is several,
// each too short for a place of its own.
func (f *frame) onlyLoss(r run) *timeline.Segment {
	span := timeline.Span{From: f.span.From + time.Duration(r.from)*f.step, To: f.span.From + time.Duration(r.to)*f.step}
	var found *timeline.Segment
	for _, s := range f.tl.Segments(path.ScopeMachine, span, 0) {
		if s.Level != timeline.LevelBad {
			continue
		}
		if found != nil {
			return nil
		}
		found = &s
	}
	return found
}

// noInternet is the note of a stretch with a path that leads nowhere: no more
// usable than none.
var noInternet = text.Words(path.HealthNoInternet)

// shade returns the shade of the interface of a name.
func (f *frame) shade(name fact.Untrusted) themes.Shade {
	for _, l := range f.lanes {
		if l.Name == name {
			return shadeOf(l.Type)
		}
	}
	return themes.Wired
}

// pathFill returns the block for a run of the path row, or false for none.
func (f *frame) pathFill(r run) (themes.Fill, bool) {
	switch r.level {
	case timeline.LevelGood, timeline.LevelStandby:
		shade := themes.Wired
		if r.segment != nil {
			shade = f.shade(r.segment.Label)
		}
		return f.Paths[shade], true
	case timeline.LevelGap:
		return f.PathGap, true
	case timeline.LevelWaiting, timeline.LevelDegraded:
		if r.segment != nil && r.segment.Note == noInternet {
			return f.PathBad, true
		}
		return f.PathWarn, true
	case timeline.LevelBad:
		return f.PathBad, true
	}
	return themes.Fill{}, false
}

// lasted writes how long a segment lasted, or lasts.
func (f *frame) lasted(s *timeline.Segment) string {
	if s.To >= f.present() {
		return text.Elapsed(s.To - s.From)
	}
	return text.Duration(s.To - s.From)
}

// pathLabel returns the longest label of a run that fits w columns.
func (f *frame) pathLabel(r run, w int) string {
	var choices []string
	if s := r.segment; s != nil {
		name, lasted := text.Words(s.Label.Display()), f.lasted(s)
		switch r.level {
		case timeline.LevelBad:
			choices = []string{name + " · " + lasted, lasted, text.Compact(s.To - s.From), text.Age(s.To - s.From)}
		case timeline.LevelGap, timeline.LevelWaiting:
			choices = []string{name + " " + lasted, name}
		case timeline.LevelDegraded:
			// What is wrong is the news, not where.
			choices = []string{s.Note + " · " + name, s.Note, "!"}
		default:
			if s.Note != "" {
				choices = append(choices, name+" · "+s.Note)
			}
			choices = append(choices, name)
		}
	}
	for _, c := range choices {
		if c != "" && grid.Width(c) <= w {
			return c
		}
	}
	switch r.level {
	case timeline.LevelBad:
		if r.segment == nil && w >= len("flaps")+2 {
			return "flaps" // several losses, each too short for a place of its own
		}
		return "×"
	case timeline.LevelDegraded:
		return "!"
	}
	return ""
}

// drawMarks draws one mark per column that has items: the worst of them, since
// a shape is read at once and a number is not.
func drawMarks(a grid.Area, f *frame) {
	for x, m := range f.tl.Marks(f.span, f.cols) {
		if m.Count > 0 {
			a.Set(x, 0, rune(m.Mark), f.markStyle(m.Mark, m.Severity).With(themes.Bold))
		}
	}
}

// drawLane draws the strip of one interface, the height telling the state, and
// reports whether it was never usable in the window.
func drawLane(a grid.Area, f *frame, lane timeline.Lane) bool {
	idle := true
	for _, r := range f.runs(lane.Scope) {
		glyph, st := f.laneGlyph(r.level, shadeOf(lane.Type))
		block := a.Sub(r.from, 0, r.to-r.from, 1)
		block.Fill(glyph, st)
		if r.level > timeline.LevelIdle && r.level != timeline.LevelBad {
			idle = false
		}
		drawLaneLabel(block, f, r)
	}
	return idle
}

// drawLaneLabel writes how long an interface was down into its strip, or why
// it was idle.
func drawLaneLabel(block grid.Area, f *frame, r run) {
	if r.segment == nil {
		return
	}
	w, reason := block.Width(), text.Words(r.segment.Label.Display())
	switch r.level {
	case timeline.LevelBad:
		down := "down " + f.lasted(r.segment)
		if full := reason + " " + f.lasted(r.segment); reason != "" && w >= grid.Width(full)+8 {
			down = full
		}
		if n := grid.Width(down) + 2; w >= n+4 {
			block.Text((w-n)/2, 0, " "+down+" ", f.LaneBad)
		}
	case timeline.LevelIdle, timeline.LevelGap:
		if reason != "" && w >= grid.Width(reason)+6 {
			block.Text(2, 0, " "+reason+" ", f.Dim)
		}
	}
}

// drawCursor draws the line of the cursor through an area: a tinted column,
// and a line where it is empty.
func drawCursor(a grid.Area, f *frame, gutter int, tint bool) {
	x := f.column(f.at)
	if f.live || x < 0 || x >= f.cols {
		return
	}
	for y := range a.Height() {
		r, st := a.At(gutter+x, y)
		if r == ' ' && st.Bg == 0 || r == '·' {
			a.Set(gutter+x, y, '│', f.CursorLine)
		}
		if tint && st.Bg == 0 {
			a.Sub(gutter+x, y, 1, 1).Restyle(func(s themes.Style) themes.Style { return s.On(f.CursorBg) })
		}
	}
}
