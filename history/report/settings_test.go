package report

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"flapscope/history/timeline"
	"flapscope/monitor/fact"
)

// TestSettings: what holds for all interfaces holds for each, the newest counts, and a
// recording without any says nothing.
func TestSettings(t *testing.T) {
	c := NewCollector(timeline.Span{})
	l := &fact.Link{Index: 2, Name: "eth0"}
	if got := c.settings(l); got != nil {
		t.Errorf("of nothing: %q", got)
	}
	for _, n := range []*fact.Netconf{
		{Family: fact.IPv4, Index: -1, RPFilter: 2},
		{Family: fact.IPv4, Index: 2, RPFilter: 1},
		{Family: fact.IPv6, Index: 2, IgnoreRoutesWithLinkdown: true},
		{Family: fact.IPv6, Index: 2, Forwarding: true},
		{Family: fact.IPv4, Index: 3, Forwarding: true},
	} {
		c.Observed(fact.Observation{Op: fact.Put, Fact: n}, nil)
	}
	l.IPv6 = &fact.IPv6Settings{AcceptRA: 1, UseTempaddr: 2}
	if diff := cmp.Diff([]fact.Untrusted{"rp_filter 2", "IPv6 forwarding", "accept_ra 1", "use_tempaddr 2"}, c.settings(l)); diff != "" {
		t.Error(diff)
	}
	l.IPv6.Disabled = true
	if diff := cmp.Diff([]fact.Untrusted{"rp_filter 2", "IPv6 forwarding", "disable_ipv6"}, c.settings(l)); diff != "" {
		t.Error(diff)
	}
}
