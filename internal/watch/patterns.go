package watch

import (
	"context"
	"time"

	"flapscope/history/pattern"
	"flapscope/monitor/fold"
	"flapscope/monitor/live"
)

// Patterns looks for regularities in the losses that it hears of as a listener of
// the monitor: from a goroutine of its own, since a day of flapping takes a quarter
// of a second. The zero Patterns is ready.
type Patterns struct{ pattern.Collector }

// seekEvery is how often new losses are looked at.
const seekEvery = 5 * time.Second

// Run looks for patterns until ctx ends, and calls found for each that was not
// known before.
func (p *Patterns) Run(ctx context.Context, m *live.Monitor, found func(pattern.Pattern)) {
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
		m.Sample(func(*fold.Snapshot) { in, dirty = p.Input() })
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
