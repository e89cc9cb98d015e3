package kernel

import (
	"fmt"
	"net/netip"
	"testing"

	"flapscope/monitor"
)

// TestLimits gives the mirror more of everything that it asks about than it
// does.
func TestLimits(t *testing.T) {
	r := newRig(t)
	gateway := func(i int) netip.Addr { return netip.AddrFrom4([4]byte{10, 1, byte(i >> 8), byte(i)}) }
	var servers []monitor.Server
	for i := range 2 * maxGateways {
		r.state.Links[i+2] = &monitor.Link{Index: i + 2, Name: monitor.Untrusted(fmt.Sprint("e", i)), Flags: monitor.FlagUp | monitor.FlagLowerUp, Type: monitor.TypeWired}
		rule := &monitor.Rule{Family: monitor.IPv4, Priority: uint32(i), FwMark: uint32(i + 1), Not: true}
		r.state.Rules[rule.Key()] = rule
		servers = append(servers, monitor.Server{Addr: gateway(i), Port: 53})
		r.m.look.noteGateways(&monitor.Route{Family: monitor.IPv4, Gateway: gateway(i)})
		if n := len(r.m.look.gateways); n > maxGateways {
			t.Fatalf("%d gateways are remembered, want at most %d", n, maxGateways)
		}
	}
	r.state.Resolvers["resolv.conf"] = &monitor.Resolvers{Source: "resolv.conf", Servers: servers}
	r.m.followResolvers()
	for _, tt := range []struct {
		what      string
		got, want int
	}{
		{"interfaces", len(r.m.candidates()), maxCandidates},
		{"marks", len(r.m.tunnelMarks(monitor.IPv4)), maxMarks},
		{"name servers", len(r.m.look.servers), maxServers},
	} {
		if tt.got != tt.want {
			t.Errorf("%d %s are asked about, want %d", tt.got, tt.what, tt.want)
		}
	}
}
