package stats

import (
	"slices"
	"time"

	"flapscope/history/timeline"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
	"flapscope/monitor/state"
)

// An OnlineFinder collects when probes found that a path led nowhere. It is a
// listener of the fold's driver.
type OnlineFinder struct {
	// down is what was lost by each family.
	down [len(fact.Families)][]loss
	// counted is how much of each incident is in them.
	counted map[int]time.Duration
	// probed is whether anything of the internet was asked by each family.
	probed [len(fact.Families)]bool
}

// A loss lasted for some time until an instant, gaps not counted.
type loss struct{ until, lasted time.Duration }

// Observed implements fold.Listener.
func (f *OnlineFinder) Observed(o fact.Observation, s *state.State) {
	r, ok := o.Fact.(*fact.ProbeResult)
	if !ok || r.Outcome == fact.OutcomeNoData {
		return
	}
	t := s.Targets[r.Target]
	if t == nil || t.Role != fact.RoleInternet {
		return
	}
	for i, family := range fact.Families {
		f.probed[i] = f.probed[i] || t.Family == family
	}
}

// Happened implements fold.Listener.
func (f *OnlineFinder) Happened(e fold.Event, _ func() *fold.Snapshot) {
	if e.Incident != nil && !e.Incident.Open() {
		f.add(e.Incident, e.Incident.To.Mono)
	}
}

// Snapshot takes in what goes on.
func (f *OnlineFinder) Snapshot(s *fold.Snapshot) {
	for _, i := range s.Incidents {
		if i.Open() {
			f.add(i, s.Mono)
		}
	}
}

// add takes in what an incident came to until an instant, since it was reported
// last: its newest occurrence.
func (f *OnlineFinder) add(i *fold.Incident, until time.Duration) {
	switch i.Root.Leg {
	case path.LegGateway, path.LegTunnel, path.LegInternet, path.LegPortal:
	default:
		// Without a path the timeline says so, and names are no packets.
		if i.Root.What != path.RouteStolen {
			return
		}
	}
	if i.Severity != fold.SeverityOutage && i.Root.Leg != path.LegPortal {
		return
	}
	if f.counted == nil {
		f.counted = map[int]time.Duration{}
	}
	newest := i.Down - f.counted[i.ID]
	f.counted[i.ID] = i.Down
	if newest <= 0 {
		return
	}
	for k, family := range fact.Families {
		if i.Root.Family == 0 || i.Root.Family == family {
			f.down[k] = append(f.down[k], loss{until, newest})
		}
	}
}

// Of returns the stretches of span in which nothing got through in a scope of a
// view, in order and apart from each other, and whether probes could tell. The
// machine is offline when both families are, or the one that is probed.
func (f *OnlineFinder) Of(v *timeline.View, scope path.ScopeName, span timeline.Span) (offline []timeline.Span, probed bool) {
	four, six := f.family(0, v.Segments(path.ScopeIPv4, span, 0)), f.family(1, v.Segments(path.ScopeIPv6, span, 0))
	switch scope {
	case path.ScopeIPv4:
		return four, f.probed[0]
	case path.ScopeIPv6:
		return six, f.probed[1]
	case path.ScopeMachine:
	default:
		return nil, false
	}
	switch {
	case !f.probed[1]:
		return four, f.probed[0]
	case !f.probed[0]:
		return six, true
	}
	return intersection(four, six), true
}

// family returns when a family was of no use: without a path, or with one that
// led nowhere.
func (f *OnlineFinder) family(i int, segments []timeline.Segment) []timeline.Span {
	var all []timeline.Span
	for _, l := range f.down[i] {
		all = append(all, l.between(segments)...)
	}
	for _, s := range segments {
		if timeline.ConditionOf(s.Level) == timeline.ConditionDown {
			all = append(all, s.Span)
		}
	}
	return timeline.Union(all)
}

// between returns the stretches around the gaps in which it lasted.
func (l loss) between(segments []timeline.Segment) (out []timeline.Span) {
	from, to := l.until-l.lasted, l.until
	for _, s := range slices.Backward(segments) {
		if s.Level != timeline.LevelGap || s.From >= to || s.To <= from {
			continue
		}
		out = append(out, timeline.Span{From: s.To, To: to})
		from -= min(s.To, to) - s.From
		to = s.From
	}
	return append(out, timeline.Span{From: from, To: to})
}

// intersection returns what is in both lists, which are in order.
func intersection(a, b []timeline.Span) (out []timeline.Span) {
	for len(a) > 0 && len(b) > 0 {
		if s := (timeline.Span{From: max(a[0].From, b[0].From), To: min(a[0].To, b[0].To)}); s.From < s.To {
			out = append(out, s)
		}
		if a[0].To < b[0].To {
			a = a[1:]
		} else {
			b = b[1:]
		}
	}
	return out
}

// offline is how much of the time with a path lies in some spans.
func offline(segments []timeline.Segment, spans []timeline.Span) (d time.Duration) {
	var up []timeline.Span
	for _, s := range segments {
		if timeline.ConditionOf(s.Level) == timeline.ConditionUp {
			up = append(up, s.Span)
		}
	}
	for _, s := range intersection(up, spans) {
		d += s.To - s.From
	}
	return d
}
