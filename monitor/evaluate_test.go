package monitor

import (
	"net/netip"
	"testing"
	"time"
)

// state folds facts into a state that counts as synced.
func stateOf(facts ...Fact) *State {
	s := NewState()
	for _, f := range append(facts, &Sync{Source: "kernel"}) {
		s.Apply(Observation{Time: LabStart, Mono: time.Hour, Op: Put, Fact: f})
	}
	return s
}

var (
	none4 = LabRefused(IPv4, "ENETUNREACH", 2)
	none6 = LabRefused(IPv6, "ENETUNREACH", 2)
	good4 = LabAnswers(2, LabRouter, LabSource, 100)
	good6 = LabAnswers(2, LabRouter6, LabSource6, 1024)
	eth0  = []Fact{LabLink(2, "eth0", true, true)}
	addr4 = []Fact{LabAddress(2, LabSource, 24)}
	addr6 = []Fact{LabAddress(2, LabSource6, 64)}
)

func TestEvaluateReasons(t *testing.T) {
	tentative := With(LabAddress(2, LabSource6, 64), func(a *Address) { a.Flags |= AddrTentative })
	optimistic := With(LabAddress(2, LabSource6, 64), func(a *Address) { a.Flags |= AddrTentative | AddrOptimistic })
	failed := With(LabAddress(2, LabSource6, 64), func(a *Address) { a.Flags |= AddrTentative | AddrDADFailed })
	linkLocal := With(LabAddress(2, netip.MustParseAddr("fe80::2"), 64), func(a *Address) { a.Scope = ScopeLink })
	linkLocalAnswers := LabAnswers(2, LabRouter6, netip.MustParseAddr("fe80::2"), 1024)
	tests := []struct {
		name   string
		facts  []Fact
		status Status
		reason Reason
	}{
		{"nothing", nil, Unsatisfied, ReasonNoInterface},
		{"loopback-only", []Fact{With(LabLink(1, "lo", true, true), func(l *Link) { l.Flags |= FlagLoopback; l.Type = TypeLoopback })}, Unsatisfied, ReasonNoInterface},
		{"radio-off", Flat([]Fact{With(LabLink(2, "wlan0", false, false), func(l *Link) { l.RadioOff = true; l.Type = TypeWifi })}, none4, none6), Unsatisfied, ReasonRadioOff},
		{"admin-down", Flat([]Fact{LabLink(2, "eth0", false, false)}, none4, none6), Unsatisfied, ReasonAdminDown},
		{"no-carrier", Flat([]Fact{LabLink(2, "eth0", true, false)}, none4, none6), Unsatisfied, ReasonNoCarrier},
		{"not-associated", Flat([]Fact{With(LabLink(2, "wlan0", true, false), func(l *Link) { l.Type = TypeWifi })}, none4, none6), Unsatisfied, ReasonNotAssociated},
		{"no-address", Flat(eth0, none4, none6), Unsatisfied, ReasonNoAddress},
		{"link-local-only", Flat(eth0, []Fact{linkLocal}, none4, linkLocalAnswers), Unsatisfied, ReasonNoAddress},
		{"dad-under-way", Flat(eth0, []Fact{tentative}, none4, good6), RequiresConnection, ReasonConfiguring},
		{"dad-optimistic", Flat(eth0, []Fact{optimistic}, none4, good6), Satisfied, ReasonNone},
		{"dad-failed", Flat(eth0, []Fact{failed}, none4, good6), Unsatisfied, ReasonDADFailed},
		{"no-route", Flat(eth0, addr4, none4, none6), Unsatisfied, ReasonNoRoute},
		{"kill-switch", Flat(eth0, addr4, LabRefused(IPv4, "EHOSTUNREACH", 2), none6), Unsatisfied, ReasonRouteBlocked},
		{"prohibit", Flat(eth0, addr4, LabRefused(IPv4, "EACCES", 2), none6), Unsatisfied, ReasonRouteBlocked},
		{"blackhole", Flat(eth0, addr4, LabRefused(IPv4, "EINVAL", 2), none6), Unsatisfied, ReasonRouteBlocked},
		{"kill-switch-without-carrier", Flat([]Fact{LabLink(2, "eth0", true, false)}, LabRefused(IPv4, "EHOSTUNREACH", 2), none6), Unsatisfied, ReasonNoCarrier},
		{"ipv4-only", Flat(eth0, addr4, good4, none6), Satisfied, ReasonNone},
		{"ipv6-only", Flat(eth0, addr6, none4, good6), Satisfied, ReasonNone},
		{"dual", Flat(eth0, addr4, addr6, good4, good6), Satisfied, ReasonNone},
		{"answer-over-dead-carrier", Flat([]Fact{LabLink(2, "eth0", true, false)}, addr4, good4, none6), Unsatisfied, ReasonNoCarrier},
		{"borrowed-source-gone", Flat(eth0, good4, none6), Unsatisfied, ReasonNoAddress},
		{"enslaved-port-is-no-candidate", Flat([]Fact{With(LabLink(2, "eth0", true, true), func(l *Link) { l.Master, l.SlaveKind = 3, "bridge" })}, none4, none6), Unsatisfied, ReasonNoInterface},
		{"monitor-mode-is-no-candidate", Flat([]Fact{With(LabLink(2, "mon0", true, true), func(l *Link) { l.Type, l.Hardware = TypeWifi, hardwareRadiotap })}, none4, none6), Unsatisfied, ReasonNoInterface},
		{"bridge-without-port-is-no-candidate", Flat([]Fact{With(LabLink(2, "docker0", true, false), func(l *Link) { l.Type, l.LinkKind = TypeBridge, "bridge" })}, none4, none6), Unsatisfied, ReasonNoInterface},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := Evaluate(stateOf(tt.facts...), DefaultSettings(), time.Hour).Path
			if p.Status != tt.status || p.Reason != tt.reason {
				t.Errorf("got %s %q, want %s %q", p.Status, p.Reason, tt.status, tt.reason)
			}
		})
	}
}

func TestEvaluateFamilies(t *testing.T) {
	p := Evaluate(stateOf(Flat(eth0, addr4, addr6, good4, good6)...), DefaultSettings(), time.Hour).Path
	if p.IPv4.Gateway != LabRouter || p.IPv4.Source != LabSource || p.IPv6.Gateway != LabRouter6 || p.IPv6.Source != LabSource6 {
		t.Errorf("gateways and sources: got %+v and %+v", p.IPv4, p.IPv6)
	}
	if len(p.Interfaces) != 1 || !p.Interfaces[0].InUse || p.Interfaces[0].Status != Satisfied {
		t.Errorf("interfaces: got %+v, want eth0 satisfied and in use", p.Interfaces)
	}
	p = Evaluate(stateOf(Flat(eth0, addr4, good4, none6)...), DefaultSettings(), time.Hour).Path
	if p.IPv6.Status != Unsatisfied || p.IPv6.Reason != ReasonNoAddress {
		t.Errorf("IPv6 of an IPv4-only machine: got %s %q, want unsatisfied no_address", p.IPv6.Status, p.IPv6.Reason)
	}
}

func TestEvaluateConfiguringEnds(t *testing.T) {
	s := stateOf(Flat([]Fact{LabLink(2, "eth0", true, false)}, none4, none6)...)
	s.Apply(Observation{Time: LabStart, Mono: time.Hour, Op: Put, Fact: LabLink(2, "eth0", true, true)})
	e := Evaluate(s, DefaultSettings(), time.Hour)
	if e.Path.Reason != ReasonConfiguring || e.Next != time.Hour+DefaultConfigure {
		t.Errorf("after carrier: got %q until %v, want configuring until %v", e.Path.Reason, e.Next, time.Hour+DefaultConfigure)
	}
	had := stateOf(Flat([]Fact{LabLink(2, "eth0", true, false)}, addr4, none4, none6)...)
	had.Apply(Observation{Time: LabStart, Mono: time.Hour, Op: Put, Fact: LabLink(2, "eth0", true, true)})
	had.Apply(Observation{Time: LabStart, Mono: time.Hour, Op: Delete, Fact: addr4[0]})
	if got := Evaluate(had, DefaultSettings(), time.Hour).Path.IPv4.Reason; got != ReasonNoAddress {
		t.Errorf("an address that was there is removed: got %q, want no_address", got)
	}
	if e = Evaluate(s, DefaultSettings(), e.Next); e.Path.Reason != ReasonNoAddress {
		t.Errorf("after the window: got %q, want no_address", e.Path.Reason)
	}
}

func TestEvaluateTunnel(t *testing.T) {
	p := Evaluate(stateOf(LabWireGuard(LabMarked("")...)...), DefaultSettings(), time.Hour).Path
	if p.Status != Satisfied || p.Tunnel == nil || p.Tunnel.Mode != TunnelFull || p.Tunnel.Underlay != "eth0" {
		t.Errorf("full tunnel: got %s %+v, want satisfied over eth0", p.Status, p.Tunnel)
	}
	p = Evaluate(stateOf(LabWireGuard(LabMarked("ENETUNREACH")...)...), DefaultSettings(), time.Hour).Path
	if p.Reason != ReasonTunnelDown {
		t.Errorf("underlay without route: got %q, want tunnel_down", p.Reason)
	}
	lost := LabWireGuard(LabMarked("")...)
	lost = append(lost, LabLink(2, "eth0", true, false))
	p = Evaluate(stateOf(lost...), DefaultSettings(), time.Hour).Path
	if p.Reason != ReasonTunnelDown {
		t.Errorf("underlay without carrier: got %q, want tunnel_down", p.Reason)
	}
}

func TestEvaluateHalfTunnelIsSplit(t *testing.T) {
	facts := LabWireGuard(LabMarked("")...)
	facts = append(facts, &Lookup{Question: Question{Family: IPv4, Dst: Destinations(IPv4)[1]}, Type: RouteUnicast, Table: 254, Index: 2, Gateway: LabRouter, Source: LabSource})
	p := Evaluate(stateOf(facts...), DefaultSettings(), time.Hour).Path
	if p.Tunnel == nil || p.Tunnel.Mode != TunnelSplit {
		t.Errorf("one half through the tunnel: got %+v, want split", p.Tunnel)
	}
}

func TestEvaluateRestricted(t *testing.T) {
	set := DefaultSettings()
	set.Interface = "eth1"
	p := Evaluate(stateOf(Flat(eth0, addr4, good4, none6, []Fact{LabLink(3, "eth1", true, false)})...), set, time.Hour).Path
	if p.Status != Unsatisfied || p.Reason != ReasonNoCarrier {
		t.Errorf("restricted to eth1: got %s %q, want its own no_carrier", p.Status, p.Reason)
	}
}

func TestEvaluateDNS(t *testing.T) {
	servers := func(source string, list ...string) *Resolvers {
		r := &Resolvers{Source: source}
		for _, a := range list {
			r.Servers = append(r.Servers, Server{Addr: netip.MustParseAddr(a)})
		}
		return r
	}
	tests := []struct {
		name  string
		facts []Fact
		dns   bool
		n     int
	}{
		{"none", nil, false, 0},
		{"routable", []Fact{servers("resolv.conf", "9.9.9.9")}, true, 1},
		{"no-route-for-family", []Fact{servers("resolv.conf", "2620:fe::fe")}, false, 1},
		{"stub-with-upstreams", []Fact{servers("resolv.conf", "127.0.0.53"), servers("resolved", "192.0.2.1", "2620:fe::fe")}, true, 2},
		{"stub-without-upstreams", []Fact{servers("resolv.conf", "127.0.0.53")}, true, 1},
		{"kernel-refuses", []Fact{servers("resolv.conf", "9.9.9.9"), &Lookup{Question: Question{Family: IPv4, Dst: netip.MustParseAddr("9.9.9.9")}, Err: "EACCES"}}, false, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := Evaluate(stateOf(Flat(eth0, addr4, good4, none6, tt.facts)...), DefaultSettings(), time.Hour).Path
			if p.DNS != tt.dns || len(p.Resolvers) != tt.n {
				t.Errorf("got dns %v, resolvers %v; want %v, %d of them", p.DNS, p.Resolvers, tt.dns, tt.n)
			}
		})
	}
}

func TestEvaluateDeadAnswer(t *testing.T) {
	answers := LabAnswers(2, LabRouter, LabSource, 100)
	for _, f := range answers {
		f.(*Lookup).Flags = RouteDead
	}
	p := Evaluate(stateOf(Flat(eth0, addr4, answers, none6)...), DefaultSettings(), time.Hour).Path
	if p.IPv4.Reason != ReasonNoCarrier {
		t.Errorf("answer over a dead route: got %q, want no_carrier", p.IPv4.Reason)
	}
}
