package ui

import (
	"time"

	"flapscope/history"
	"flapscope/monitor"
	"flapscope/themes"
	"flapscope/ui/grid"
)

// sparkStep is the time of one column of a target's small chart: several
// probes at the usual pace, so that a column says more than one of them.
const sparkStep = 5 * time.Second

// A table is where the columns of the targets end; negative ones are left out.
type table struct {
	name, method                    int
	last, p50, p99, jitter, loss    int
	spark, sparkWidth, detailColumn int
}

// newTable returns the columns for a width.
func newTable(width int) table {
	t := table{name: 2, method: 19, spark: -1, detailColumn: -1}
	if width >= 110 {
		t.method = 30
	}
	number := func(at int) int { return at + 7 }
	x := t.method + 6
	if width < 64 {
		t.method, x = -1, 17
	}
	t.last = number(x)
	t.p50 = number(t.last)
	t.p99 = number(t.p50)
	t.jitter = number(t.p99)
	t.loss = number(t.jitter)
	if rest := width - t.loss - 2; rest >= 8 {
		t.spark, t.sparkWidth = t.loss+2, min(rest, 48)
		if rest-t.sparkWidth >= 12 {
			t.detailColumn = t.spark + t.sparkWidth + 2
		}
	}
	return t
}

// drawTargets draws the table of what is probed.
func drawTargets(l *layout, f *frame, compact bool) {
	a := l.targets
	t := newTable(a.Width())
	if l.roomy {
		f.head(l.targetHead, "TARGETS", f.targetsRemark(), f.titleStyle(f.focus == focusTargets))
	}
	y := 0
	if !compact {
		drawTableHead(a, f, t)
		y = 1
	}
	if len(f.targets) == 0 {
		text := "nothing is probed"
		if f.unread() {
			text = f.unknown()
		}
		a.Text(0, y, text, f.Dim)
		return
	}
	skip := 0
	if i := f.targetIndex(); i >= a.Height()-y {
		skip = i - (a.Height() - y) + 1
	}
	for _, target := range f.targets[min(skip, len(f.targets)):] {
		if y >= a.Height() {
			return
		}
		drawTarget(a.Row(y), f, t, target)
		y++
	}
}

// targetsRemark says how many targets answer.
func (f *frame) targetsRemark() string {
	if f.snap == nil {
		if f.unread() {
			return f.unknown()
		}
		return ""
	}
	up := 0
	for _, t := range f.targets {
		if s := f.snap.Targets[t.ID]; s != nil && s.Last != nil && s.Last.Outcome == monitor.OutcomeOK {
			up++
		}
	}
	return num(int64(up)) + " of " + num(int64(len(f.targets))) + " answer"
}

// targetIndex returns the place of the selected target while the table has
// the focus, else -1.
func (f *frame) targetIndex() int {
	if f.focus != focusTargets {
		return -1
	}
	for i, t := range f.targets {
		if t.ID == f.target {
			return i
		}
	}
	return -1
}

func drawTableHead(a grid.Area, f *frame, t table) {
	for _, c := range []struct {
		end  int
		name string
	}{{t.last, "last"}, {t.p50, "p50"}, {t.p99, "p99"}, {t.jitter, "jitter"}, {t.loss, "loss"}} {
		a.Right(c.end, 0, c.name, f.Dim)
	}
	if t.method >= 0 {
		a.Text(t.name, 0, "ms", f.Dim)
	}
	if t.spark >= 0 {
		a.Text(t.spark, 0, "last "+since(sparkStep*time.Duration(t.sparkWidth)), f.Dim)
	}
}

// drawTarget draws one row of the table.
func drawTarget(a grid.Area, f *frame, t table, target *monitor.Target) {
	state := f.targetState(target.ID)
	dot, st := f.targetDot(state)
	a.Set(0, 0, dot, st)
	name := t.last - 8 - t.name
	if t.method >= 0 {
		name = t.method - 1 - t.name
		a.Cut(t.method, 0, 6, methodName(target), f.Muted)
	}
	a.Cut(t.name, 0, name, target.Name.Display(), f.Text)
	if f.tl != nil {
		drawStats(a, f, t, f.tl.Stats(target.ID, history.Span{From: f.span.From, To: min(f.at+1, f.span.To)}))
		drawSpark(a, f, t, target)
	}
	if t.detailColumn >= 0 && state != nil && state.Last != nil {
		a.Cut(t.detailColumn, 0, a.Width()-t.detailColumn, outcomeText(state.Last), f.Muted)
	}
	if f.focus == focusTargets && target.ID == f.target {
		a.Restyle(f.Select)
	}
}

// methodName is the short word for how a target is probed.
func methodName(t *monitor.Target) string {
	if t.Method == monitor.MethodPing {
		return "icmp"
	}
	return string(t.Method)
}

// targetState returns what the cursor's state knows of a target, or nil.
func (f *frame) targetState(id string) *monitor.TargetState {
	if f.snap == nil {
		return nil
	}
	return f.snap.Targets[id]
}

// targetDot tells by shape and colour what became of the last probe.
func (f *frame) targetDot(s *monitor.TargetState) (rune, themes.Style) {
	switch {
	case s == nil || s.Last == nil:
		return '○', f.Dim
	case s.Last.Outcome == monitor.OutcomeOK:
		return '●', f.Good
	case s.Last.Outcome == monitor.OutcomePortal:
		return '!', f.Warn
	case s.Last.Outcome.Lost():
		return '×', f.Bad
	}
	return '○', f.Muted
}

// outcomeText says what became of a probe, in words.
func outcomeText(r *monitor.ProbeResult) string {
	if d := r.Detail.Display(); d != "" {
		return d
	}
	return words(r.Outcome)
}

func drawStats(a grid.Area, f *frame, t table, s history.Stats) {
	all := s.Answered + s.Lost
	number := func(end int, v time.Duration, st themes.Style) {
		text := "–"
		if v > 0 && s.Answered > 0 {
			text = millis(v)
		}
		a.Right(end, 0, text, st)
	}
	// What only single samples could tell is not known of a sum.
	if f.unread() {
		s.Last, s.Jitter = 0, 0
	}
	if f.summed {
		s.P99 = 0
	}
	number(t.last, s.Last, f.Strong.With(themes.Bold))
	number(t.p50, s.P50, f.Text)
	number(t.p99, s.P99, f.Text)
	number(t.jitter, s.Jitter, f.Text)
	loss, st := "–", f.Muted
	if all > 0 {
		loss = percent(s.LossFraction, 1)
	}
	switch {
	case s.LossFraction >= 0.1:
		st = f.Bad
	case s.LossFraction > 0:
		st = f.Warn
	}
	a.Right(t.loss, 0, loss, st)
}

// drawSpark draws a target's round trips of late: heights relative to twice
// their median, so that calm is low and trouble stands out.
func drawSpark(a grid.Area, f *frame, t table, target *monitor.Target) {
	if t.spark < 0 || f.unread() {
		return
	}
	to := f.at/sparkStep*sparkStep + sparkStep
	span := history.Span{From: to - sparkStep*time.Duration(t.sparkWidth), To: to}
	buckets := f.tl.Latency(target.ID, span, t.sparkWidth)
	top := sparkTop(buckets)
	for i, b := range buckets {
		x := t.spark + i
		switch {
		case b.Lost > 0 && b.Answered == 0:
			a.Set(x, 0, '×', f.Loss)
		case b.Lost > 0:
			a.Set(x, 0, eighth(int(8*b.Median/top)), f.Loss)
		case b.Answered > 0:
			a.Set(x, 0, eighth(int(8*b.Median/top)), f.Spark)
		}
	}
}

// sparkTop returns the round trip of a full bar.
func sparkTop(buckets []history.Bucket) time.Duration {
	var sum, most time.Duration
	n := time.Duration(0)
	for _, b := range buckets {
		if b.Answered > 0 {
			sum += b.Median
			most = max(most, b.Median)
			n++
		}
	}
	if n == 0 || sum == 0 {
		return 1
	}
	return max(most, sum/n*3)
}
