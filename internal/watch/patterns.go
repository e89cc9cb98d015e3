package watch

import (
	"context"
	"slices"
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
		for _, p := range unknown(known, pattern.Patterns(in)) {
			found(p)
		}
	}
}

// maxKnown bounds the titles of patterns that were found. Each has the name of an
// interface and a period, so that new ones can come for as long as this runs.
const maxKnown = 1024

// unknown returns the patterns whose titles are not known, and notes them.
func unknown(known map[string]bool, found []pattern.Pattern) []pattern.Pattern {
	return slices.DeleteFunc(found, func(p pattern.Pattern) bool {
		title := p.Title()
		if known[title] {
			return true
		}
		if len(known) >= maxKnown {
			clear(known)
		}
		known[title] = true
		return false
	})
}
