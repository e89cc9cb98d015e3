package state_test

import (
	"net/netip"
	"testing"

	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// TestDomainOf: which servers systemd-resolved asks for a name. The third interface is a
// VPN that is asked for its own names alone, the fourth one that says nothing of itself.
func TestDomainOf(t *testing.T) {
	server := func(last byte, index int) fact.Server {
		return fact.Server{Addr: netip.AddrFrom4([4]byte{192, 0, 2, last}), Port: 53, Index: index}
	}
	servers := []fact.Server{server(1, 0), server(2, 2), server(3, 3), server(4, 4)}
	split := []fact.Domain{{Name: "corp.example", Index: 3}, {Name: "Lab.Corp.example.", Index: 4}}
	for _, tt := range []struct {
		name    string
		domains []fact.Domain
		aside   []int
		asked   string
		others  fact.Untrusted
	}{
		{"www.example.com", nil, nil, "1234", ""},
		{"www.example.com", split, []int{3}, "124", "corp.example"},
		{"www.example.com.", split, []int{3, 4}, "12", "corp.example"},
		{"www.corp.example", split, []int{3}, "3", ""},
		{"CORP.example.", split, []int{3}, "3", ""},
		{"notcorp.example", split, []int{3}, "124", "corp.example"},
		{"a.lab.corp.example", split, []int{3}, "4", "corp.example"},
		// All names go into the VPN.
		{"www.example.com", []fact.Domain{{Name: ".", Index: 3}}, nil, "3", ""},
		{"www.lan", []fact.Domain{{Name: ".", Index: 3}, {Name: "lan", Index: 2}}, nil, "2", ""},
	} {
		s := state.NewState()
		s.Apply(fact.Observation{Mono: 1, Op: fact.Put, Fact: &fact.Resolvers{Source: "resolved", Servers: servers, Domains: tt.domains, Aside: tt.aside}})
		asked, others := "", fact.Untrusted("")
		for _, x := range servers {
			is, domain := state.DomainOf(s, x, tt.name)
			if is {
				asked += x.Addr.String()[len("192.0.2."):]
			}
			if x.Index == 3 {
				others = domain
			}
		}
		if asked != tt.asked || others != tt.others {
			t.Errorf("%s, %v, aside %v: %s are asked, want %s; the VPN for %q, want %q", tt.name, tt.domains, tt.aside, asked, tt.asked, others, tt.others)
		}
	}
	if is, domain := state.DomainOf(state.NewState(), server(9, 0), "www.example.com"); !is || domain != "" {
		t.Errorf("without systemd-resolved: %v, %q", is, domain)
	}
}
