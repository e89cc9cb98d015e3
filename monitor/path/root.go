package path

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"

	"flapscope/monitor/fact"
)

// A LegName names one stretch of the way that can fail by itself.
type LegName string

// The legs, from this machine outwards: what fails nearer explains what fails
// behind it.
const (
	LegRadio    LegName = "radio"
	LegLink     LegName = "link"
	LegAddress  LegName = "address"
	LegRoute    LegName = "route"
	LegLocal    LegName = "local"
	LegGateway  LegName = "gateway"
	LegTunnel   LegName = "tunnel"
	LegInternet LegName = "internet"
	LegPortal   LegName = "portal"
	LegDNS      LegName = "dns"
	LegTLS      LegName = "tls"
	LegMTU      LegName = "mtu"
)

// legs is the order of the legs in which one explains another, from this machine
// outwards. A portal that answers in the name of everybody may drop the rest.
var legs = [...]LegName{LegRadio, LegLink, LegAddress, LegRoute, LegLocal, LegGateway, LegTunnel, LegPortal, LegInternet, LegDNS, LegTLS, LegMTU}

// Rank orders legs from this machine outwards.
func (l LegName) Rank() int { return slices.Index(legs[:], l) }

// A What says what is wrong at the root of a trouble, in one stable word.
type What string

// The words for what a path wants.
const (
	InterfaceGone What = "interface_gone"
	RadioOff      What = "radio_off"
	AdminDown     What = "admin_down"
	CarrierLost   What = "carrier_lost"
	NotAssociated What = "not_associated"
	// Deauthenticated: the access point ended the association.
	Deauthenticated What = "deauthenticated"
	// BeaconLost: this machine does not hear its access point any more.
	BeaconLost     What = "beacon_lost"
	NoAddress      What = "no_address"
	AddressLost    What = "address_lost"
	AddressExpired What = "address_expired"
	DADFailed      What = "dad_failed"
	NoRoute        What = "no_route"
	RouteWithdrawn What = "route_withdrawn"
	RouteBlocked   What = "route_blocked"
	RouteStolen    What = "route_stolen"
	TunnelDown     What = "tunnel_down"
)

// The words for what is worth knowing and no trouble.
const (
	ICMPFiltered What = "icmp_filtered"
	NotWatched   What = "not_watched"
	ClockStepped What = "clock_stepped"
	FamilyAbsent What = "family_absent"
	Roam         What = "roam"
	// PortalEnds: a portal lets this machine through for some minutes more.
	PortalEnds What = "portal_ends"
	// GatewayChanged: another machine answers for the gateway on the link.
	GatewayChanged What = "gateway_changed"
	// DNSIntercepted: something answers in the name of all name servers.
	DNSIntercepted What = "dns_intercepted"
	HTTPProxy      What = "proxy"
	// NAT64: hosts that have IPv4 alone are reached by a translator (RFC 6146).
	NAT64 What = "nat64"
	// UpstreamAbsent: the gateway has no way for IPv6, and says so to whoever tries.
	UpstreamAbsent What = "upstream_absent"
)

// The words for what probes find.
const (
	GatewaySilent       What = "gateway_silent"
	GatewayUnresolved   What = "gateway_unresolved"
	WrongNetwork        What = "wrong_network"
	AddressConflict     What = "address_conflict"
	LocalFirewall       What = "local_firewall"
	PortExhaustion      What = "port_exhaustion"
	MTUBlackHole        What = "mtu_black_hole"
	TunnelSilent        What = "tunnel_silent"
	UpstreamSilent      What = "upstream_silent"
	UpstreamUnreachable What = "upstream_unreachable"
	UpstreamRefused     What = "upstream_refused"
	CaptivePortal       What = "portal"
	// WalledGarden: the page of the portal check passes, and nothing else.
	WalledGarden        What = "walled_garden"
	ResolverSilent      What = "resolver_silent"
	ResolverRefused     What = "resolver_refused"
	ResolverUnreachable What = "resolver_unreachable"
	ResolverFailed      What = "resolver_failed"
	ResolverLies        What = "resolver_lies"
	ResolverMissing     What = "resolver_missing"
	TLSIntercepted      What = "tls_intercepted"
	ClockWrong          What = "clock_wrong"
	CertificateInvalid  What = "certificate_invalid"
	HTTPSBlocked        What = "https_blocked"
	NAT64Silent         What = "nat64_silent"
	OwnQueue            What = "own_queue"
	Loss                What = "loss"
	Latency             What = "latency"
)

// A Root is what a trouble comes from: what is wrong, and where.
type Root struct {
	What What
	Leg  LegName
	// Interface is the interface that it is behind, and Index its index.
	Interface fact.Untrusted
	Index     int
	// Family is the family that it concerns, or 0 for both.
	Family fact.Family
	// Entity is what does not work, by its address or its name; for the
	// internet it is the gateway that it is behind.
	Entity fact.Untrusted
}

// AddressEntity is an address as the entity of a root.
func AddressEntity(a netip.Addr) fact.Untrusted {
	if !a.IsValid() {
		return ""
	}
	return fact.Untrusted(a.WithZone("").String())
}

// rootJSON is a root as JSON has it.
type rootJSON struct {
	What      What           `json:"what"`
	Leg       LegName        `json:"leg"`
	Interface fact.Untrusted `json:"interface"`
	Index     int            `json:"ifindex,omitempty"`
	Family    string         `json:"family"`
	Entity    fact.Untrusted `json:"entity"`
}

// MarshalJSON writes the family as scopes do: "ipv4", "ipv6" or "" for both.
func (r Root) MarshalJSON() ([]byte, error) {
	out := rootJSON{What: r.What, Leg: r.Leg, Interface: r.Interface, Index: r.Index, Entity: r.Entity}
	if r.Family != 0 {
		out.Family = r.Family.Scope()
	}
	return fact.AppendJSON(nil, out)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (r *Root) UnmarshalJSON(b []byte) error {
	var in rootJSON
	if err := json.Unmarshal(b, &in); err != nil {
		return err
	}
	*r = Root{What: in.What, Leg: in.Leg, Interface: in.Interface, Index: in.Index, Entity: in.Entity}
	switch in.Family {
	case "":
	case fact.IPv4.Scope():
		r.Family = fact.IPv4
	case fact.IPv6.Scope():
		r.Family = fact.IPv6
	default:
		return fmt.Errorf("family %q: want ipv4, ipv6 or none", in.Family)
	}
	return nil
}
