package path

import (
	"net/netip"
	"testing"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/fact/facttest"
	"flapscope/monitor/state"
)

// state folds facts into a state that counts as synced.
func stateOf(facts ...fact.Fact) *state.State {
	s := state.NewState()
	for _, f := range append(facts, &fact.Sync{Source: "kernel"}) {
		s.Apply(fact.Observation{Time: facttest.LabStart, Mono: time.Hour, Op: fact.Put, Fact: f})
	}
	return s
}

var (
	none4 = facttest.LabRefused(fact.IPv4, "ENETUNREACH", 2)
	none6 = facttest.LabRefused(fact.IPv6, "ENETUNREACH", 2)
	good4 = facttest.LabAnswers(2, facttest.LabRouter, facttest.LabSource, 100)
	good6 = facttest.LabAnswers(2, facttest.LabRouter6, facttest.LabSource6, 1024)
	eth0  = []fact.Fact{facttest.LabLink(2, "eth0", true, true)}
	addr4 = []fact.Fact{facttest.LabAddress(2, facttest.LabSource, 24)}
	addr6 = []fact.Fact{facttest.LabAddress(2, facttest.LabSource6, 64)}
)

func TestEvaluateReasons(t *testing.T) {
	tentative := facttest.With(facttest.LabAddress(2, facttest.LabSource6, 64), func(a *fact.Address) { a.Flags |= fact.AddrTentative })
	optimistic := facttest.With(facttest.LabAddress(2, facttest.LabSource6, 64), func(a *fact.Address) { a.Flags |= fact.AddrTentative | fact.AddrOptimistic })
	failed := facttest.With(facttest.LabAddress(2, facttest.LabSource6, 64), func(a *fact.Address) { a.Flags |= fact.AddrTentative | fact.AddrDADFailed })
	linkLocal := facttest.With(facttest.LabAddress(2, netip.MustParseAddr("fe80::2"), 64), func(a *fact.Address) { a.Scope = fact.ScopeLink })
	linkLocalAnswers := facttest.LabAnswers(2, facttest.LabRouter6, netip.MustParseAddr("fe80::2"), 1024)
	tests := []struct {
		name   string
		facts  []fact.Fact
		status Status
		reason Reason
	}{
		{"nothing", nil, Unsatisfied, ReasonNoInterface},
		{"loopback-only", []fact.Fact{facttest.With(facttest.LabLink(1, "lo", true, true), func(l *fact.Link) { l.Flags |= fact.FlagLoopback; l.Type = fact.TypeLoopback })}, Unsatisfied, ReasonNoInterface},
		{"radio-off", facttest.Flat([]fact.Fact{facttest.With(facttest.LabLink(2, "wlan0", false, false), func(l *fact.Link) { l.RadioOff = true; l.Type = fact.TypeWifi })}, none4, none6), Unsatisfied, ReasonRadioOff},
		{"admin-down", facttest.Flat([]fact.Fact{facttest.LabLink(2, "eth0", false, false)}, none4, none6), Unsatisfied, ReasonAdminDown},
		{"no-carrier", facttest.Flat([]fact.Fact{facttest.LabLink(2, "eth0", true, false)}, none4, none6), Unsatisfied, ReasonNoCarrier},
		{"not-associated", facttest.Flat([]fact.Fact{facttest.With(facttest.LabLink(2, "wlan0", true, false), func(l *fact.Link) { l.Type = fact.TypeWifi })}, none4, none6), Unsatisfied, ReasonNotAssociated},
		{"authenticating", facttest.Flat([]fact.Fact{facttest.With(facttest.LabLink(2, "wlan0", true, true), func(l *fact.Link) { l.Type, l.OperState = fact.TypeWifi, fact.OperDormant })}, none4, none6), RequiresConnection, ReasonAuthenticating},
		{"dormant-without-carrier", facttest.Flat([]fact.Fact{facttest.With(facttest.LabLink(2, "wlan0", true, false), func(l *fact.Link) { l.Type, l.OperState = fact.TypeWifi, fact.OperDormant })}, none4, none6), Unsatisfied, ReasonNotAssociated},
		{"dormant-wire", facttest.Flat([]fact.Fact{facttest.With(facttest.LabLink(2, "eth0", true, true), func(l *fact.Link) { l.OperState = fact.OperDormant })}, none4, none6), Unsatisfied, ReasonNoCarrier},
		{"no-address", facttest.Flat(eth0, none4, none6), Unsatisfied, ReasonNoAddress},
		{"link-local-only", facttest.Flat(eth0, []fact.Fact{linkLocal}, none4, linkLocalAnswers), Unsatisfied, ReasonNoAddress},
		{"dad-under-way", facttest.Flat(eth0, []fact.Fact{tentative}, none4, good6), RequiresConnection, ReasonConfiguring},
		{"dad-optimistic", facttest.Flat(eth0, []fact.Fact{optimistic}, none4, good6), Satisfied, ReasonNone},
		{"dad-failed", facttest.Flat(eth0, []fact.Fact{failed}, none4, good6), Unsatisfied, ReasonDADFailed},
		{"no-route", facttest.Flat(eth0, addr4, none4, none6), Unsatisfied, ReasonNoRoute},
		{"kill-switch", facttest.Flat(eth0, addr4, facttest.LabRefused(fact.IPv4, "EHOSTUNREACH", 2), none6), Unsatisfied, ReasonRouteBlocked},
		{"prohibit", facttest.Flat(eth0, addr4, facttest.LabRefused(fact.IPv4, "EACCES", 2), none6), Unsatisfied, ReasonRouteBlocked},
		{"blackhole", facttest.Flat(eth0, addr4, facttest.LabRefused(fact.IPv4, "EINVAL", 2), none6), Unsatisfied, ReasonRouteBlocked},
		{"kill-switch-without-carrier", facttest.Flat([]fact.Fact{facttest.LabLink(2, "eth0", true, false)}, facttest.LabRefused(fact.IPv4, "EHOSTUNREACH", 2), none6), Unsatisfied, ReasonNoCarrier},
		{"ipv4-only", facttest.Flat(eth0, addr4, good4, none6), Satisfied, ReasonNone},
		{"ipv6-only", facttest.Flat(eth0, addr6, none4, good6), Satisfied, ReasonNone},
		{"dual", facttest.Flat(eth0, addr4, addr6, good4, good6), Satisfied, ReasonNone},
		{"answer-over-dead-carrier", facttest.Flat([]fact.Fact{facttest.LabLink(2, "eth0", true, false)}, addr4, good4, none6), Unsatisfied, ReasonNoCarrier},
		{"borrowed-source-gone", facttest.Flat(eth0, good4, none6), Unsatisfied, ReasonNoAddress},
		{"enslaved-port-is-no-candidate", facttest.Flat([]fact.Fact{facttest.With(facttest.LabLink(2, "eth0", true, true), func(l *fact.Link) { l.Master, l.SlaveKind = 3, "bridge" })}, none4, none6), Unsatisfied, ReasonNoInterface},
		{"monitor-mode-is-no-candidate", facttest.Flat([]fact.Fact{facttest.With(facttest.LabLink(2, "mon0", true, true), func(l *fact.Link) { l.Type, l.Hardware = fact.TypeWifi, hardwareRadiotap })}, none4, none6), Unsatisfied, ReasonNoInterface},
		{"bridge-without-port-is-no-candidate", facttest.Flat([]fact.Fact{facttest.With(facttest.LabLink(2, "docker0", true, false), func(l *fact.Link) { l.Type, l.LinkKind = fact.TypeBridge, "bridge" })}, none4, none6), Unsatisfied, ReasonNoInterface},
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
	p := Evaluate(stateOf(facttest.Flat(eth0, addr4, addr6, good4, good6)...), DefaultSettings(), time.Hour).Path
	if p.IPv4.Gateway != facttest.LabRouter || p.IPv4.Source != facttest.LabSource || p.IPv6.Gateway != facttest.LabRouter6 || p.IPv6.Source != facttest.LabSource6 {
		t.Errorf("gateways and sources: got %+v and %+v", p.IPv4, p.IPv6)
	}
	if len(p.Interfaces) != 1 || !p.Interfaces[0].InUse || p.Interfaces[0].Status != Satisfied {
		t.Errorf("interfaces: got %+v, want eth0 satisfied and in use", p.Interfaces)
	}
	p = Evaluate(stateOf(facttest.Flat(eth0, addr4, good4, none6)...), DefaultSettings(), time.Hour).Path
	if p.IPv6.Status != Unsatisfied || p.IPv6.Reason != ReasonNoAddress {
		t.Errorf("IPv6 of an IPv4-only machine: got %s %q, want unsatisfied no_address", p.IPv6.Status, p.IPv6.Reason)
	}
}

func TestEvaluateConfiguringEnds(t *testing.T) {
	s := stateOf(facttest.Flat([]fact.Fact{facttest.LabLink(2, "eth0", true, false)}, none4, none6)...)
	s.Apply(fact.Observation{Time: facttest.LabStart, Mono: time.Hour, Op: fact.Put, Fact: facttest.LabLink(2, "eth0", true, true)})
	e := Evaluate(s, DefaultSettings(), time.Hour)
	if e.Path.Reason != ReasonConfiguring || e.Next != time.Hour+DefaultConfigure {
		t.Errorf("after carrier: got %q until %v, want configuring until %v", e.Path.Reason, e.Next, time.Hour+DefaultConfigure)
	}
	had := stateOf(facttest.Flat([]fact.Fact{facttest.LabLink(2, "eth0", true, false)}, addr4, none4, none6)...)
	had.Apply(fact.Observation{Time: facttest.LabStart, Mono: time.Hour, Op: fact.Put, Fact: facttest.LabLink(2, "eth0", true, true)})
	had.Apply(fact.Observation{Time: facttest.LabStart, Mono: time.Hour, Op: fact.Delete, Fact: addr4[0]})
	if got := Evaluate(had, DefaultSettings(), time.Hour).Path.IPv4.Reason; got != ReasonNoAddress {
		t.Errorf("an address that was there is removed: got %q, want no_address", got)
	}
	if e = Evaluate(s, DefaultSettings(), e.Next); e.Path.Reason != ReasonNoAddress {
		t.Errorf("after the window: got %q, want no_address", e.Path.Reason)
	}
}

func TestEvaluateTunnel(t *testing.T) {
	p := Evaluate(stateOf(facttest.LabWireGuard(facttest.LabMarked("")...)...), DefaultSettings(), time.Hour).Path
	if p.Status != Satisfied || p.Tunnel == nil || p.Tunnel.Mode != TunnelFull || p.Tunnel.Underlay != "eth0" {
		t.Errorf("full tunnel: got %s %+v, want satisfied over eth0", p.Status, p.Tunnel)
	}
	p = Evaluate(stateOf(facttest.LabWireGuard(facttest.LabMarked("ENETUNREACH")...)...), DefaultSettings(), time.Hour).Path
	if p.Reason != ReasonTunnelDown {
		t.Errorf("underlay without route: got %q, want tunnel_down", p.Reason)
	}
	lost := facttest.LabWireGuard(facttest.LabMarked("")...)
	lost = append(lost, facttest.LabLink(2, "eth0", true, false))
	p = Evaluate(stateOf(lost...), DefaultSettings(), time.Hour).Path
	if p.Reason != ReasonTunnelDown {
		t.Errorf("underlay without carrier: got %q, want tunnel_down", p.Reason)
	}
}

func TestEvaluateHalfTunnelIsSplit(t *testing.T) {
	facts := facttest.LabWireGuard(facttest.LabMarked("")...)
	facts = append(facts, &fact.Lookup{Question: fact.Question{Family: fact.IPv4, Dst: fact.Destinations(fact.IPv4)[1]}, Type: fact.RouteUnicast, Table: 254, Index: 2, Gateway: facttest.LabRouter, Source: facttest.LabSource})
	p := Evaluate(stateOf(facts...), DefaultSettings(), time.Hour).Path
	if p.Tunnel == nil || p.Tunnel.Mode != TunnelSplit {
		t.Errorf("one half through the tunnel: got %+v, want split", p.Tunnel)
	}
}

func TestEvaluateRestricted(t *testing.T) {
	set := DefaultSettings()
	set.Interface = "eth1"
	p := Evaluate(stateOf(facttest.Flat(eth0, addr4, good4, none6, []fact.Fact{facttest.LabLink(3, "eth1", true, false)})...), set, time.Hour).Path
	if p.Status != Unsatisfied || p.Reason != ReasonNoCarrier {
		t.Errorf("restricted to eth1: got %s %q, want its own no_carrier", p.Status, p.Reason)
	}
}

func TestEvaluateDNS(t *testing.T) {
	servers := func(source string, list ...string) *fact.Resolvers {
		r := &fact.Resolvers{Source: source}
		for _, a := range list {
			r.Servers = append(r.Servers, fact.Server{Addr: netip.MustParseAddr(a)})
		}
		return r
	}
	tests := []struct {
		name  string
		facts []fact.Fact
		dns   bool
		n     int
	}{
		{"none", nil, false, 0},
		{"routable", []fact.Fact{servers("resolv.conf", "9.9.9.9")}, true, 1},
		{"no-route-for-family", []fact.Fact{servers("resolv.conf", "2620:fe::fe")}, false, 1},
		{"stub-with-upstreams", []fact.Fact{servers("resolv.conf", "127.0.0.53"), servers("resolved", "192.0.2.1", "2620:fe::fe")}, true, 2},
		{"stub-without-upstreams", []fact.Fact{servers("resolv.conf", "127.0.0.53")}, true, 1},
		{"kernel-refuses", []fact.Fact{servers("resolv.conf", "9.9.9.9"), &fact.Lookup{Question: fact.Question{Family: fact.IPv4, Dst: netip.MustParseAddr("9.9.9.9")}, Err: "EACCES"}}, false, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := Evaluate(stateOf(facttest.Flat(eth0, addr4, good4, none6, tt.facts)...), DefaultSettings(), time.Hour).Path
			if p.DNS != tt.dns || len(p.Resolvers) != tt.n {
				t.Errorf("got dns %v, resolvers %v; want %v, %d of them", p.DNS, p.Resolvers, tt.dns, tt.n)
			}
		})
	}
}

func TestEvaluateDeadAnswer(t *testing.T) {
	answers := facttest.LabAnswers(2, facttest.LabRouter, facttest.LabSource, 100)
	for _, f := range answers {
		f.(*fact.Lookup).Flags = fact.RouteDead
	}
	p := Evaluate(stateOf(facttest.Flat(eth0, addr4, answers, none6)...), DefaultSettings(), time.Hour).Path
	if p.IPv4.Reason != ReasonNoCarrier {
		t.Errorf("answer over a dead route: got %q, want no_carrier", p.IPv4.Reason)
	}
}
