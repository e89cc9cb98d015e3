package cli

import (
	"context"
	"time"

	"flapscope/history"
	"flapscope/monitor"
	"flapscope/monitor/live"
)

// A patternSeeker listens for losses and looks for regularities in them, from
// a goroutine of its own: a day of flapping takes a quarter of a second.
type patternSeeker struct {
	finder history.Finder
	// found is called for each pattern that was not known before.
	found func(history.Pattern)
}

// seekEvery is how often new losses are looked at.
const seekEvery = 5 * time.Second

// Observed implements live.Listener.
func (p *patternSeeker) Observed(o monitor.Observation, s *monitor.State) { p.finder.Observe(o, s) }

// Happened implements live.Listener.
func (p *patternSeeker) Happened(e monitor.Event, _ func() *monitor.Snapshot) { p.finder.Event(e) }

// run looks for patterns until ctx ends.
func (p *patternSeeker) run(ctx context.Context, m *live.Monitor) {
	known := map[string]bool{}
	tick := time.NewTicker(seekEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		var in history.PatternInput
		dirty := false
		m.Sample(func(*monitor.Snapshot) { in, dirty = p.finder.Input() })
		if !dirty {
			continue
		}
		for _, found := range history.Patterns(in) {
			if !known[found.Title()] {
				known[found.Title()] = true
				p.found(found)
			}
		}
	}
}
