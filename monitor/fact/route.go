package fact

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// A Route is one route of one table (RTM_NEWROUTE). A multipath route has its
// hops in Nexthops and no Gateway and Index of its own.
type Route struct {
	Family Family `json:"family"`
	// Table is the routing table number: 254 main, 255 local.
	Table uint32 `json:"table"`
	// Type is the route type: unicast, local, unreachable…
	Type RouteType `json:"type"`
	// Dst is the destination; a prefix of length 0 is the default route.
	Dst netip.Prefix `json:"dst"`
	// Src is the source prefix of a source-specific route, or the zero Prefix.
	Src netip.Prefix `json:"src,omitzero"`
	// TOS is the type of service, part of an IPv4 route's key.
	TOS uint8 `json:"tos,omitempty"`
	// Metric is the priority; lower wins. Part of the key.
	Metric uint32 `json:"metric,omitempty"`
	// Gateway is the next hop, or the zero Addr for an on-link route. It may be
	// of the other family (RTA_VIA, RFC 5549).
	Gateway netip.Addr `json:"gateway,omitzero"`
	// Index is the outgoing interface, or 0.
	Index int `json:"oif,omitempty"`
	// PrefSrc is the preferred source address.
	PrefSrc netip.Addr `json:"prefsrc,omitzero"`
	// Protocol says who made the route.
	Protocol RouteProtocol `json:"protocol"`
	// Scope is the route's scope.
	Scope Scope `json:"scope"`
	// Flags are RTNH_F_ flags: dead, linkdown, onlink…
	Flags RouteFlags `json:"flags"`
	// Nexthops are the hops of a multipath route.
	Nexthops []Hop `json:"nexthops,omitempty"`
	// NexthopID is the nexthop object that the route uses, or 0.
	NexthopID uint32 `json:"nhid,omitempty"`
	// MTU is the route's own MTU in bytes, or 0.
	MTU uint32 `json:"mtu,omitempty"`
	// Pref is the RFC 4191 router preference: 0 medium, 1 high, 3 low.
	Pref uint8 `json:"pref,omitempty"`
	// ExpiresAt is the end of an IPv6 route's life on the CLOCK_BOOTTIME axis,
	// or zero.
	ExpiresAt time.Duration `json:"expires_at_ns,omitempty"`
}

// Hop is one next hop of a multipath route (struct rtnexthop).
type Hop struct {
	Gateway netip.Addr `json:"gateway,omitzero"`
	Index   int        `json:"oif"`
	// Weight is 1 to 256.
	Weight int        `json:"weight"`
	Flags  RouteFlags `json:"flags"`
}

// Kind implements Fact.
func (*Route) Kind() Kind { return KindRoute }

// Row implements Fact.
func (*Route) Row() bool { return true }

// Interface implements Fact.
func (r *Route) Interface() int { return r.Index }

// Default reports whether the route matches every destination.
func (r *Route) Default() bool { return r.Dst.Bits() == 0 }

// Words returns the route in ip(8)'s words, without the names of interfaces.
func (r *Route) Words() Untrusted {
	var b strings.Builder
	if r.Type != RouteUnicast {
		b.WriteString(r.Type.String() + " ")
	}
	if r.Default() {
		b.WriteString("default")
	} else {
		b.WriteString(r.Dst.String())
	}
	if r.Gateway.IsValid() {
		b.WriteString(" via " + r.Gateway.String())
	} else if r.Default() && r.Family == IPv6 {
		// No address says which family it is.
		b.WriteString(" (ipv6)")
	}
	for _, l := range r.Nexthops {
		if l.Gateway.IsValid() {
			b.WriteString(" via " + l.Gateway.String())
		}
	}
	if r.Metric != 0 {
		fmt.Fprintf(&b, " metric %d", r.Metric)
	}
	if r.Table != tableMain {
		fmt.Fprintf(&b, " table %d", r.Table)
	}
	return Untrusted(b.String())
}

// tableMain is RT_TABLE_MAIN (linux/rtnetlink.h), of which ip(8) says nothing.
const tableMain = 254

// Change says what o, which is about the route, does to it, where slot are the
// routes that share its slot before. It is empty when only flags changed: the
// link's own facts say why.
func (r *Route) Change(o *Observation, slot []*Route) Untrusted {
	switch {
	case o.Op == Put && slices.ContainsFunc(slot, r.Same):
		return ""
	case o.Op == Put:
		return r.Words() + " added"
	case LifetimeEnded(o, r.ExpiresAt):
		return r.Words() + " expired"
	}
	if i := slices.IndexFunc(slot, func(x *Route) bool { return !x.Same(r) }); i >= 0 {
		return r.Words() + " replaced by " + slot[i].Words()
	}
	return r.Words() + " withdrawn"
}

// A RouteType is an RTN_ number.
type RouteType uint8

// The route types (linux/rtnetlink.h).
const (
	RouteUnspec RouteType = iota
	RouteUnicast
	RouteLocal
	RouteBroadcast
	RouteAnycast
	RouteMulticast
	RouteBlackhole
	RouteUnreachable
	RouteProhibit
	RouteThrow
	RouteNAT
)

var routeTypeNames = numberNames{
	"none", "unicast", "local", "broadcast", "anycast", "multicast",
	"blackhole", "unreachable", "prohibit", "throw", "nat", "xresolve",
}

// String returns the name that ip(8) prints.
func (t RouteType) String() string { return routeTypeNames.name(uint8(t)) }

// MarshalText encodes the String form.
func (t RouteType) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText decodes the String form.
func (t *RouteType) UnmarshalText(b []byte) error {
	v, err := routeTypeNames.number(b)
	*t = RouteType(v)
	return err
}

// A RouteProtocol is an RTPROT_ number.
type RouteProtocol uint8

// The protocols with names in iproute2's rt_protos.
var routeProtocolNames = map[RouteProtocol]string{
	0: "unspec", 1: "redirect", 2: "kernel", 3: "boot", 4: "static", 8: "gated",
	9: "ra", 10: "mrt", 11: "zebra", 12: "bird", 13: "dnrouted", 14: "xorp",
	15: "ntk", 16: "dhcp", 18: "keepalived", 42: "babel", 186: "bgp",
	187: "isis", 188: "ospf", 189: "rip", 192: "eigrp",
}

// String returns the name that ip(8) prints.
func (p RouteProtocol) String() string {
	if n, ok := routeProtocolNames[p]; ok {
		return n
	}
	return numberNames(nil).name(uint8(p))
}

// MarshalText encodes the String form.
func (p RouteProtocol) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText decodes the String form.
func (p *RouteProtocol) UnmarshalText(b []byte) error {
	for v, n := range routeProtocolNames {
		if n == string(b) {
			*p = v
			return nil
		}
	}
	v, err := numberNames(nil).number(b)
	*p = RouteProtocol(v)
	return err
}

// RouteFlags are RTNH_F_ flags.
type RouteFlags uint32

// The next hop flags (linux/rtnetlink.h).
const (
	RouteDead       RouteFlags = 1
	RoutePervasive  RouteFlags = 2
	RouteOnlink     RouteFlags = 4
	RouteOffload    RouteFlags = 8
	RouteLinkdown   RouteFlags = 16
	RouteUnresolved RouteFlags = 32
	RouteTrap       RouteFlags = 64
)

var routeFlagNames = bitNames{
	{1, "dead"},
	{4, "onlink"},
	{2, "pervasive"},
	{8, "offload"},
	{64, "trap"},
	{16, "linkdown"},
	{32, "unresolved"},
}

// MarshalJSON encodes the names of the set flags.
func (f RouteFlags) MarshalJSON() ([]byte, error) { return routeFlagNames.marshal(uint32(f)) }

// String returns the names of the set flags, as "ip route" prints them.
func (f RouteFlags) String() string {
	return strings.Join(slices.Collect(routeFlagNames.of(uint32(f))), " ")
}

// UnmarshalJSON decodes names of flags.
func (f *RouteFlags) UnmarshalJSON(b []byte) error {
	v, err := routeFlagNames.unmarshal(b)
	*f = RouteFlags(v)
	return err
}

// Blocks reports whether a route refuses what it matches.
func (r *Route) Blocks() bool {
	switch r.Type {
	case RouteUnreachable, RouteProhibit, RouteBlackhole:
		return true
	}
	return false
}

// Covers reports whether a route can decide about a representative
// destination.
func Covers(r *Route) bool {
	if r.Table == 255 || !r.Dst.IsValid() {
		return false
	}
	return slices.ContainsFunc(Destinations(r.Family), r.Dst.Contains)
}

// A RouteSlot is the part of a route that the kernel looks routes up by when
// it replaces one. Several routes can share a slot: IPv4 aliases, IPv6
// siblings that are not one multipath route.
type RouteSlot struct {
	Family Family
	TOS    uint8
	Table  uint32
	Metric uint32
	Dst    netip.Prefix
	Src    netip.Prefix
}

// Slot returns the slot of the route.
func (r *Route) Slot() RouteSlot {
	return RouteSlot{r.Family, r.TOS, r.Table, r.Metric, r.Dst, r.Src}
}

// Same reports whether two routes are one: equal in everything but what the
// kernel changes in place (flags and expiry; an IPv6 route's MTU, which a router
// advertisement sets after the route; whatever a nexthop object decides).
func (r *Route) Same(o *Route) bool {
	if r.Type != o.Type || r.NexthopID != o.NexthopID || r.Protocol != o.Protocol ||
		r.Scope != o.Scope || r.PrefSrc != o.PrefSrc || r.Slot() != o.Slot() {
		return false
	}
	if r.Family == IPv4 && r.MTU != o.MTU {
		return false
	}
	return r.NexthopID != 0 ||
		r.Gateway == o.Gateway && r.Index == o.Index && sameHops(r.Nexthops, o.Nexthops)
}

// sameLegs compares legs as sets: the kernel's order differs between an event
// and a dump of the same IPv6 route.
func sameHops(a, b []Hop) bool {
	return EqualHops(a, b, func(l, m Hop) bool {
		return l.Gateway == m.Gateway && l.Index == m.Index && l.Weight == m.Weight
	})
}

// EqualHops reports whether a and b hold the same hops by eq, an equivalence, as
// often, in any order.
func EqualHops(a, b []Hop, eq func(l, m Hop) bool) bool {
	count := func(legs []Hop, l Hop) (n int) {
		for _, m := range legs {
			if eq(l, m) {
				n++
			}
		}
		return n
	}
	return len(a) == len(b) && !slices.ContainsFunc(a, func(l Hop) bool {
		return count(a, l) != count(b, l)
	})
}
