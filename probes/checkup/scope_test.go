package checkup

import (
	"net/netip"
	"testing"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/path"
	"flapscope/monitor/state"
	"flapscope/monitor/verdict"
)

// machine is a state with one interface, its address, and how the kernel would
// send.
func machine(facts ...fact.Fact) *state.State {
	s := state.NewState()
	gateway := netip.MustParseAddr("192.0.2.1")
	facts = append([]fact.Fact{
		&fact.Link{Index: 2, Name: "eth0", Type: fact.TypeWired, Flags: fact.FlagUp | fact.FlagLowerUp, OperState: fact.OperUp, MTU: 1500},
		&fact.Address{Index: 2, Local: netip.MustParseAddr("192.0.2.7"), PrefixLen: 24},
		&fact.Resolvers{Source: "resolv.conf", Servers: []fact.Server{{Addr: netip.MustParseAddr("127.0.0.53")}}},
		&fact.Resolvers{Source: "resolved", Servers: []fact.Server{{Addr: gateway}, {Addr: gateway, Port: 53}, {Addr: netip.MustParseAddr("fe80::53"), Index: 2}}},
	}, facts...)
	for _, d := range fact.Destinations(fact.IPv4) {
		for _, oif := range []int{0, 2} {
			facts = append(facts, &fact.Lookup{
				Question: fact.Question{Family: fact.IPv4, Dst: d, OIF: oif}, Type: fact.RouteUnicast, Table: 254, Index: 2,
				Gateway: gateway, Source: netip.MustParseAddr("192.0.2.7"),
			})
		}
	}
	for i, f := range facts {
		s.Apply(fact.Observation{Mono: time.Duration(i + 1), Op: fact.Put, Fact: f})
	}
	return s
}

func TestScope(t *testing.T) {
	s := machine(&fact.Neighbour{Index: 2, Dst: netip.MustParseAddr("192.0.2.1"), LLAddr: "02:00:00:00:00:01", State: fact.NeighbourReachable})
	p := path.Evaluate(s, path.Settings{}, s.Mono).Path
	for _, index := range []int{0, 2} {
		got := NewScope(s, p, index, "www.example.com")
		w := got.Ways[0]
		if w.Reason != "" || w.Interface != "eth0" || w.Gateway.String() != "192.0.2.1" || w.Source.String() != "192.0.2.7/24" || w.MTU != 1500 {
			t.Errorf("index %d: %+v", index, w)
		}
		if got.Ways[1].Reason != path.ReasonNoAddress || got.Ways[1].Gateway.IsValid() {
			t.Errorf("index %d: %+v", index, got.Ways[1])
		}
		if len(got.Servers) != 3 || got.Servers[1].Port != 53 || got.Servers[2].Index != 2 {
			t.Errorf("servers %v, want the stub and those behind it once", got.Servers)
		}
	}
}

// A gateway whose hardware address changes while it is looked at is two.
func TestNeighbours(t *testing.T) {
	gateway := netip.MustParseAddr("192.0.2.1")
	for name, tt := range map[string]struct {
		before, now fact.Neighbour
		want        verdict.Neighbour
	}{
		"alive":   {fact.Neighbour{LLAddr: "02:00:00:00:00:01"}, fact.Neighbour{LLAddr: "02:00:00:00:00:01", State: fact.NeighbourReachable}, verdict.NeighbourAlive},
		"found":   {fact.Neighbour{}, fact.Neighbour{LLAddr: "02:00:00:00:00:01", State: fact.NeighbourReachable}, verdict.NeighbourAlive},
		"failed":  {fact.Neighbour{LLAddr: "02:00:00:00:00:01"}, fact.Neighbour{State: fact.NeighbourFailed}, verdict.NeighbourFailed},
		"stale":   {fact.Neighbour{LLAddr: "02:00:00:00:00:01"}, fact.Neighbour{LLAddr: "02:00:00:00:00:01", State: fact.NeighbourStale}, verdict.NeighbourUnknown},
		"changed": {fact.Neighbour{LLAddr: "02:00:00:00:00:01"}, fact.Neighbour{LLAddr: "02:00:00:00:00:02", State: fact.NeighbourReachable}, verdict.NeighbourChanged},
	} {
		tt.before.Index, tt.before.Dst, tt.now.Index, tt.now.Dst = 2, gateway, 2, gateway
		s := machine(&tt.before)
		ways := NewScope(s, path.Evaluate(s, path.Settings{}, s.Mono).Path, 0, "www.example.com").Ways
		Neighbours(machine(&tt.now), &ways)
		if ways[0].Neighbour != tt.want {
			t.Errorf("%s: %d, want %d", name, ways[0].Neighbour, tt.want)
		}
	}
}

// TestScopeMTU: the MTU of a way is that of its route where the route has one, and else the link's,
// whatever the kernel has learned of the way beyond.
func TestScopeMTU(t *testing.T) {
	s := state.NewState()
	s.Links[2] = &fact.Link{Index: 2, Name: "eth0", MTU: 1500}
	p := &path.Path{IPv4: path.FamilyPath{Index: 2, Table: 254, Metric: 100, MTU: 1400}}
	if got := NewScope(s, p, 0, "www.example.com").Ways[0].MTU; got != 1500 {
		t.Errorf("got %d, want that of the link", got)
	}
	s.Routes.Put(&fact.Route{Family: fact.IPv4, Table: 254, Metric: 100, Index: 2, Dst: netip.MustParsePrefix("0.0.0.0/0"), MTU: 1452})
	if got := NewScope(s, p, 0, "www.example.com").Ways[0].MTU; got != 1452 {
		t.Errorf("got %d, want that of the route", got)
	}
}
