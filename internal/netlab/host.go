//go:build linux

package netlab

import (
	"context"
	"sync"
	"testing"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// A Host is the simplest state.Host: it folds observations into a State,
// keeps them, and does nothing else.
type Host struct {
	mu sync.Mutex // guards all following fields
	// state is the fold of log.
	state *state.State
	log   []fact.Observation
	// keep is whether log is kept.
	keep bool
}

// NewHost returns a host that keeps all observations.
func NewHost() *Host { return &Host{state: state.NewState(), keep: true} }

// Update implements state.Host.
func (h *Host) Update(fn func(*state.State, fact.Emit)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	fn(h.state, func(o fact.Observation) {
		h.state.Apply(o)
		if h.keep {
			h.log = append(h.log, o)
		}
	})
}

// View calls fn with the state and the observations so far, of which it keeps
// neither.
func (h *Host) View(fn func(*state.State, []fact.Observation)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	fn(h.state, h.log)
}

// Start runs a source inside the namespace until the test ends.
func (ns *Namespace) Start(t testing.TB, s state.Source) *Host {
	t.Helper()
	h := NewHost()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- ns.Do(func() error { return s.Run(ctx, h) }) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("source: %v", err)
		}
	})
	return h
}

// Await waits until ok says so, for at most the given time, and fails the test
// otherwise.
func (h *Host) Await(t testing.TB, most time.Duration, what string, ok func(*state.State, []fact.Observation) bool) {
	t.Helper()
	for deadline := time.Now().Add(most); ; time.Sleep(time.Millisecond) {
		done := false
		h.View(func(s *state.State, log []fact.Observation) { done = ok(s, log) })
		if done {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("after %v still not: %s", most, what)
		}
	}
}

// Synced waits until the source called name has reported all it knows.
func (h *Host) Synced(t testing.TB, name string) {
	t.Helper()
	h.Await(t, 10*time.Second, name+" has synced", func(s *state.State, _ []fact.Observation) bool {
		return s.Synced[name]
	})
}
