package probes

import (
	"net/netip"
	"sync"
	"testing"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// A fakeHost folds observations into a state and keeps them.
type fakeHost struct {
	now func() time.Duration
	// follower hears of what is put, if there is one.
	follower state.Follower

	mu       sync.Mutex // guards all following
	state    *state.State
	observed []fact.Observation
	updates  int
}

func newHost(now func() time.Duration) *fakeHost {
	return &fakeHost{now: now, state: state.NewState()}
}

// Update implements state.Host.
func (h *fakeHost) Update(fn func(*state.State, fact.Emit)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.updates++
	fn(h.state, func(o fact.Observation) {
		o.Mono = h.now()
		h.state.Apply(o)
		h.observed = append(h.observed, o)
	})
}

// put folds facts in that the Runner did not observe.
func (h *fakeHost) put(op fact.Op, facts ...fact.Fact) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, f := range facts {
		h.state.Apply(fact.Observation{Op: op, Fact: f, Mono: h.now()})
		if h.follower != nil {
			h.follower.Follow(f)
		}
	}
}

// looks returns how often the state was looked at.
func (h *fakeHost) looks() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.updates
}

// target returns the state of a target.
func (h *fakeHost) target(id string) *state.TargetState {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.state.Targets[id]
}

func (h *fakeHost) usage() *fact.ProbeUsage {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.state.Usage
}

// facts returns what the Runner observed of type F, with op, since the last
// call of forget.
func facts[F fact.Fact](h *fakeHost, op fact.Op) []F {
	h.mu.Lock()
	defer h.mu.Unlock()
	var out []F
	for _, o := range h.observed {
		if f, ok := o.Fact.(F); ok && o.Op == op {
			out = append(out, f)
		}
	}
	return out
}

func (h *fakeHost) forget() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.observed = nil
}

// ids returns the IDs of targets.
func ids(targets []*fact.Target) []string {
	out := []string{}
	for _, t := range targets {
		out = append(out, t.ID)
	}
	return out
}

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

// eth0 is a link with carrier.
func eth0() *fact.Link {
	return &fact.Link{Index: 2, Name: "eth0", Flags: fact.FlagUp | fact.FlagLowerUp, OperState: fact.OperUp}
}

// lookups returns usable answers for all destinations of a family by way of a
// gateway on interface 2.
func lookups(f fact.Family, gateway, source string) []fact.Fact {
	var out []fact.Fact
	for _, d := range fact.Destinations(f) {
		out = append(out, &fact.Lookup{
			Question: fact.Question{Family: f, Dst: d}, Type: fact.RouteUnicast, Index: 2,
			Gateway: addr(gateway), Source: addr(source),
		})
	}
	return out
}

// ipv4Only returns the facts of a machine with an IPv4 uplink and a resolver.
func ipv4Only() []fact.Fact {
	return append(lookups(fact.IPv4, "192.0.2.1", "192.0.2.7"), eth0(),
		&fact.Resolvers{Source: "resolv.conf", Servers: []fact.Server{{Addr: addr("192.0.2.53"), Port: 53}}},
		&fact.Sync{Source: "kernel"})
}

func stateOf(t *testing.T, facts ...fact.Fact) *state.State {
	t.Helper()
	s := state.NewState()
	for _, f := range facts {
		s.Apply(fact.Observation{Op: fact.Put, Fact: f})
	}
	return s
}
