//go:build linux

package netlab

import (
	"context"
	"os"
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

// patience is how long is waited for what must come: much longer than it takes on
// any machine, since who waits in vain has failed anyway.
const patience = 2 * time.Minute

// SocketDir is a directory for a socket, whose name must fit into 108 bytes
// (unix(7)): that of a test's own may be longer.
func SocketDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "flap")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// Until waits until ok says so, and fails the test if it never does.
func Until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("after %v still not: %s", patience, what)
		}
	}
}

// Await waits until ok says so of what was observed.
func (h *Host) Await(t testing.TB, what string, ok func(*state.State, []fact.Observation) bool) {
	t.Helper()
	Until(t, what, func() (done bool) {
		h.View(func(s *state.State, log []fact.Observation) { done = ok(s, log) })
		return done
	})
}

// Synced waits until the source called name has reported all it knows.
func (h *Host) Synced(t testing.TB, name string) {
	t.Helper()
	h.Await(t, name+" has synced", func(s *state.State, _ []fact.Observation) bool {
		return s.Synced[name]
	})
}
