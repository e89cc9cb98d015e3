package stats

import (
	"time"

	"flapscope/history/timeline"
	"flapscope/monitor/path"
)

// Availability is the share of observed time by level over a span.
type Availability struct {
	Observed, Good, Degraded, Bad time.Duration
	// Outages counts stretches of settled non-satisfied time.
	Outages int
	// Longest is the longest of them.
	Longest time.Duration
	// Failovers counts changes of the interface in use without an outage of
	// more than the settle time.
	Failovers int
}

// AvailabilityOf sums up what of the segments of a scope lies within span, as
// they were and as they were settled, which is by set.
func AvailabilityOf(segments, settled []timeline.Segment, span timeline.Span, set path.Settings) Availability {
	var a Availability
	var cut []timeline.Segment
	for _, s := range segments {
		s.From, s.To = max(s.From, span.From), min(s.To, span.To)
		length := s.To - s.From
		if length <= 0 {
			continue
		}
		cut = append(cut, s)
		switch s.Level {
		case timeline.LevelGood, timeline.LevelStandby:
			a.Good += length
		case timeline.LevelDegraded:
			a.Degraded += length
		case timeline.LevelBad, timeline.LevelWaiting:
			a.Bad += length
		}
	}
	a.Observed = a.Good + a.Degraded + a.Bad
	all := outages(settled, cut, span)
	a.Outages = len(all)
	for _, o := range all {
		a.Longest = max(a.Longest, o.Duration)
	}
	a.Failovers = failovers(cut, set.SettleDown)
	return a
}

// failovers counts changes of the interface in use with at most atMost between
// without a path.
func failovers(segments []timeline.Segment, atMost time.Duration) int {
	n := 0
	var last *timeline.Segment
	for i := range segments {
		s := &segments[i]
		if timeline.ConditionOf(s.Level) != timeline.ConditionUp {
			continue
		}
		if last != nil && last.Label != s.Label && s.From-last.To <= atMost {
			n++
		}
		last = s
	}
	return n
}
