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
		{"interfaces", len(r.m.candidates()), maxCandidates},
		{"marks", len(r.m.tunnelMarks(fact.IPv4)), maxMarks},
		{"name servers", len(r.m.look.servers), maxServers},
	} {
		if tt.got != tt.want {
			t.Errorf("%d %s are asked about, want %d", tt.got, tt.what, tt.want)
		}
	}
}
