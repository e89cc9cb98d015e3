// Package scene makes up pasts to draw: stretches of time with interfaces,
// probes and events, told by short scripts. Tests and the demo of the screen
// are its only users.
package scene

import (
	"hash/fnv"
	"math"
	"slices"
	"time"

	"flapscope/history"
	"flapscope/monitor"
)

// A Scene is a past that a script tells. It answers what the screen asks.
type Scene struct {
	// Start and End bound the past; Wall is the wall clock at End.
	Start, End time.Duration
	Wall       time.Time

	// unread is whether only sums are known.
	unread  bool
	machine []history.Segment
	lanes   []lane
	probes  []probe
	items   []history.Item
	states  []state
}

type lane struct {
	history.Lane
	segments []history.Segment
}

// A probe is a target and what its probes find at an instant: a round trip,
// lost when negative, no data when zero.
type probe struct {
	*monitor.Target
	rtt func(at time.Duration) time.Duration
}

// A state is the snapshot that holds from an instant on.
type state struct {
	from time.Duration
	snap *monitor.Snapshot
}

// Now returns the end of the scene.
func (s *Scene) Now() (time.Time, time.Duration) { return s.Wall, s.End }

// Snapshot returns the state at the end.
func (s *Scene) Snapshot() *monitor.Snapshot { return s.At(s.End).Snapshot }

// Bounds returns the stretch told.
func (s *Scene) Bounds() history.Span { return history.Span{From: s.Start, To: s.End} }

// Clock returns the wall time of an instant.
func (s *Scene) Clock(mono time.Duration) time.Time { return s.Wall.Add(mono - s.End) }

// Unread returns the scene as a recording of which only sums are known yet:
// levels, latencies and the episodes that ended.
func (s *Scene) Unread() *Scene {
	sums := *s
	sums.unread = true
	sums.items = slices.DeleteFunc(slices.Clone(s.items), func(i history.Item) bool { return i.Kind != "episode" })
	return &sums
}

// Renumbered returns the scene with other numbers for its items, as when a log
// was made anew.
func (s *Scene) Renumbered(by int) *Scene {
	other := *s
	other.items = slices.Clone(s.items)
	for i := range other.items {
		other.items[i].Seq += by
	}
	return &other
}

// Exact reports whether everything is known of a span.
func (s *Scene) Exact(history.Span) bool { return !s.unread }

// At returns the state at an instant.
func (s *Scene) At(mono time.Duration) history.Moment {
	m := history.Moment{Time: s.Clock(mono), Mono: mono}
	if s.unread {
		return m
	}
	for _, st := range s.states {
		if st.from <= mono {
			m.Snapshot = st.snap
		}
	}
	if m.Snapshot != nil {
		m.Snapshot = s.probed(m.Snapshot, mono)
	}
	return m
}

// probed returns the snapshot with the last result of each target.
func (s *Scene) probed(snap *monitor.Snapshot, mono time.Duration) *monitor.Snapshot {
	out := *snap
	out.Time, out.Mono = s.Clock(mono), mono
	out.Targets = map[string]*monitor.TargetState{}
	for _, p := range s.probes {
		at := mono / p.Interval * p.Interval
		st := &monitor.TargetState{Target: p.Target}
		if at >= s.Start {
			st.LastAt, st.Last = at, result(p, at)
		}
		out.Targets[p.ID] = st
	}
	return &out
}

func result(p probe, at time.Duration) *monitor.ProbeResult {
	r := &monitor.ProbeResult{Target: p.ID, Outcome: monitor.OutcomeOK, RTT: p.rtt(at)}
	switch {
	case r.RTT < 0:
		r.RTT, r.Outcome = 0, monitor.OutcomeTimeout
	case r.RTT == 0:
		r.Outcome = monitor.OutcomeNoData
	}
	return r
}

// Strip returns the worst level of each column.
func (s *Scene) Strip(scope monitor.ScopeName, span history.Span, n int) []history.Level {
	out := make([]history.Level, n)
	step := (span.To - span.From) / time.Duration(n)
	for _, seg := range s.segments(scope) {
		if seg.To == s.End {
			seg.To = span.To
		}
		if seg.To <= span.From || seg.From >= span.To {
			continue
		}
		first := max(0, int((seg.From-span.From)/step))
		last := min(n-1, int((seg.To-1-span.From)/step))
		for x := first; x <= last; x++ {
			out[x] = max(out[x], seg.Level)
		}
	}
	return out
}

func (s *Scene) segments(scope monitor.ScopeName) []history.Segment {
	for _, l := range s.lanes {
		if l.Scope == scope {
			return l.segments
		}
	}
	return s.machine
}

// Segments returns the stretches that overlap span.
func (s *Scene) Segments(scope monitor.ScopeName, span history.Span, atLeast time.Duration) []history.Segment {
	var out []history.Segment
	for _, seg := range s.segments(scope) {
		if seg.From < span.To && seg.To > span.From && seg.To-seg.From >= atLeast {
			out = append(out, seg)
		}
	}
	return out
}

// Lanes returns the interfaces in the order of the script.
func (s *Scene) Lanes(history.Span) []history.Lane {
	out := make([]history.Lane, len(s.lanes))
	for i, l := range s.lanes {
		out[i] = l.Lane
	}
	return out
}

// Targets returns the targets in the order of the script.
func (s *Scene) Targets(history.Span) []*monitor.Target {
	out := make([]*monitor.Target, len(s.probes))
	for i, p := range s.probes {
		out[i] = p.Target
	}
	return out
}

// each calls f for every probe of a target within span.
func (s *Scene) each(id string, span history.Span, f func(at, rtt time.Duration)) {
	for _, p := range s.probes {
		if p.ID != id {
			continue
		}
		first := (max(span.From, s.Start) + p.Interval - 1) / p.Interval * p.Interval
		for at := first; at < min(span.To, s.End+1); at += p.Interval {
			f(at, p.rtt(at))
		}
	}
}

// Latency returns what the probes did in each column.
func (s *Scene) Latency(target string, span history.Span, n int) []history.Bucket {
	out := make([]history.Bucket, n)
	all := make([][]time.Duration, n)
	s.each(target, span, func(at, rtt time.Duration) {
		i := min(int(int64(at-span.From)*int64(n)/int64(span.To-span.From)), n-1)
		b := &out[i]
		switch {
		case rtt < 0:
			b.Lost++
		case rtt == 0:
			b.NoData++
		default:
			b.Answered++
			all[i] = append(all[i], rtt)
		}
	})
	for i, v := range all {
		if len(v) > 0 {
			slices.Sort(v)
			out[i].Min, out[i].Median, out[i].Max = v[0], v[len(v)/2], v[len(v)-1]
		}
	}
	return out
}

// Stats sums up a target's probes.
func (s *Scene) Stats(target string, span history.Span) history.Stats {
	var st history.Stats
	var v []time.Duration
	var last time.Duration
	s.each(target, span, func(_, rtt time.Duration) {
		st.Last = max(rtt, 0)
		switch {
		case rtt < 0:
			st.Lost++
		case rtt > 0:
			st.Answered++
			v = append(v, rtt)
			if last > 0 {
				st.Jitter += ((rtt - last).Abs() - st.Jitter) / 16
			}
			last = rtt
		}
	})
	if len(v) > 0 {
		slices.Sort(v)
		st.P50, st.P99 = v[len(v)/2], v[len(v)*99/100]
	}
	if n := st.Answered + st.Lost; n > 0 {
		st.LossFraction = float64(st.Lost) / float64(n)
	}
	return st
}

// Items returns the newest items within span, newest first.
func (s *Scene) Items(span history.Span, limit int) []history.Item {
	var out []history.Item
	for _, it := range slices.Backward(s.items) {
		if it.Mono >= span.From && it.Mono < span.To && len(out) < limit {
			out = append(out, it)
		}
	}
	return out
}

// Count returns how many items lie within span.
func (s *Scene) Count(span history.Span) int { return len(s.Items(span, math.MaxInt)) }

// Nearest returns the next item in a direction.
func (s *Scene) Nearest(from time.Duration, forward bool, atLeast history.Level) (history.Item, bool) {
	loud := func(it history.Item) bool { return it.Severity >= atLeast }
	if forward {
		for _, it := range s.items {
			if it.Mono > from && loud(it) {
				return it, true
			}
		}
		return history.Item{}, false
	}
	for _, it := range slices.Backward(s.items) {
		if it.Mono < from && loud(it) {
			return it, true
		}
	}
	return history.Item{}, false
}

// Marks returns the items of each column.
func (s *Scene) Marks(span history.Span, n int) []history.Marker {
	out := make([]history.Marker, n)
	step := (span.To - span.From) / time.Duration(n)
	for _, it := range s.items {
		if it.Mono < span.From || it.Mono >= span.To {
			continue
		}
		m := &out[min(int((it.Mono-span.From)/step), n-1)]
		m.Count++
		if it.Severity >= m.Severity {
			m.Mark, m.Severity = it.Mark, it.Severity
		}
	}
	return out
}

// Availability sums up the machine's path.
func (s *Scene) Availability(span history.Span) history.Availability {
	var a history.Availability
	for i, seg := range s.machine {
		d := min(seg.To, span.To) - max(seg.From, span.From)
		if d <= 0 {
			continue
		}
		a.Observed += d
		switch seg.Level {
		case history.LevelBad:
			a.Bad += d
			a.Outages++
			a.Longest = max(a.Longest, d)
		case history.LevelDegraded:
			a.Degraded += d
		default:
			a.Good += d
		}
		if i > 0 && s.machine[i-1].Label != seg.Label && seg.Level == history.LevelGood {
			a.Failovers++
		}
	}
	return a
}

// noise returns a number in [0, 1) that depends on its arguments only.
func noise(id string, at time.Duration) float64 {
	h := fnv.New64a()
	var b [8]byte
	for i := range b {
		b[i] = byte(at >> (8 * i))
	}
	_, _ = h.Write([]byte(id))
	_, _ = h.Write(b[:])
	return float64(h.Sum64()>>11) / (1 << 53)
}

// around returns a round trip near base, with a tail.
func around(id string, at, base, spread time.Duration) time.Duration {
	n := noise(id, at)
	v := base + time.Duration(float64(spread)*(n-0.3))
	if n > 0.96 {
		v += time.Duration(float64(spread) * 3 * noise(id+"tail", at))
	}
	return v
}
