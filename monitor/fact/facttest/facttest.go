package facttest

import (
	"net/netip"
	"time"

	"flapscope/monitor/fact"
)

// LabStart is when the stories of the tests begin.
var LabStart = time.Date(2026, 11, 20, 14, 0, 0, 0, time.UTC)

// The router and this machine, in both families.
var (
	LabRouter  = netip.MustParseAddr("192.0.2.1")
	LabSource  = netip.MustParseAddr("192.0.2.7")
	LabRouter6 = netip.MustParseAddr("fe80::1")
	LabSource6 = netip.MustParseAddr("2001:db8::7")
)

// LabLink is a wired link.
func LabLink(index int, name string, up, carrier bool) *fact.Link {
	l := &fact.Link{Index: index, Name: fact.Untrusted(name), Type: fact.TypeWired, Hardware: 1, MTU: 1500, OperState: fact.OperDown}
	if up {
		l.Flags |= fact.FlagUp
	}
	if up && carrier {
		l.Flags |= fact.FlagLowerUp | fact.FlagRunning
		l.OperState = fact.OperUp
	}
	return l
}

// LabAddress is an address that does not expire.
func LabAddress(index int, a netip.Addr, bits uint8) *fact.Address {
	return &fact.Address{Index: index, Local: a, PrefixLen: bits, Flags: fact.AddrPermanent}
}

// LabDefault is a default route.
func LabDefault(index int, gw netip.Addr, metric uint32) *fact.Route {
	r := &fact.Route{Family: fact.IPv4, Table: 254, Type: fact.RouteUnicast, Dst: netip.MustParsePrefix("0.0.0.0/0"), Gateway: gw, Index: index, Protocol: 4, Metric: metric}
	if gw.Is6() {
		r.Family, r.Dst = fact.IPv6, netip.MustParsePrefix("::/0")
	}
	return r
}

// LabAnswers are lookups that go out by index, for both destinations, unbound and
// bound to the interface.
func LabAnswers(index int, gw, src netip.Addr, metric uint32) []fact.Fact {
	f, match := fact.IPv4, netip.MustParsePrefix("0.0.0.0/0")
	if src.Is6() {
		f, match = fact.IPv6, netip.MustParsePrefix("::/0")
	}
	var out []fact.Fact
	for _, oif := range []int{0, index} {
		for _, d := range fact.Destinations(f) {
			out = append(out, &fact.Lookup{
				Question: fact.Question{Family: f, Dst: d, OIF: oif}, Type: fact.RouteUnicast, Table: 254,
				Index: index, Gateway: gw, Source: src, Match: match, Metric: metric,
			})
		}
	}
	return out
}

// LabRefused are lookups that lead nowhere.
func LabRefused(f fact.Family, err fact.Untrusted, oifs ...int) []fact.Fact {
	var out []fact.Fact
	for _, oif := range append([]int{0}, oifs...) {
		for _, d := range fact.Destinations(f) {
			out = append(out, &fact.Lookup{Question: fact.Question{Family: f, Dst: d, OIF: oif}, Err: err})
		}
	}
	return out
}

// Flat joins lists of facts.
func Flat(groups ...[]fact.Fact) []fact.Fact {
	var out []fact.Fact
	for _, g := range groups {
		out = append(out, g...)
	}
	return out
}

// With returns v after a change of it.
func With[T any](v *T, change func(*T)) *T {
	change(v)
	return v
}

// LabWireGuard is a machine whose traffic goes into a WireGuard tunnel as wg-quick sets
// it up: lookups with the tunnel's mark answer with the hardware.
func LabWireGuard(underlay ...fact.Fact) []fact.Fact {
	tunnel := With(LabLink(7, "wg0", true, true), func(l *fact.Link) { l.Type, l.LinkKind, l.OperState = fact.TypeTunnel, "wireguard", fact.OperUnknown })
	inner := netip.MustParseAddr("10.7.0.2")
	facts := Flat([]fact.Fact{LabLink(2, "eth0", true, true)}, []fact.Fact{LabAddress(2, LabSource, 24)}, []fact.Fact{
		tunnel, LabAddress(7, inner, 32),
		&fact.Rule{Family: fact.IPv4, Priority: 32765, Not: true, FwMark: 51820, Action: fact.RuleToTable, Table: 51820, SuppressPrefixLen: -1, SuppressIfGroup: -1},
	})
	for _, d := range fact.Destinations(fact.IPv4) {
		facts = append(facts, &fact.Lookup{Question: fact.Question{Family: fact.IPv4, Dst: d}, Type: fact.RouteUnicast, Table: 51820, Index: 7, Source: inner})
	}
	return Flat(facts, LabRefused(fact.IPv6, "ENETUNREACH", 2), underlay)
}

// LabMarked are lookups that are asked with the mark of the tunnel of
// LabWireGuard and refused with an error.
func LabMarked(err fact.Untrusted) []fact.Fact {
	var out []fact.Fact
	for _, d := range fact.Destinations(fact.IPv4) {
		l := &fact.Lookup{Question: fact.Question{Family: fact.IPv4, Dst: d, Mark: 51820}, Err: err}
		if err == "" {
			l.Type, l.Index, l.Gateway, l.Source = fact.RouteUnicast, 2, LabRouter, LabSource
		}
		out = append(out, l)
	}
	return out
}
