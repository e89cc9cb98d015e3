package stats

import (
	"sort"
	"time"

	"flapscope/history/timeline"
	"flapscope/monitor/fact"
	"flapscope/monitor/path"
)

// An Outage is a stretch in which the settled path of a scope was not
// satisfied: what is settled, the fold says, with all that it knows of grace,
// unrest and flapping. A gap neither begins nor ends an outage, and is no part
// of its duration.
type Outage struct {
	// Start and End are on the CLOCK_BOOTTIME axis.
	Start time.Duration `json:"start_mono_ns"`
	End   time.Duration `json:"end_mono_ns"`
	// Gaps is the blind time inside, and Duration all but it.
	Duration time.Duration `json:"duration_ns"`
	Gaps     time.Duration `json:"gaps_ns,omitempty"`
	// Reason is the label of the first stretch of it.
	Reason fact.Untrusted `json:"reason,omitempty"`
	// StartUnknown is whether the loss itself was not seen, because a gap or
	// nothing came before, and EndUnknown the same for the recovery. Then
	// Duration is the least that it can have been.
	StartUnknown bool `json:"start_unknown,omitempty"`
	EndUnknown   bool `json:"end_unknown,omitempty"`
}

// Outages lists the outages of one scope of a view within span, oldest first.
func Outages(v *timeline.View, scope path.ScopeName, span timeline.Span) []Outage {
	return outages(v.Settled(scope, span), v.Segments(scope, span, 0), span)
}

// outages lists the outages of one scope within span, oldest first, from its
// settled segments; those as they happened say what was not watched. Both are
// in order and do not overlap.
func outages(settled, raw []timeline.Segment, span timeline.Span) (out []Outage) {
	last := timeline.Segment{}
	for _, s := range settled {
		before := last
		last = s
		first := s.From
		s.From, s.To = max(s.From, span.From), min(s.To, span.To)
		if timeline.ConditionOf(s.Level) != timeline.ConditionDown || s.From >= s.To {
			continue
		}
		if n := len(out); n > 0 && out[n-1].End == s.From && timeline.ConditionOf(before.Level) == timeline.ConditionDown {
			// It went on for another reason.
			out[n-1].End = s.To
			continue
		}
		out = append(out, Outage{
			Start: s.From, End: s.To, Reason: s.Label,
			StartUnknown: first < span.From || timeline.ConditionOf(before.Level) == timeline.ConditionBlind || blindAt(raw, s.From-1),
		})
	}
	for i := range out {
		o := &out[i]
		o.EndUnknown = o.End == span.To || o.End == last.To || blindAt(raw, o.End-1)
		for _, r := range raw[upTo(raw, o.Start):] {
			if r.From >= o.End {
				break
			}
			if timeline.ConditionOf(r.Level) == timeline.ConditionBlind {
				o.Gaps += max(0, min(r.To, o.End)-max(r.From, o.Start))
			}
		}
		o.Duration = o.End - o.Start - o.Gaps
	}
	return out
}

// blindAt reports whether nothing is known of an instant.
func blindAt(raw []timeline.Segment, at time.Duration) bool {
	i := upTo(raw, at)
	return i == len(raw) || at < raw[i].From || timeline.ConditionOf(raw[i].Level) == timeline.ConditionBlind
}

// upTo returns the index of the first segment that ends after an instant.
func upTo(raw []timeline.Segment, at time.Duration) int {
	return sort.Search(len(raw), func(i int) bool { return raw[i].To > at })
}
