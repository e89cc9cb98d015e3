package fold

import (
	"net/netip"
	"testing"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/fact/facttest"
	"flapscope/monitor/path"
)

// TestIdleGainsAreNotCauses: what came up on an interface that then failed
// below it had no part in the loss; what failed before, or what is above, had.
func TestIdleGainsAreNotCauses(t *testing.T) {
	ll := netip.MustParseAddr("fe80::7")
	tentative := func(a netip.Addr) *fact.Address {
		out := facttest.LabAddress(2, a, 64)
		out.Flags |= fact.AddrTentative
		if a.IsLinkLocalUnicast() {
			out.Scope = fact.ScopeLink
		}
		return out
	}
	ready := func(a netip.Addr) *fact.Address {
		out := tentative(a)
		out.Flags &^= fact.AddrTentative
		return out
	}
	const soon = 300 * time.Millisecond
	for _, tt := range []struct {
		name  string
		scope path.ScopeName
		act   func(l *lab)
		want  string
	}{
		{"link-local-ready-then-carrier-lost", path.ScopeMachine, func(l *lab) {
			l.put(tentative(ll))
			l.put(facttest.LabAnswers(2, facttest.LabRouter6, ll, 1024)...)
			l.wait(2 * time.Second)
			l.events = nil
			l.put(ready(ll))
			l.wait(soon)
			l.lose()
		}, "eth0 carrier lost"},
		{"ipv6-ready-then-carrier-lost", path.ScopeMachine, func(l *lab) {
			l.put(tentative(facttest.LabSource6), facttest.LabDefault(2, facttest.LabRouter6, 1024))
			l.put(facttest.LabAnswers(2, facttest.LabRouter6, facttest.LabSource6, 1024)...)
			l.wait(2 * time.Second)
			l.events = nil
			l.put(ready(facttest.LabSource6))
			l.wait(soon)
			l.lose()
			l.wait(2 * time.Millisecond)
			// From now on every address counts, because no answer names one.
			l.put(facttest.LabRefused(fact.IPv4, "ENETUNREACH", 2)...)
			l.put(facttest.LabRefused(fact.IPv6, "ENETUNREACH", 2)...)
		}, "eth0 carrier lost"},
		{"underlay-back-then-tunnel-down", path.ScopeIPv4, func(l *lab) {
			l.throughTunnel()
			l.lose()
			l.wait(2 * time.Second)
			l.gain()
			l.wait(soon)
			l.events = nil
			l.put(labTunnel(false))
		}, "wg0 set down"},
		{"deauthenticated-then-carrier-lost", path.ScopeMachine, func(l *lab) {
			l.put(&fact.Wifi{Index: 2, Event: "deauthenticated", ByAP: true, Reason: 4})
			l.wait(soon)
			l.lose()
		}, "eth0 deauthenticated by AP (reason 4: it heard nothing), eth0 carrier lost"},
		{"carrier-back-then-address-not-ready", path.ScopeIPv6, func(l *lab) {
			l.put(facttest.LabLink(3, "wlan0", true, false))
			l.put(facttest.LabAddress(2, facttest.LabSource6, 64))
			l.put(facttest.LabAnswers(2, facttest.LabRouter6, facttest.LabSource6, 1024)...)
			l.wait(2 * time.Second)
			l.events = nil
			l.put(facttest.LabLink(3, "wlan0", true, true))
			l.wait(soon)
			mine := netip.MustParseAddr("2001:db8:3::7")
			a := tentative(mine)
			a.Index = 3
			l.put(a)
			l.put(facttest.LabAnswers(3, facttest.LabRouter6, mine, 600)...)
		}, "wlan0 carrier back, wlan0 2001:db8:3::7/64 added, tentative"},
		{"recovery-tells-all", path.ScopeMachine, func(l *lab) {
			l.lose()
			l.del(facttest.LabDefault(2, facttest.LabRouter, 100))
			l.put(facttest.LabRefused(fact.IPv4, "ENETUNREACH", 2)...)
			l.wait(5 * time.Second)
			l.events = nil
			l.put(facttest.LabDefault(2, facttest.LabRouter, 100))
			l.wait(soon)
			l.put(facttest.LabAnswers(2, facttest.LabRouter, facttest.LabSource, 100)...)
			l.gain()
		}, "eth0 default via 192.0.2.1 metric 100 added, eth0 carrier back"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := newLab(t, path.DefaultSettings()).boot()
			l.wait(10 * time.Second)
			tt.act(l)
			l.wait(3 * time.Second)
			for _, phase := range []Phase{PhaseRaw, PhaseSettled} {
				if got := l.causes(tt.scope, phase); len(got) == 0 || got[0] != tt.want {
					t.Errorf("%s %s: got %q, want %q first", tt.scope, phase, got, tt.want)
				}
			}
		})
	}
}
