package cli

import (
	"sync"
	"time"

	"flapscope/ui"
)

// footprintOver is how long a reading of what the program costs is compared with, and
// footprintEvery how far apart those are that are kept.
const (
	footprintOver  = time.Minute
	footprintEvery = 5 * time.Second
)

// A usage is what the process has used until an instant.
type usage struct {
	at      time.Time
	busy    time.Duration
	wakeups int64
	memory  int64
}

// A footprint says what the program costs, from readings of what it has used.
type footprint struct {
	read func() (usage, bool)

	mu sync.Mutex
	// kept are readings of the last time, oldest first; the first is of the start.
	kept []usage
}

// newFootprint returns a footprint that begins now.
func newFootprint(read func() (usage, bool)) *footprint {
	f := &footprint{read: read}
	if u, ok := read(); ok {
		f.kept = append(f.kept, u)
	}
	return f
}

// cost compares what was used until now with the oldest reading of the last time.
func (f *footprint) cost() ui.Cost {
	u, ok := f.read()
	f.mu.Lock()
	defer f.mu.Unlock()
	if !ok || len(f.kept) == 0 {
		return ui.Cost{}
	}
	for len(f.kept) > 1 && u.at.Sub(f.kept[1].at) >= footprintOver {
		f.kept = f.kept[1:]
	}
	before := f.kept[0]
	if u.at.Sub(f.kept[len(f.kept)-1].at) >= footprintEvery {
		f.kept = append(f.kept, u)
	}
	over := u.at.Sub(before.at)
	if over < time.Second {
		return ui.Cost{}
	}
	return ui.Cost{
		Memory: u.memory, Over: over,
		Processor: float64(u.busy-before.busy) / float64(over),
		Wakeups:   float64(u.wakeups-before.wakeups) / over.Seconds(),
	}
}
