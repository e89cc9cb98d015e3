package cli

import (
	"flapscope/history"
	"flapscope/monitor/fold"
	"flapscope/monitor/live"
	"flapscope/monitor/path"
)

// sums makes m keep what the rollups of a recording are made of, where there is
// no screen that keeps more: an hour and a half of levels and latencies. It
// returns what reads them as they are now: nil before the first observation.
func sums(m *live.Monitor, set path.Settings) func() *history.View {
	kept := history.NewTimeline(history.SumLimits(set))
	m.Listen(kept)
	return func() (v *history.View) {
		m.Sample(func(s *fold.Snapshot) {
			kept.Snapshot(s)
			v = kept.View()
		})
		return v
	}
}
