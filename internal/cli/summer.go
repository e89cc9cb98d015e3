package cli

import (
	"flapscope/history"
	"flapscope/monitor"
)

// A summer keeps what the rollups of a recording are made of, where there is no
// screen that keeps more: an hour and a half of levels and latencies.
type summer struct {
	timeline *history.Timeline
	// sample is that of the monitor, set once it exists.
	sample func(func(*monitor.Snapshot))
}

func newSummer(set monitor.Settings) *summer {
	return &summer{timeline: history.NewTimeline(history.SumLimits(set))}
}

// Observed implements live.Listener.
func (k *summer) Observed(o monitor.Observation, s *monitor.State) { k.timeline.Observe(o, s) }

// Happened implements live.Listener. A snapshot is asked for where it may tell
// more than the event: a transition, an episode that begins or ends.
func (k *summer) Happened(e monitor.Event, snapshot func() *monitor.Snapshot) {
	var snap *monitor.Snapshot
	if e.Observation == nil {
		snap = snapshot()
	}
	k.timeline.Event(e, snap)
}

// view returns the timeline as it is now, or nil before the first observation.
func (k *summer) view() (v *history.View) {
	k.sample(func(s *monitor.Snapshot) {
		k.timeline.Snapshot(s)
		v = k.timeline.View()
	})
	return v
}
