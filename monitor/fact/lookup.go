package fact

import (
	"fmt"
	"net/netip"
	"strconv"
)

// A Lookup is the kernel's own answer to "which route would this destination
// take?" (RTM_GETROUTE). No packet is sent by asking. The fields of Question
// are the identity.
type Lookup struct {
	Question
	// Err is the errno word of a refusal ("ENETUNREACH", "EHOSTUNREACH",
	// "EACCES", "EINVAL"), empty on success.
	Err Untrusted `json:"err,omitempty"`
	// Type is the type of the route found.
	Type RouteType `json:"type,omitempty"`
	// Table is the table in which the route was found (RTM_F_LOOKUP_TABLE).
	Table uint32 `json:"table,omitempty"`
	// Index is the outgoing interface.
	Index int `json:"ifindex,omitempty"`
	// Gateway is the next hop, or the zero Addr when on-link.
	Gateway netip.Addr `json:"gateway,omitzero"`
	// Source is the address that the kernel would send from.
	Source netip.Addr `json:"source,omitzero"`
	// Match is the prefix of the matched route (RTM_F_FIB_MATCH).
	Match netip.Prefix `json:"match,omitzero"`
	// Metric, Protocol and Flags are the matched route's.
	Metric   uint32        `json:"metric,omitempty"`
	Protocol RouteProtocol `json:"protocol,omitempty"`
	Flags    RouteFlags    `json:"flags,omitempty"`
	// MTU is the path MTU of the answer in bytes, or 0.
	MTU uint32 `json:"mtu,omitempty"`
}

// A Question is what a Lookup asks.
type Question struct {
	Family Family     `json:"family"`
	Dst    netip.Addr `json:"dst"`
	// OIF restricts the lookup to one interface, or is 0.
	OIF int `json:"oif,omitempty"`
	// Mark is the firewall mark asked with, or 0.
	Mark uint32 `json:"mark,omitempty"`
}

// Kind implements Fact.
func (*Lookup) Kind() Kind { return KindLookup }

// Row implements Fact.
func (*Lookup) Row() bool { return true }

// Interface implements Fact.
func (l *Lookup) Interface() int { return l.Index }

// Words implements Fact.
func (l *Lookup) Words() Untrusted {
	words := l.Dst.String()
	if l.OIF != 0 {
		words += " bound to " + strconv.Itoa(l.OIF)
	}
	if l.Mark != 0 {
		words += fmt.Sprintf(" mark %#x", l.Mark)
	}
	switch {
	case l.Err != "":
		return Untrusted(words) + " nowhere (" + l.Err + ")"
	case l.Gateway.IsValid():
		words += " via " + l.Gateway.String()
	default:
		words += " on-link"
	}
	if l.Source.IsValid() {
		words += " from " + l.Source.String()
	}
	if l.Table != tableMain {
		words += " table " + strconv.FormatUint(uint64(l.Table), 10)
	}
	return Untrusted(words)
}

// Answer says where the kernel sends to through the interface of that name.
func (l *Lookup) Answer(name Untrusted) Untrusted {
	words := "kernel routes " + Untrusted(l.Dst.String())
	switch {
	case l.Err != "":
		return words + " nowhere (" + l.Err + ")"
	case l.Gateway.IsValid():
		return words + " via " + Untrusted(l.Gateway.String()) + " dev " + name
	}
	return words + " dev " + name
}

// Destinations are the representative destinations of a family: one in each
// half of its space, so that 0.0.0.0/1 + 128.0.0.0/1 and partial tunnels are
// seen. Nothing is ever sent to them by a lookup.
func Destinations(f Family) []netip.Addr {
	if f == IPv6 {
		return destinations6
	}
	return destinations4
}

var (
	destinations4 = []netip.Addr{netip.MustParseAddr("1.1.1.1"), netip.MustParseAddr("193.0.14.129")}
	// 2000::/3 is the only global unicast space in use (RFC 4291 §2.4); the
	// second address lies in the half ::/1 + 8000::/1 cannot tell, so tunnels
	// that split it as 2000::/4 + 3000::/4 are seen too.
	destinations6 = []netip.Addr{netip.MustParseAddr("2606:4700:4700::1111"), netip.MustParseAddr("3fff::1")}
)
