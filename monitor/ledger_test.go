package monitor

import (
	"net/netip"
	"testing"
	"time"
)

// TestIdleGainsAreNotCauses: what came up on an interface that then failed
// below it had no part in the loss; what failed before, or what is above, had.
func TestIdleGainsAreNotCauses(t *testing.T) {
	ll := netip.MustParseAddr("fe80::7")
	tentative := func(a netip.Addr) *Address {
		out := LabAddress(2, a, 64)
		out.Flags |= AddrTentative
		if a.IsLinkLocalUnicast() {
			out.Scope = ScopeLink
		}
		return out
	}
	ready := func(a netip.Addr) *Address {
		out := tentative(a)
		out.Flags &^= AddrTentative
		return out
	}
	const soon = 300 * time.Millisecond
	for _, tt := range []struct {
		name  string
		scope ScopeName
		act   func(l *lab)
		want  string
	}{
		{"link-local-ready-then-carrier-lost", ScopeMachine, func(l *lab) {
			l.put(tentative(ll))
			l.put(LabAnswers(2, LabRouter6, ll, 1024)...)
			l.wait(2 * time.Second)
			l.events = nil
			l.put(ready(ll))
			l.wait(soon)
			l.lose()
		}, "eth0 carrier lost"},
		{"ipv6-ready-then-carrier-lost", ScopeMachine, func(l *lab) {
			l.put(tentative(LabSource6), LabDefault(2, LabRouter6, 1024))
			l.put(LabAnswers(2, LabRouter6, LabSource6, 1024)...)
			l.wait(2 * time.Second)
			l.events = nil
			l.put(ready(LabSource6))
			l.wait(soon)
			l.lose()
			l.wait(2 * time.Millisecond)
			// From now on every address counts, because no answer names one.
			l.put(LabRefused(IPv4, "ENETUNREACH", 2)...)
			l.put(LabRefused(IPv6, "ENETUNREACH", 2)...)
		}, "eth0 carrier lost"},
		{"underlay-back-then-tunnel-down", ScopeIPv4, func(l *lab) {
			l.throughTunnel()
			l.lose()
			l.wait(2 * time.Second)
			l.gain()
			l.wait(soon)
			l.events = nil
			l.put(labTunnel(false))
		}, "wg0 set down"},
		{"deauthenticated-then-carrier-lost", ScopeMachine, func(l *lab) {
			l.put(&Wifi{Index: 2, Event: "deauthenticated", ByAP: true, Reason: 4})
			l.wait(soon)
			l.lose()
		}, "eth0 deauthenticated by AP (reason 4), eth0 carrier lost"},
		{"carrier-back-then-address-not-ready", ScopeIPv6, func(l *lab) {
			l.put(LabLink(3, "wlan0", true, false))
			l.put(LabAddress(2, LabSource6, 64))
			l.put(LabAnswers(2, LabRouter6, LabSource6, 1024)...)
			l.wait(2 * time.Second)
			l.events = nil
			l.put(LabLink(3, "wlan0", true, true))
			l.wait(soon)
			mine := netip.MustParseAddr("2001:db8:3::7")
			a := tentative(mine)
			a.Index = 3
			l.put(a)
			l.put(LabAnswers(3, LabRouter6, mine, 600)...)
		}, "wlan0 carrier back, wlan0 2001:db8:3::7/64 added, tentative"},
		{"recovery-tells-all", ScopeMachine, func(l *lab) {
			l.lose()
			l.del(LabDefault(2, LabRouter, 100))
			l.put(LabRefused(IPv4, "ENETUNREACH", 2)...)
			l.wait(5 * time.Second)
			l.events = nil
			l.put(LabDefault(2, LabRouter, 100))
			l.wait(soon)
			l.put(LabAnswers(2, LabRouter, LabSource, 100)...)
			l.gain()
		}, "eth0 default via 192.0.2.1 metric 100 added, eth0 carrier back"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := newLab(t, DefaultSettings()).boot()
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
