package state

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"flapscope/monitor/fact"
)

// wired is a machine with an address that expires, a default route and its
// gateway.
func wired(mono time.Duration) *State {
	s := NewState()
	s.Mono = mono
	for _, f := range []fact.Fact{
		&fact.Link{Index: 2, Name: "eth0", MTU: 1500, Flags: fact.FlagUp | fact.FlagLowerUp, OperState: fact.OperUp},
		&fact.Address{
			Index: 2, Local: netip.MustParseAddr("2001:db8::7"), PrefixLen: 64,
			ValidUntil: time.Hour, PreferredUntil: 30 * time.Minute,
		},
		&fact.Address{Index: 2, Local: netip.MustParseAddr("192.0.2.7"), PrefixLen: 24},
		&fact.Route{Family: fact.IPv4, Table: 254, Type: fact.RouteUnicast, Dst: netip.MustParsePrefix("0.0.0.0/0"), Gateway: netip.MustParseAddr("192.0.2.1"), Index: 2, Metric: 100},
		&fact.Neighbour{Index: 2, Dst: netip.MustParseAddr("192.0.2.1"), LLAddr: "02:00:00:00:00:01", State: fact.NeighbourReachable},
		&fact.Resolvers{Source: "resolv.conf", Servers: []fact.Server{{Addr: netip.MustParseAddr("192.0.2.1"), Port: 53}}},
	} {
		s.Apply(fact.Observation{Op: fact.Put, Fact: f})
	}
	return s
}

func TestDifference(t *testing.T) {
	put := func(f fact.Fact) func(*State) {
		return func(s *State) { s.Apply(fact.Observation{Op: fact.Put, Fact: f}) }
	}
	del := func(f fact.Fact) func(*State) {
		return func(s *State) { s.Apply(fact.Observation{Op: fact.Delete, Fact: f}) }
	}
	gateway := netip.MustParseAddr("192.0.2.1")
	route := fact.Route{Family: fact.IPv4, Table: 254, Type: fact.RouteUnicast, Dst: netip.MustParsePrefix("0.0.0.0/0"), Gateway: gateway, Index: 2, Metric: 100}
	dead, other := route, route
	dead.Flags = fact.RouteLinkdown
	other.Gateway = netip.MustParseAddr("192.0.2.9")
	for name, tt := range map[string]struct {
		change func(s *State)
		want   []string
	}{
		"nothing": {func(*State) {}, nil},
		"link": {put(&fact.Link{Index: 2, Name: "eth0", MTU: 1400, Flags: fact.FlagUp, OperState: fact.OperDown}), []string{
			`changed link eth0 flags ["UP","LOWER_UP"]→["UP"] lower_up true→false mtu 1500→1400 operstate "UP"→"DOWN"`,
		}},
		"address": {del(&fact.Address{Index: 2, Local: netip.MustParseAddr("192.0.2.7"), PrefixLen: 24}), []string{
			"removed address 192.0.2.7/24 dev eth0",
		}},
		"deprecated": {func(s *State) { s.Mono = 31 * time.Minute }, []string{
			"changed address 2001:db8::7/64 dev eth0 deprecated →true",
		}},
		"linkdown": {put(&dead), []string{`changed route default via 192.0.2.1 dev eth0 metric 100 flags []→["linkdown"]`}},
		"gateway": {func(s *State) { del(&route)(s); put(&other)(s) }, []string{
			"removed route default via 192.0.2.1 dev eth0 metric 100", "added route default via 192.0.2.9 dev eth0 metric 100",
		}},
		"rule": {put(&fact.Rule{Family: fact.IPv4, Priority: 100, Action: fact.RuleToTable, Table: 7, SuppressPrefixLen: -1, SuppressIfGroup: -1}), []string{
			"added rule 100: from all lookup table 7",
		}},
		"stale": {put(&fact.Neighbour{Index: 2, Dst: gateway, LLAddr: "02:00:00:00:00:01", State: fact.NeighbourStale}), nil},
		"failed": {put(&fact.Neighbour{Index: 2, Dst: gateway, State: fact.NeighbourFailed}), []string{
			`changed neighbour 192.0.2.1 dev eth0 lladdr "02:00:00:00:00:01"→ state →["FAILED"]`,
		}},
		"resolver": {del(&fact.Resolvers{Source: "resolv.conf"}), []string{"removed resolver resolv.conf: 192.0.2.1"}},
	} {
		t.Run(name, func(t *testing.T) {
			before, after := wired(time.Minute), wired(2*time.Minute)
			tt.change(after)
			d := Difference(before, after)
			var got []string
			for _, c := range d.Changes {
				line := fmt.Sprintf("%s %s %s", c.Change, c.Kind, string(c.Words))
				for _, f := range c.Fields {
					line += fmt.Sprintf(" %s %s→%s", f.Key, f.Before, f.After)
				}
				got = append(got, line)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if b, err := json.Marshal(d); err != nil || !json.Valid(b) {
				t.Errorf("JSON: %v", err)
			}
		})
	}
}

func TestLifetimes(t *testing.T) {
	for at, want := range map[time.Duration]string{
		time.Minute:      "valid_lft 3540sec preferred_lft 1740sec",
		31 * time.Minute: "deprecated valid_lft 1740sec preferred_lft 0sec",
		2 * time.Hour:    "deprecated valid_lft 0sec preferred_lft 0sec",
	} {
		d := Describe(wired(at))
		if got := d.Addresses[1].Lifetimes(); got != want {
			t.Errorf("after %v: %q, want %q", at, got, want)
		}
		if got := d.Addresses[0].Lifetimes(); got != "" {
			t.Errorf("one that is there for ever: %q", got)
		}
	}
}
