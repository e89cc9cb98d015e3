//go:build linux

package kernel

import (
	"fmt"
	"net/netip"
	"testing"

	"flapscope/monitor/fact"
)

// TestLimits gives the mirror more of everything that it asks about than it
// does.
func TestLimits(t *testing.T) {
	r := newRig(t)
	gateway := func(i int) netip.Addr { return netip.AddrFrom4([4]byte{10, 1, byte(i >> 8), byte(i)}) }
	var servers []fact.Server
	for i := range 2 * maxGateways {
		r.state.Links[i+2] = &fact.Link{Index: i + 2, Name: fact.Untrusted(fmt.Sprint("e", i)), Flags: fact.FlagUp | fact.FlagLowerUp, Type: fact.TypeWired}
		r.state.Apply(fact.Observation{Op: fact.Put, Fact: &fact.Address{Index: i + 2, Local: gateway(i), PrefixLen: 32}})
		rule := &fact.Rule{Family: fact.IPv4, Priority: uint32(i), FwMark: uint32(i + 1), Not: true}
		r.state.Rules[rule.Key()] = rule
		servers = append(servers, fact.Server{Addr: gateway(i), Port: 53})
		r.m.look.noteGateways(&fact.Route{Family: fact.IPv4, Gateway: gateway(i)})
		if n := len(r.m.look.gateways); n > maxGateways {
			t.Fatalf("%d gateways are remembered, want at most %d", n, maxGateways)
		}
	}
	r.state.Resolvers["resolv.conf"] = &fact.Resolvers{Source: "resolv.conf", Servers: servers}
	r.m.followResolvers()
	for _, tt := range []struct {
		what      string
		got, want int
	}{
		{"interfaces", len(r.m.candidates(fact.IPv4)), maxCandidates},
		{"marks", len(r.m.tunnelMarks(fact.IPv4)), maxMarks},
		{"name servers", len(r.m.look.servers), maxServers},
	} {
		if tt.got != tt.want {
			t.Errorf("%d %s are asked about, want %d", tt.got, tt.what, tt.want)
		}
	}
}

// TestLookupsOfAddressedLinksAlone: a link of which no address could be the source
// of traffic beyond it has no way of its own, whatever the kernel answers.
func TestLookupsOfAddressedLinksAlone(t *testing.T) {
	r := newRig(t)
	address := func(index int, local string, scope fact.Scope, flags fact.AddressFlags) {
		r.state.Links[index] = &fact.Link{Index: index, Name: fact.Untrusted(fmt.Sprint("e", index)), Flags: fact.FlagUp}
		r.state.Apply(fact.Observation{Op: fact.Put, Fact: &fact.Address{
			Index: index, Local: netip.MustParseAddr(local), PrefixLen: 64, Scope: scope, Flags: flags,
		}})
	}
	address(2, "fe80::2", fact.ScopeLink, 0)
	address(3, "2001:db8::3", fact.ScopeGlobal, fact.AddrTentative)
	address(4, "192.0.2.4", fact.ScopeGlobal, 0)
	want := map[fact.Family]int{fact.IPv4: 4, fact.IPv6: 3}
	asked := 0
	for _, q := range r.m.questions() {
		if q.OIF == 0 {
			continue
		}
		if asked++; want[q.Family] != q.OIF {
			t.Errorf("asked for the way of %v out of link %d, which has no address for it", q.Family, q.OIF)
		}
	}
	if asked != len(fact.Destinations(fact.IPv4))+len(fact.Destinations(fact.IPv6)) {
		t.Errorf("asked %d times for the way of a link, want once for each destination of a family", asked)
	}
}
