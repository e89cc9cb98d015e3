package cli

import (
	"context"
	"time"

	"flapscope/history/pattern"
	"flapscope/monitor/fold"
	"flapscope/monitor/live"
)

// A patternSeeker looks for regularities in the losses that its finder, a
// listener of the monitor, hears of: from a goroutine of its own, since a day of
// flapping takes a quarter of a second.
type patternWatch struct{ collector pattern.Collector }

// seekEvery is how often new losses are looked at.
const seekEvery = 5 * time.Second

// run looks for patterns until ctx ends, and calls found for each that was not
// known before.
func (p *patternWatch) run(ctx context.Context, m *live.Monitor, found func(pattern.Pattern)) {
	known := map[string]bool{}
	tick := time.NewTicker(seekEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		var in pattern.Input
		dirty := false
		m.Sample(func(*fold.Snapshot) { in, dirty = p.collector.Input() })
		if !dirty {
			continue
		}
		for _, pattern := range pattern.Patterns(in) {
			if !known[pattern.Title()] {
				known[pattern.Title()] = true
				found(pattern)
			}
		}
	}
}
