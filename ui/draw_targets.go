package ui

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"flapscope/history/timeline"
	"flapscope/internal/text"
	"flapscope/monitor/fact"
	"flapscope/monitor/path"
	"flapscope/themes"
	"flapscope/ui/grid"
)

// sparkStep is the time of one column of a target's small chart: several
// probes at the usual pace, so that a column says more than one of them.
const sparkStep = 5 * time.Second

// A targetsView is what the table of targets shows.
type targetsView struct {
	look
	rows []targetRow
	// selected is the row of the selected target, or -1; focused is whether the
	// table has the focus.
	selected int
	focused  bool
	// empty says why there are no rows or nothing is known of them, or is "".
	empty string
	// cost says what probing costs at the pace of the last minute, or is "".
	cost string
	// stats sums up the probes of a target over the window, counted once for all that
	// shows them, and spark returns what they did in each of the last n columns of
	// sparkStep.
	stats func(id string) timeline.Stats
	spark func(id string, n int) []timeline.Bucket
}

// A targetRow is one target and what is known of it at the cursor.
type targetRow struct {
	*fact.Target
	state targetState
	// last is the newest result, or nil; age is how old it is.
	last *fact.ProbeResult
	age  time.Duration
}

// A targetState says how a target does; what a reader must see first is
// greater.
type targetState uint8

// The states of targets.
const (
	// targetIdle is one that is not asked, since there is no way to it or no
	// answer yet: whatever is known of it is of before.
	targetIdle targetState = iota
	targetAnswers
	targetPortal
	targetFails
)

// targetsView returns what the table shows.
func (f *frame) targetsView() targetsView {
	v := targetsView{look: f.look, rows: f.targets, selected: -1, focused: f.focus == focusTargets}
	if v.focused {
		v.selected = slices.IndexFunc(v.rows, func(r targetRow) bool { return r.ID == f.target })
	}
	switch {
	case f.unread():
		v.empty = f.unknown()
	case len(v.rows) == 0:
		v.empty = "nothing is probed"
	}
	v.cost = f.probeCost()
	known := map[string]timeline.Stats{}
	v.stats = func(id string) timeline.Stats {
		if s, ok := known[id]; ok {
			return s
		}
		s := f.tl.Stats(id, timeline.Span{From: f.span.From, To: min(f.at+1, f.span.To)})
		// What only single samples could say is not known of a sum, which has no
		// percentiles of less than an hour but those of its medians.
		if f.unread() {
			s.Last, s.Jitter, s.P95, s.P99 = 0, 0, 0, 0
		}
		known[id] = s
		return s
	}
	v.spark = func(id string, n int) []timeline.Bucket {
		if f.unread() {
			return nil
		}
		to := f.at/sparkStep*sparkStep + sparkStep
		return f.latency(id, timeline.Span{From: to - sparkStep*time.Duration(n), To: to}, n)
	}
	return v
}

// targetRows returns the targets with how they do at the cursor, those that
// fail first.
func (f *frame) targetRows(targets []*fact.Target) []targetRow {
	var out []targetRow
	for _, t := range targets {
		r := targetRow{Target: t}
		if f.snap != nil {
			if s := f.snap.Targets[t.ID]; s != nil && s.Last != nil {
				r.last, r.age = s.Last, max(f.at-s.LastAt, 0)
				r.state = f.targetState(&r)
			}
		}
		out = append(out, r)
	}
	// Those of a path that flaps are asked and not by turns: they keep their place for
	// a while.
	const whileIdle = time.Minute
	rank := func(r targetRow) targetState {
		if gone := f.snap == nil || f.snap.Targets[r.ID] == nil; gone || r.age > whileIdle {
			return r.state
		}
		return max(r.state, targetAnswers)
	}
	slices.SortStableFunc(out, func(a, b targetRow) int { return cmp.Compare(rank(b), rank(a)) })
	return out
}

// targetState judges a target that was asked at least once.
func (f *frame) targetState(r *targetRow) targetState {
	switch {
	case !f.asked(r):
		return targetIdle
	case r.last.Outcome == fact.OutcomePortal:
		return targetPortal
	case r.Answered(r.last.Outcome):
		return targetAnswers
	case r.last.Outcome.Lost():
		return targetFails
	}
	return targetIdle
}

// asked reports whether a target is probed at the cursor: there is a way to
// it, and its last result is not so old that several more are due.
func (f *frame) asked(r *targetRow) bool {
	p := f.path()
	switch {
	case p == nil || r.age > 5*r.Interval+10*time.Second:
		return false
	case r.Role == fact.RoleGateway && r.Addr != p.IPv4.Gateway.WithZone("") && r.Addr != p.IPv6.Gateway.WithZone(""):
		// The gateway of an interface that is no longer in use.
		return r.age <= 2*r.Interval
	case r.Addr.IsLoopback():
		return true
	case r.Family != 0 && p.Family(r.Family).Status == path.Satisfied, r.Family == 0 && p.Status == path.Satisfied:
		return true
	}
	return r.Role != fact.RoleGateway && f.onLink(r.Target)
}

// onLink reports whether a target is in the prefix of an own address.
func (f *frame) onLink(t *fact.Target) bool {
	for _, a := range f.snap.Addresses {
		link := f.snap.Links[a.Index]
		if link == nil || !link.Carrier() {
			continue
		}
		if p, err := a.Local.Prefix(int(a.PrefixLen)); err == nil && p.Contains(t.Addr.WithZone("")) {
			return true
		}
	}
	return false
}

// A table is where the columns of the targets end; negative ones are left out.
type table struct {
	name, method                    int
	last, p50, p95, jitter, loss    int
	spark, sparkWidth, detailColumn int
}

// newTable returns the columns for a width.
func newTable(width int) table {
	t := table{name: 2, method: 24, jitter: -1, spark: -1, detailColumn: -1}
	switch {
	case width >= 110:
		t.method = 30
	case width < 70:
		t.method = -1
	}
	t.last = max(t.method, 16) + 15
	t.p50 = t.last + 8
	t.p95 = t.p50 + 7
	t.loss = t.p95 + 10
	if width >= 110 {
		t.jitter = t.p95 + 8
		t.loss = t.jitter + 10
	}
	if rest := width - t.loss - 2; rest >= 8 {
		t.spark, t.sparkWidth = t.loss+2, min(rest, 48)
		if rest-t.sparkWidth >= 12 {
			t.detailColumn = t.spark + t.sparkWidth + 2
		}
	}
	return t
}

// drawTargets draws the table of what is probed, those that fail first. Head is
// the row above the table, which only a roomy screen has.
func drawTargets(head, a grid.Area, v targetsView, compact bool) {
	t := newTable(a.Width())
	y := 0
	if !compact {
		y = 1
	}
	room := a.Height() - y
	skip := min(max(0, v.selected-room+1), max(0, len(v.rows)-room))
	shown := v.rows[skip:min(skip+room, len(v.rows))]
	if head.Height() > 0 {
		drawTargetsHead(head, v, len(shown))
	}
	if !compact {
		drawTableHead(a, v, t, head.Height() > 0, len(shown))
	}
	if len(v.rows) == 0 {
		a.Text(0, y, v.empty, v.Dim)
		return
	}
	for i, r := range shown {
		a.Row(y + i).Mark(targetPart(r.ID))
		drawTarget(a.Row(y+i), v, t, r)
		if skip+i == v.selected {
			a.Row(y + i).Restyle(v.Select)
		}
	}
}

// count returns how many rows are in a state.
func (v *targetsView) count(s targetState) (n int) {
	for _, r := range v.rows {
		if r.state == s {
			n++
		}
	}
	return n
}

// summary says how many targets fail, or how many answer when none does.
func (v *targetsView) summary() (string, themes.Style) {
	if v.empty != "" {
		return v.empty, v.Muted
	}
	if !slices.ContainsFunc(v.rows, func(r targetRow) bool { return r.last != nil }) {
		return "no answer yet", v.Muted
	}
	of := " of " + num(int64(len(v.rows)))
	if n := v.count(targetFails); n > 0 {
		return num(int64(n)) + of + " fail", v.Bad
	}
	return num(int64(v.count(targetAnswers)+v.count(targetPortal))) + of + " answer", v.Muted
}

// hidden says how many rows are not among those shown, and how many of these
// fail; it is "" when all are.
func (v *targetsView) hidden(shown int) string {
	if shown >= len(v.rows) {
		return ""
	}
	text := num(int64(len(v.rows)-shown)) + " more"
	// Those that fail stand first.
	if n := v.count(targetFails) - shown; n > 0 {
		text += ", " + num(int64(n)) + " failing"
	}
	return text
}

func drawTargetsHead(a grid.Area, v targetsView, shown int) {
	remark := v.hidden(shown)
	if v.cost != "" {
		remark = strings.TrimSuffix(v.cost+" · "+remark, " · ")
	}
	x := v.head(a, "TARGETS", remark, v.titleStyle(v.focused))
	text, st := v.summary()
	if len(v.rows) > 0 && x+grid.Width(text)+3 < a.Width()-20 {
		a.Text(x, 0, " "+text+" ", st)
	}
}

// drawTableHead names the columns. Without a row above the table it says at the
// left what that would.
func drawTableHead(a grid.Area, v targetsView, t table, roomy bool, shown int) {
	for _, c := range []struct {
		end  int
		name string
	}{{t.last, "last ms"}, {t.p50, "p50"}, {t.p95, "p95"}, {t.jitter, "jitter"}, {t.loss, "loss"}} {
		if c.end > 0 {
			a.Right(c.end, 0, c.name, v.Dim)
		}
	}
	if t.spark >= 0 {
		a.Text(t.spark, 0, "last "+text.Elapsed(sparkStep*time.Duration(t.sparkWidth)), v.Dim)
	}
	if roomy || len(v.rows) == 0 {
		return
	}
	text, st := v.summary()
	room := t.last - 8
	if more := v.hidden(shown); more != "" {
		if text += " · " + more; grid.Width(text) > room {
			text = more
		}
	}
	a.Cut(0, 0, room, text, st)
}

// drawTarget draws one row of the table.
func drawTarget(a grid.Area, v targetsView, t table, r targetRow) {
	dot, st := v.targetDot(r)
	a.Set(0, 0, dot, st)
	room, name := t.last-10-t.name, v.Text
	if t.method >= 0 {
		room = t.method - 1 - t.name
		a.Cut(t.method, 0, 6, methodName(r.Target), v.Muted)
	}
	switch r.state {
	case targetFails:
		name = v.Strong.With(themes.Bold)
	case targetIdle:
		name = v.Dim
	}
	a.Cut(t.name, 0, room, targetName(r.Target, room), name)
	drawStats(a, v, t, r)
	drawSpark(a, v, t, r)
	if t.detailColumn >= 0 && r.last != nil && r.state != targetIdle && r.last.Outcome != fact.OutcomeOK {
		a.Cut(t.detailColumn, 0, a.Width()-t.detailColumn, outcomeText(r.last), v.Muted)
	}
}

// targetName returns the name of a target for so many columns. Every interface
// has a gateway of its own, so a gateway is named with it.
func targetName(t *fact.Target, width int) string {
	name := t.Name.Display()
	switch {
	case t.Role == fact.RoleGateway || t.Role == fact.RoleStandby:
	case grid.Width(name) > width && t.Addr.IsValid():
		return t.Addr.String() // without the port, which the method implies
	default:
		return name
	}
	at := t.Addr.String()
	if _, zone, ok := strings.Cut(t.ID, "%"); ok {
		at = fact.Untrusted(zone).Display()
	}
	if full := name + " " + at; grid.Width(full) <= width {
		return full
	}
	return strings.Replace(name, "gateway", "gw", 1) + " " + at
}

// methodName is the short word for how a target is probed.
func methodName(t *fact.Target) string {
	if t.Method == fact.MethodPing {
		return "icmp"
	}
	return string(t.Method)
}

// targetDot says by shape and colour how a target does.
func (k look) targetDot(r targetRow) (rune, themes.Style) {
	switch r.state {
	case targetAnswers:
		return '●', k.Good
	case targetPortal:
		return '!', k.Warn
	case targetFails:
		return '×', k.Bad
	}
	return '○', k.Dim
}

// outcomeText says what became of a probe, in words.
func outcomeText(r *fact.ProbeResult) string {
	if d := r.Detail.Display(); d != "" {
		return d
	}
	return text.Words(r.Outcome)
}

// lastText is what the column of the last round trip says of a row, in at most
// nine columns: a number, a word where there is none, or how old it is.
func lastText(r targetRow, last time.Duration) string {
	switch {
	case r.last == nil:
		return "–"
	case r.last.Outcome == fact.OutcomeNoData:
		return "no data"
	case r.state == targetIdle:
		return brief(r.age) + " ago"
	case r.last.Outcome == fact.OutcomeTimeout:
		return "silent"
	case r.last.Outcome == fact.OutcomeUnreachable:
		return "unreach"
	case r.last.Outcome == fact.OutcomeBadAnswer:
		if d := r.last.Detail.Display(); d != "" && grid.Width(d) <= 9 {
			return d
		}
		return "bad"
	case r.last.Outcome != fact.OutcomeOK:
		return text.Words(r.last.Outcome)
	case last > 0:
		return millis(last)
	}
	return "–"
}

func drawStats(a grid.Area, v targetsView, t table, r targetRow) {
	s := v.stats(r.ID)
	last, usual := v.Strong.With(themes.Bold), v.Text
	switch r.state {
	case targetFails:
		last, usual = v.Bad.With(themes.Bold), v.Dim // the others are of before
	case targetPortal:
		last = v.Warn.With(themes.Bold)
	case targetIdle:
		last, usual = v.Dim, v.Dim
	}
	newest := s.Last
	if r.last != nil && r.last.Outcome == fact.OutcomeOK {
		newest = r.last.RTT // of what was sent before it may be known later that it was lost
	}
	a.Right(t.last, 0, lastText(r, newest), last)
	for _, c := range []struct {
		end   int
		value time.Duration
	}{{t.p50, s.P50}, {t.p95, s.P95}, {t.jitter, s.Jitter}} {
		text := "–"
		if c.value > 0 && s.Answered > 0 {
			text = millis(c.value)
		}
		if c.end > 0 {
			a.Right(c.end, 0, text, usual)
		}
	}
	a.Right(t.loss, 0, lossText(s), v.lossStyle(s))
}

// lossStyle is the colour of a loss.
func (k look) lossStyle(s timeline.Stats) themes.Style {
	switch {
	case s.LossFraction >= 0.1:
		return k.Bad
	case s.LossFraction > 0:
		return k.Warn
	}
	return k.Muted
}

// lossText says how many probes were lost: of few, by their number.
func lossText(s timeline.Stats) string {
	return text.Share(int(s.Lost), int(s.Answered+s.Lost))
}

// drawSpark draws a target's round trips of late: heights relative to twice
// their median, so that calm is low and trouble stands out.
func drawSpark(a grid.Area, v targetsView, t table, r targetRow) {
	if t.spark < 0 {
		return
	}
	buckets := v.spark(r.ID, t.sparkWidth)
	top := sparkTop(buckets)
	for i, b := range buckets {
		x := t.spark + i
		switch {
		case b.Lost > 0 && b.Answered == 0:
			a.Set(x, 0, '×', v.Loss)
		case b.Lost > 0:
			a.Set(x, 0, eighth(int(8*b.Median/top)), v.Loss)
		case b.Answered > 0:
			a.Set(x, 0, eighth(int(8*b.Median/top)), v.Spark)
		}
	}
}

// sparkTop returns the round trip of a full bar.
func sparkTop(buckets []timeline.Bucket) time.Duration {
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
