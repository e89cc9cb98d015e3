package watch

import (
	"flapscope/history/timeline"
	"flapscope/monitor/fold"
	"flapscope/monitor/live"
	"flapscope/monitor/path"
)

// Rollups makes m keep what the rollups of a recording are made of, where there is
// no screen that keeps more: an hour and a half of levels and latencies. It
// returns what reads them as they are now: nil before the first observation.
func Rollups(m *live.Monitor, set path.Settings) func() *timeline.View {
	kept := timeline.NewTimeline(timeline.SumLimits(set))
	m.Listen(kept)
	return func() (v *timeline.View) {
		m.Sample(func(s *fold.Snapshot) {
			kept.Snapshot(s)
			v = kept.View()
		})
		return v
	}
}
