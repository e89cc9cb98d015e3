package probes

import (
	"sync"
	"time"

	"flapscope/monitor/fact"
)

// A result is what became of one probe.
type result struct {
	target *fact.Target
	fact.ProbeResult
	// pending is how the probe was waited for, or nil.
	pending *pending
}

// An inbox holds results until they are taken, all at once: those that come in
// together cost one wake-up. Whoever puts one in does not wait.
type inbox struct {
	// some holds a value when there are any.
	some    chan struct{}
	mu      sync.Mutex // guards results
	results []result
}

func newInbox() *inbox { return &inbox{some: make(chan struct{}, 1)} }

func (b *inbox) put(r result) {
	b.mu.Lock()
	b.results = append(b.results, r)
	b.mu.Unlock()
	select {
	case b.some <- struct{}{}:
	default:
	}
}

// take returns what came in since the last time, into room that is not used any
// more.
func (b *inbox) take(room []result) []result {
	select {
	case <-b.some:
	default:
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	all := b.results
	clear(room)
	b.results = room[:0]
	return all
}

// A pending is a probe in flight without a goroutine that waits for it.
type pending struct {
	target *fact.Target
	// flight is nil once the outcome is known.
	flight   Flight
	sent     time.Duration
	deadline time.Duration
}
