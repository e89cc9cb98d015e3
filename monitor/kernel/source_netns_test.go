//go:build linux

package kernel

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"flapscope/internal/netlab"
	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

func TestSourceSyncs(t *testing.T) {
	ns := netlab.New(t)
	ns.IP(t, "link add v0 type veth peer name v1")
	ns.IP(t, "link set v0 up")
	ns.IP(t, "link set v1 up")
	ns.IP(t, "addr add 192.0.2.7/24 dev v0")
	ns.IP(t, "route add default via 192.0.2.1")
	h := ns.Start(t, New(Options{}))
	h.Synced(t, sourceName)
	h.View(func(s *state.State, _ []fact.Observation) {
		if len(s.Links) != 3 || len(s.Rules) != 5 || len(s.Netconfs) != 10 {
			t.Errorf("%d links, %d rules, %d settings, want 3, 5, 10",
				len(s.Links), len(s.Rules), len(s.Netconfs))
		}
		q := fact.Question{Family: fact.IPv4, Dst: fact.Destinations(fact.IPv4)[0]}
		l := s.Lookups[q]
		if l == nil || s.Name(l.Index) != "v0" || l.Gateway != netip.MustParseAddr("192.0.2.1") ||
			l.Source != netip.MustParseAddr("192.0.2.7") || l.Table != 254 {
			t.Errorf("lookup of %v is %+v", q, l)
		}
		q = fact.Question{Family: fact.IPv6, Dst: fact.Destinations(fact.IPv6)[0]}
		if l := s.Lookups[q]; l == nil || l.Err != "ENETUNREACH" {
			t.Errorf("lookup of %v is %+v, want ENETUNREACH", q, l)
		}
	})
}

// gaps returns the gaps of a log with a reason.
func gaps(log []fact.Observation, reason fact.GapReason) []*fact.Gap {
	var found []*fact.Gap
	for _, o := range log {
		if g, ok := o.Fact.(*fact.Gap); ok && g.Reason == reason {
			found = append(found, g)
		}
	}
	return found
}

// routeBatchOf makes commands that add or delete n routes.
func routeBatchOf(verb string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "route %s 20.%d.%d.0/24 via 10.0.0.1\n", verb, i>>8&255, i&255)
	}
	return b.String()
}

// TestOverrun loses notifications for certain: the source can't read while more
// come than its buffer holds. It must notice, say so, and lose no row.
func TestOverrun(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	h := l.ns.Start(t, New(Options{Audit: time.Hour, ReceiveBuffer: 64 << 10}))
	h.Synced(t, sourceName)
	h.View(func(*state.State, []fact.Observation) { batch(t, l.ns, routeBatchOf("add", 2000)) })
	h.Await(t, "an overrun and a resync were told", func(_ *state.State, log []fact.Observation) bool {
		return len(gaps(log, fact.GapOverrun)) > 0 && len(gaps(log, fact.GapResync)) > 0
	})
	if d := l.drift(h); len(d) > 0 {
		t.Errorf("%d rows differ after the resync:\n%s", len(d), strings.Join(d[:min(len(d), 20)], "\n"))
	}
	h.View(func(_ *state.State, log []fact.Observation) {
		if g := gaps(log, fact.GapResync)[0]; g.Count == 0 || g.Blind() {
			t.Errorf("resync told %+v, want the rows that it repaired, and no blindness", g)
		}
	})
}

// TestRouterModeFilter shows the narrow mirror on a socket with its filter: long
// prefixes are neither mirrored nor delivered, default routes are, and the
// lookups are right although nothing reports the route that they take.
func TestRouterModeFilter(t *testing.T) {
	t.Parallel()
	l := newLab(t, "route add default via 10.0.0.1")
	h := l.ns.Start(t, New(Options{RouterModeRoutes: 500}))
	h.Synced(t, sourceName)
	batch(t, l.ns, routeBatchOf("add", 1000))
	h.Await(t, "router mode", func(s *state.State, log []fact.Observation) bool {
		return len(gaps(log, fact.GapRouterMode)) == 1 && s.Notices["router_mode"] != nil
	})
	before := 0
	h.View(func(s *state.State, log []fact.Observation) {
		before = len(log)
		for r := range s.Routes.All() {
			if r.Dst.Bits() > shortBits {
				t.Errorf("a long prefix is mirrored: %+v", r)
			}
		}
	})
	batch(t, l.ns, routeBatchOf("del", 100))
	l.ns.IP(t, "route add 1.1.1.1/32 via 10.1.0.1")
	l.ns.IP(t, "route replace default via 10.0.0.9")
	q := fact.Question{Family: fact.IPv4, Dst: netip.MustParseAddr("1.1.1.1")}
	h.Await(t, "the lookup goes by the long prefix, and the new default is there", func(s *state.State, _ []fact.Observation) bool {
		found := false
		for r := range s.Routes.All() {
			found = found || r.Gateway == netip.MustParseAddr("10.0.0.9")
		}
		return found && s.Lookups[q] != nil && s.Lookups[q].Gateway == netip.MustParseAddr("10.1.0.1")
	})
	h.View(func(_ *state.State, log []fact.Observation) {
		for _, o := range log[before:] {
			if r, ok := o.Fact.(*fact.Route); ok && r.Dst.Bits() > shortBits {
				t.Errorf("told of a long prefix in router mode: %+v", r)
			}
		}
	})
	batch(t, l.ns, routeBatchOf("del", 1000))
	l.ns.IP(t, "link set v1 down") // wants the routes to be counted again
	h.Await(t, "router mode has ended", func(s *state.State, _ []fact.Observation) bool {
		return s.Notices["router_mode"] == nil
	})
	h.Await(t, "the mirror is whole again", func(s *state.State, _ []fact.Observation) bool {
		for r := range s.Routes.All() {
			if r.Dst == netip.MustParsePrefix("10.0.0.0/24") {
				return true
			}
		}
		return false
	})
}

// TestManyRoutesAtTheStart starts in router mode: nobody is told of routes that
// are not mirrored.
func TestManyRoutesAtTheStart(t *testing.T) {
	t.Parallel()
	l := newLab(t, "route add default via 10.0.0.1")
	batch(t, l.ns, routeBatchOf("add", 1000))
	h := l.ns.Start(t, New(Options{RouterModeRoutes: 500}))
	h.Synced(t, sourceName)
	h.View(func(s *state.State, log []fact.Observation) {
		for _, o := range log {
			if r, ok := o.Fact.(*fact.Route); ok && r.Dst.Bits() > shortBits {
				t.Fatalf("told of %+v", r)
			}
		}
		if s.Routes.Len() == 0 || s.Notices["router_mode"] == nil {
			t.Errorf("%d routes, notice %v", s.Routes.Len(), s.Notices)
		}
	})
}
