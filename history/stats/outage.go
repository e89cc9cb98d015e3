package stats

import (
	"time"

	"flapscope/history/timeline"
	"flapscope/monitor/fact"
	"flapscope/monitor/path"
)

// An Outage is a stretch in which a scope had no path: down time, bridged over
// gains that did not hold for the settle-up time, of at least the settle-down
// time. A gap neither begins nor ends an outage, and is no part of its
// duration.
type Outage struct {
	// Start and End are on the CLOCK_BOOTTIME axis.
	Start time.Duration `json:"start_mono_ns"`
	End   time.Duration `json:"end_mono_ns"`
	// Gaps is the blind time inside, and Duration all but it.
	Duration time.Duration `json:"duration_ns"`
	Gaps     time.Duration `json:"gaps_ns,omitempty"`
	// Reason is the label of the first down segment.
	Reason fact.Untrusted `json:"reason,omitempty"`
	// Losses counts the raw losses inside that were seen happening.
	Losses int `json:"losses"`
	// StartUnknown is whether the loss itself was not seen, because a gap or
	// nothing came before, and EndUnknown the same for the recovery. Then
	// Duration is the least that it can have been.
	StartUnknown bool `json:"start_unknown,omitempty"`
	EndUnknown   bool `json:"end_unknown,omitempty"`
}

// Outages lists the outages of one scope, oldest first. Segments must be in
// order and must not overlap; time between them is blind.
func Outages(segments []timeline.Segment, s path.Settings) []Outage {
	l := outageList{settings: s}
	for _, seg := range segments {
		if seg.From > l.end {
			l.blind(seg.From - l.end)
		}
		length := seg.To - seg.From
		switch timeline.ConditionOf(seg.Level) {
		case timeline.ConditionUp:
			l.up(length)
		case timeline.ConditionDown:
			l.down(seg)
		default:
			l.blind(length)
		}
		l.end = seg.To
	}
	if l.open {
		l.close(l.last == timeline.ConditionDown || l.gap > 0)
	}
	return l.outages
}

// An outageList is Outages at work.
type outageList struct {
	settings path.Settings
	outages  []Outage
	// end is where the newest segment ended, and last its condition.
	end  time.Duration
	last timeline.Condition
	// now is the outage under way, if open. Its End is that of its newest down
	// time; gap is the blind time since, and risen the up time since.
	now        Outage
	open       bool
	gap, risen time.Duration
}

func (l *outageList) down(seg timeline.Segment) {
	if !l.open {
		l.open = true
		l.now = Outage{Start: seg.From, Reason: seg.Label, StartUnknown: l.last == timeline.ConditionBlind}
	}
	if l.last == timeline.ConditionUp {
		l.now.Losses++
	}
	l.now.End = seg.To
	l.now.Gaps += l.gap
	l.gap, l.risen, l.last = 0, 0, timeline.ConditionDown
}

func (l *outageList) up(length time.Duration) {
	l.risen += length
	switch {
	case l.open && l.gap > 0:
		l.close(true)
	case l.open && l.risen >= l.settings.SettleUp:
		l.close(false)
	}
	l.last = timeline.ConditionUp
}

func (l *outageList) blind(length time.Duration) {
	if l.open && l.risen > 0 {
		// It was up when sight was lost; whether that held is unknown, that
		// it recovered is not.
		l.close(false)
	}
	if l.open {
		l.gap += length
	}
	l.last = timeline.ConditionBlind
}

// close ends the outage under way, and keeps it if it lasted.
func (l *outageList) close(endUnknown bool) {
	l.now.EndUnknown = endUnknown
	l.now.Duration = l.now.End - l.now.Start - l.now.Gaps
	if l.now.Duration >= l.settings.SettleDown {
		l.outages = append(l.outages, l.now)
	}
	l.open, l.gap, l.risen = false, 0, 0
}
