package probes

import (
	"net/netip"
	"sync"
	"testing"
	"time"

	"flapscope/monitor"
)

// A fakeHost folds observations into a state and keeps them.
type fakeHost struct {
	now func() time.Duration

	mu       sync.Mutex // guards all following
	state    *monitor.State
	observed []monitor.Observation
}

func newHost(now func() time.Duration) *fakeHost {
	return &fakeHost{now: now, state: monitor.NewState()}
}

// Update implements monitor.Host.
func (h *fakeHost) Update(fn func(*monitor.State, monitor.Emit)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	fn(h.state, func(o monitor.Observation) {
		o.Mono = h.now()
		h.state.Apply(o)
		h.observed = append(h.observed, o)
	})
}

// put folds facts in that the Runner did not observe.
func (h *fakeHost) put(op monitor.Op, facts ...monitor.Fact) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, f := range facts {
		h.state.Apply(monitor.Observation{Op: op, Fact: f, Mono: h.now()})
	}
}

// target returns the state of a target.
func (h *fakeHost) target(id string) *monitor.TargetState {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.state.Targets[id]
}

func (h *fakeHost) usage() *monitor.ProbeUsage {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.state.Usage
}

// facts returns what the Runner observed of type F, with op, since the last
// call of forget.
func facts[F monitor.Fact](h *fakeHost, op monitor.Op) []F {
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
func ids(targets []*monitor.Target) []string {
	out := []string{}
	for _, t := range targets {
		out = append(out, t.ID)
	}
	return out
}

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

// eth0 is a link with carrier.
func eth0() *monitor.Link {
	return &monitor.Link{Index: 2, Name: "eth0", Flags: monitor.FlagUp | monitor.FlagLowerUp, OperState: monitor.OperUp}
}

// lookups returns usable answers for all destinations of a family by way of a
// gateway on interface 2.
func lookups(f monitor.Family, gateway, source string) []monitor.Fact {
	var out []monitor.Fact
	for _, d := range monitor.Destinations(f) {
		out = append(out, &monitor.Lookup{
			Question: monitor.Question{Family: f, Dst: d}, Type: monitor.RouteUnicast, Index: 2,
			Gateway: addr(gateway), Source: addr(source),
		})
	}
	return out
}

// ipv4Only returns the facts of a machine with an IPv4 uplink and a resolver.
func ipv4Only() []monitor.Fact {
	return append(lookups(monitor.IPv4, "192.0.2.1", "192.0.2.7"), eth0(),
		&monitor.Resolvers{Source: "resolv.conf", Servers: []monitor.Server{{Addr: addr("192.0.2.53"), Port: 53}}},
		&monitor.Sync{Source: "kernel"})
}

func stateOf(t *testing.T, facts ...monitor.Fact) *monitor.State {
	t.Helper()
	s := monitor.NewState()
	for _, f := range facts {
		s.Apply(monitor.Observation{Op: monitor.Put, Fact: f})
	}
	return s
}
