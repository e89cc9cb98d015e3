//go:build linux

package kernel

import (
	"testing"

	"flapscope/internal/netlab"
	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// TestSettings: those that decide routing are those of sysctl, also after one of them
// alone was written; those of IPv6 are as of the last message about the link.
func TestSettings(t *testing.T) {
	ns := netlab.New(t)
	ns.IP(t, "link add v0 type veth peer name v1")
	ns.Sysctl(t, "ipv6/conf/v0/accept_ra", "2")
	ns.Sysctl(t, "ipv6/conf/v0/use_tempaddr", "1")
	ns.Sysctl(t, "ipv4/conf/v0/rp_filter", "1")
	h := ns.Start(t, New(Options{}))
	h.Synced(t, sourceName)
	v0 := 0
	is := func(want fact.Netconf, six fact.IPv6Settings) func(*state.State, []fact.Observation) bool {
		return func(s *state.State, _ []fact.Observation) bool {
			for _, l := range s.Links {
				if l.Name == "v0" {
					v0 = l.Index
				}
			}
			want.Family, want.Index = fact.IPv4, v0
			n, l := s.Netconfs[want.Key()], s.Links[v0]
			return n != nil && *n == want && l.IPv6 != nil && *l.IPv6 == six
		}
	}
	six := fact.IPv6Settings{AcceptRA: 2, UseTempaddr: 1}
	h.Await(t, "they are as at the start", is(fact.Netconf{RPFilter: 1}, six))
	ns.Sysctl(t, "ipv4/conf/v0/forwarding", "1")
	h.Await(t, "forwarding is added", is(fact.Netconf{RPFilter: 1, Forwarding: true}, six))
	ns.Sysctl(t, "ipv4/conf/v0/rp_filter", "2")
	ns.Sysctl(t, "ipv4/conf/v0/ignore_routes_with_linkdown", "1")
	h.Await(t, "the filter is another", is(fact.Netconf{RPFilter: 2, Forwarding: true, IgnoreRoutesWithLinkdown: true}, six))
	ns.Sysctl(t, "ipv6/conf/v0/disable_ipv6", "1")
	ns.IP(t, "link set v0 mtu 1400")
	six.Disabled = true
	h.Await(t, "IPv6 is disabled", is(fact.Netconf{RPFilter: 2, Forwarding: true, IgnoreRoutesWithLinkdown: true}, six))
}
