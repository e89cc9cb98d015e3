package monitor

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"
)

// state folds facts into a state that counts as synced.
func stateOf(facts ...Fact) *State {
	s := NewState()
	for _, f := range append(facts, &Sync{Source: "kernel"}) {
		s.Apply(Observation{Time: labStart, Mono: time.Hour, Op: Put, Fact: f})
	}
	return s
}

func flat(groups ...[]Fact) []Fact {
	var out []Fact
	for _, g := range groups {
		out = append(out, g...)
	}
	return out
}

func with[T any](v *T, change func(*T)) *T {
	change(v)
	return v
}

var (
	none4 = labRefused(IPv4, "ENETUNREACH", 2)
	none6 = labRefused(IPv6, "ENETUNREACH", 2)
	good4 = labAnswers(2, labRouter, labSource, 100)
	good6 = labAnswers(2, labRouter6, labSource6, 1024)
	eth0  = []Fact{labLink(2, "eth0", true, true)}
	addr4 = []Fact{labAddress(2, labSource, 24)}
	addr6 = []Fact{labAddress(2, labSource6, 64)}
)

func TestEvaluateReasons(t *testing.T) {
	tentative := with(labAddress(2, labSource6, 64), func(a *Address) { a.Flags |= AddrTentative })
	optimistic := with(labAddress(2, labSource6, 64), func(a *Address) { a.Flags |= AddrTentative | AddrOptimistic })
	failed := with(labAddress(2, labSource6, 64), func(a *Address) { a.Flags |= AddrTentative | AddrDADFailed })
	linkLocal := with(labAddress(2, netip.MustParseAddr("fe80::2"), 64), func(a *Address) { a.Scope = ScopeLink })
	linkLocalAnswers := labAnswers(2, labRouter6, netip.MustParseAddr("fe80::2"), 1024)
	tests := []struct {
		name   string
		facts  []Fact
		status Status
		reason Reason
	}{
		{"nothing", nil, Unsatisfied, ReasonNoInterface},
		{"loopback-only", []Fact{with(labLink(1, "lo", true, true), func(l *Link) { l.Flags |= FlagLoopback; l.Type = TypeLoopback })}, Unsatisfied, ReasonNoInterface},
		{"radio-off", flat([]Fact{with(labLink(2, "wlan0", false, false), func(l *Link) { l.RadioOff = true; l.Type = TypeWifi })}, none4, none6), Unsatisfied, ReasonRadioOff},
		{"admin-down", flat([]Fact{labLink(2, "eth0", false, false)}, none4, none6), Unsatisfied, ReasonAdminDown},
		{"no-carrier", flat([]Fact{labLink(2, "eth0", true, false)}, none4, none6), Unsatisfied, ReasonNoCarrier},
		{"not-associated", flat([]Fact{with(labLink(2, "wlan0", true, false), func(l *Link) { l.Type = TypeWifi })}, none4, none6), Unsatisfied, ReasonNotAssociated},
		{"no-address", flat(eth0, none4, none6), Unsatisfied, ReasonNoAddress},
		{"link-local-only", flat(eth0, []Fact{linkLocal}, none4, linkLocalAnswers), Unsatisfied, ReasonNoAddress},
		{"dad-under-way", flat(eth0, []Fact{tentative}, none4, good6), RequiresConnection, ReasonConfiguring},
		{"dad-optimistic", flat(eth0, []Fact{optimistic}, none4, good6), Satisfied, ReasonNone},
		{"dad-failed", flat(eth0, []Fact{failed}, none4, good6), Unsatisfied, ReasonDADFailed},
		{"no-route", flat(eth0, addr4, none4, none6), Unsatisfied, ReasonNoRoute},
		{"kill-switch", flat(eth0, addr4, labRefused(IPv4, "EHOSTUNREACH", 2), none6), Unsatisfied, ReasonRouteBlocked},
		{"prohibit", flat(eth0, addr4, labRefused(IPv4, "EACCES", 2), none6), Unsatisfied, ReasonRouteBlocked},
		{"blackhole", flat(eth0, addr4, labRefused(IPv4, "EINVAL", 2), none6), Unsatisfied, ReasonRouteBlocked},
		{"kill-switch-without-carrier", flat([]Fact{labLink(2, "eth0", true, false)}, labRefused(IPv4, "EHOSTUNREACH", 2), none6), Unsatisfied, ReasonNoCarrier},
		{"ipv4-only", flat(eth0, addr4, good4, none6), Satisfied, ReasonNone},
		{"ipv6-only", flat(eth0, addr6, none4, good6), Satisfied, ReasonNone},
		{"dual", flat(eth0, addr4, addr6, good4, good6), Satisfied, ReasonNone},
		{"answer-over-dead-carrier", flat([]Fact{labLink(2, "eth0", true, false)}, addr4, good4, none6), Unsatisfied, ReasonNoCarrier},
		{"borrowed-source-gone", flat(eth0, good4, none6), Unsatisfied, ReasonNoAddress},
		{"enslaved-port-is-no-candidate", flat([]Fact{with(labLink(2, "eth0", true, true), func(l *Link) { l.Master, l.SlaveKind = 3, "bridge" })}, none4, none6), Unsatisfied, ReasonNoInterface},
		{"monitor-mode-is-no-candidate", flat([]Fact{with(labLink(2, "mon0", true, true), func(l *Link) { l.Type, l.Hardware = TypeWifi, hardwareRadiotap })}, none4, none6), Unsatisfied, ReasonNoInterface},
		{"bridge-without-port-is-no-candidate", flat([]Fact{with(labLink(2, "docker0", true, false), func(l *Link) { l.Type, l.LinkKind = TypeBridge, "bridge" })}, none4, none6), Unsatisfied, ReasonNoInterface},
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
	p := Evaluate(stateOf(flat(eth0, addr4, addr6, good4, good6)...), DefaultSettings(), time.Hour).Path
	if p.IPv4.Gateway != labRouter || p.IPv4.Source != labSource || p.IPv6.Gateway != labRouter6 || p.IPv6.Source != labSource6 {
		t.Errorf("gateways and sources: got %+v and %+v", p.IPv4, p.IPv6)
	}
	if len(p.Interfaces) != 1 || !p.Interfaces[0].InUse || p.Interfaces[0].Status != Satisfied {
		t.Errorf("interfaces: got %+v, want eth0 satisfied and in use", p.Interfaces)
	}
	p = Evaluate(stateOf(flat(eth0, addr4, good4, none6)...), DefaultSettings(), time.Hour).Path
	if p.IPv6.Status != Unsatisfied || p.IPv6.Reason != ReasonNoAddress {
		t.Errorf("IPv6 of an IPv4-only machine: got %s %q, want unsatisfied no_address", p.IPv6.Status, p.IPv6.Reason)
	}
}

func TestEvaluateConfiguringEnds(t *testing.T) {
	s := stateOf(flat([]Fact{labLink(2, "eth0", true, false)}, none4, none6)...)
	s.Apply(Observation{Time: labStart, Mono: time.Hour, Op: Put, Fact: labLink(2, "eth0", true, true)})
	e := Evaluate(s, DefaultSettings(), time.Hour)
	if e.Path.Reason != ReasonConfiguring || e.Next != time.Hour+DefaultConfigure {
		t.Errorf("after carrier: got %q until %v, want configuring until %v", e.Path.Reason, e.Next, time.Hour+DefaultConfigure)
	}
	had := stateOf(flat([]Fact{labLink(2, "eth0", true, false)}, addr4, none4, none6)...)
	had.Apply(Observation{Time: labStart, Mono: time.Hour, Op: Put, Fact: labLink(2, "eth0", true, true)})
	had.Apply(Observation{Time: labStart, Mono: time.Hour, Op: Delete, Fact: addr4[0]})
	if got := Evaluate(had, DefaultSettings(), time.Hour).Path.IPv4.Reason; got != ReasonNoAddress {
		t.Errorf("an address that was there is removed: got %q, want no_address", got)
	}
	if e = Evaluate(s, DefaultSettings(), e.Next); e.Path.Reason != ReasonNoAddress {
		t.Errorf("after the window: got %q, want no_address", e.Path.Reason)
	}
}

// wg is a machine whose traffic goes into a WireGuard tunnel as wg-quick sets
// it up: lookups with the tunnel's mark answer with the hardware.
func wg(underlay ...Fact) []Fact {
	tunnel := with(labLink(7, "wg0", true, true), func(l *Link) { l.Type, l.LinkKind, l.OperState = TypeTunnel, "wireguard", OperUnknown })
	inner := netip.MustParseAddr("10.7.0.2")
	facts := flat(eth0, addr4, []Fact{
		tunnel, labAddress(7, inner, 32),
		&Rule{Family: IPv4, Priority: 32765, Not: true, FwMark: 51820, Action: RuleToTable, Table: 51820, SuppressPrefixLen: -1, SuppressIfGroup: -1},
	})
	for _, d := range destinations4 {
		facts = append(facts, &Lookup{Question: Question{Family: IPv4, Dst: d}, Type: RouteUnicast, Table: 51820, Index: 7, Source: inner})
	}
	return flat(facts, none6, underlay)
}

func marked(err Untrusted) []Fact {
	var out []Fact
	for _, d := range destinations4 {
		l := &Lookup{Question: Question{Family: IPv4, Dst: d, Mark: 51820}, Err: err}
		if err == "" {
			l.Type, l.Index, l.Gateway, l.Source = RouteUnicast, 2, labRouter, labSource
		}
		out = append(out, l)
	}
	return out
}

func TestEvaluateTunnel(t *testing.T) {
	p := Evaluate(stateOf(wg(marked("")...)...), DefaultSettings(), time.Hour).Path
	if p.Status != Satisfied || p.Tunnel == nil || p.Tunnel.Mode != TunnelFull || p.Tunnel.Underlay != "eth0" {
		t.Errorf("full tunnel: got %s %+v, want satisfied over eth0", p.Status, p.Tunnel)
	}
	p = Evaluate(stateOf(wg(marked("ENETUNREACH")...)...), DefaultSettings(), time.Hour).Path
	if p.Reason != ReasonTunnelDown {
		t.Errorf("underlay without route: got %q, want tunnel_down", p.Reason)
	}
	lost := wg(marked("")...)
	lost = append(lost, labLink(2, "eth0", true, false))
	p = Evaluate(stateOf(lost...), DefaultSettings(), time.Hour).Path
	if p.Reason != ReasonTunnelDown {
		t.Errorf("underlay without carrier: got %q, want tunnel_down", p.Reason)
	}
}

func TestEvaluateHalfTunnelIsSplit(t *testing.T) {
	facts := wg(marked("")...)
	facts = append(facts, &Lookup{Question: Question{Family: IPv4, Dst: destinations4[1]}, Type: RouteUnicast, Table: 254, Index: 2, Gateway: labRouter, Source: labSource})
	p := Evaluate(stateOf(facts...), DefaultSettings(), time.Hour).Path
	if p.Tunnel == nil || p.Tunnel.Mode != TunnelSplit {
		t.Errorf("one half through the tunnel: got %+v, want split", p.Tunnel)
	}
}

// TestTunnelComesAndGoes tells why the machine's path has another tunnel though
// none of its traffic goes there.
func TestTunnelComesAndGoes(t *testing.T) {
	l := newLab(t, DefaultSettings()).boot()
	l.wait(10 * time.Second)
	tunnel := with(labLink(7, "wg0", true, true), func(l *Link) { l.Type, l.LinkKind, l.OperState = TypeTunnel, "wireguard", OperUnknown })
	address := labAddress(7, netip.MustParseAddr("10.7.0.2"), 24)
	l.put(tunnel)
	l.wait(10 * time.Millisecond)
	l.put(address)
	l.wait(10 * time.Second)
	l.del(tunnel)
	l.del(address)
	l.wait(500 * time.Millisecond)
	l.lose()
	l.wantCauses(ScopeMachine, PhaseRaw, "wg0 interface appeared, wg0 carrier present, wg0 10.7.0.2/24 added",
		"wg0 interface removed", "eth0 carrier lost")
}

// TestRoundOfAnswersIsOneChange switches a tunnel on, off, and half on: the
// answers come one by one, but only all of them together are a path.
func TestRoundOfAnswersIsOneChange(t *testing.T) {
	l := newLab(t, DefaultSettings()).boot()
	l.wait(10 * time.Second)
	l.events = nil
	l.put(wg(marked("")...)...)
	l.wait(10 * time.Second)
	l.put(labAnswers(2, labRouter, labSource, 100)...)
	l.wait(10 * time.Second)
	l.put(&Lookup{Question: Question{Family: IPv4, Dst: destinations4[1]}, Type: RouteUnicast, Table: 51820, Index: 7, Source: netip.MustParseAddr("10.7.0.2")})
	l.wait(10 * time.Second)
	var got []string
	for _, e := range l.events {
		if tr := e.Transition; tr != nil && tr.Scope == ScopeMachine && tr.Phase == PhaseRaw {
			got = append(got, fmt.Sprintf("%v %s %s", e.Mono-time.Hour, tr.Path.Interface, tr.Path.Tunnel.Mode))
		}
	}
	// A tunnel that is up but not used is a split one.
	if want := []string{"10s eth0 split", "10s wg0 full", "20s eth0 split"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if l.fold.quality.Unexplained != 0 {
		t.Errorf("unexplained transitions: got %d, want 0", l.fold.quality.Unexplained)
	}
}

func TestEvaluateRestricted(t *testing.T) {
	set := DefaultSettings()
	set.Interface = "eth1"
	p := Evaluate(stateOf(flat(eth0, addr4, good4, none6, []Fact{labLink(3, "eth1", true, false)})...), set, time.Hour).Path
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
			p := Evaluate(stateOf(flat(eth0, addr4, good4, none6, tt.facts)...), DefaultSettings(), time.Hour).Path
			if p.DNS != tt.dns || len(p.Resolvers) != tt.n {
				t.Errorf("got dns %v, resolvers %v; want %v, %d of them", p.DNS, p.Resolvers, tt.dns, tt.n)
			}
		})
	}
}

func TestEvaluateDeadAnswer(t *testing.T) {
	answers := labAnswers(2, labRouter, labSource, 100)
	for _, f := range answers {
		f.(*Lookup).Flags = RouteDead
	}
	p := Evaluate(stateOf(flat(eth0, addr4, answers, none6)...), DefaultSettings(), time.Hour).Path
	if p.IPv4.Reason != ReasonNoCarrier {
		t.Errorf("answer over a dead route: got %q, want no_carrier", p.IPv4.Reason)
	}
}
