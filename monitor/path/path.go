package path

import (
	"net/netip"

	"flapscope/monitor/fact"
)

// A Status is the answer to "is there a usable network path?".
type Status string

// The statuses (the words of Apple's NWPath).
const (
	Satisfied          Status = "satisfied"
	Unsatisfied        Status = "unsatisfied"
	RequiresConnection Status = "requires_connection"
)

// A Reason says which layer failed first; empty when satisfied.
type Reason string

// The reasons, in the order of the layers that give them.
const (
	ReasonNone          Reason = ""
	ReasonNoInterface   Reason = "no_interface"
	ReasonRadioOff      Reason = "radio_off"
	ReasonAdminDown     Reason = "admin_down"
	ReasonNoCarrier     Reason = "no_carrier"
	ReasonNotAssociated Reason = "not_associated"
	// ReasonAuthenticating is Wi-Fi that is associated and waits for its keys.
	ReasonAuthenticating Reason = "authenticating"
	ReasonNoAddress      Reason = "no_address"
	ReasonDADFailed      Reason = "dad_failed"
	ReasonConfiguring    Reason = "configuring"
	ReasonNoRoute        Reason = "no_route"
	ReasonRouteBlocked   Reason = "route_blocked"
	ReasonTunnelDown     Reason = "tunnel_down"
)

// A Path is what state means for the machine. It is immutable once published.
// Its JSON form is a stable contract: additions only.
type Path struct {
	Status    Status         `json:"status"`
	Reason    Reason         `json:"reason"`
	Interface fact.Untrusted `json:"interface,omitempty"`
	Index     int            `json:"index,omitempty"`
	Type      fact.LinkType  `json:"type,omitempty"`
	// Table and Metric are those of the route in use.
	Table  uint32     `json:"table,omitempty"`
	Metric uint32     `json:"metric,omitempty"`
	IPv4   FamilyPath `json:"ipv4"`
	IPv6   FamilyPath `json:"ipv6"`
	// DNS is whether a resolver is configured and routable.
	DNS bool `json:"dns"`
	// Resolvers are the addresses of the effective name servers, in order.
	Resolvers []netip.Addr `json:"resolvers"`
	Expensive bool         `json:"expensive"`
	// Constrained is whether traffic should be kept low: the user said so.
	Constrained bool             `json:"constrained"`
	MTU         uint32           `json:"mtu,omitempty"`
	Tunnel      *Tunnel          `json:"tunnel"`
	Interfaces  []*InterfacePath `json:"interfaces"`
	// MoreInterfaces is how many a written transition leaves out of Interfaces.
	MoreInterfaces int `json:"more_interfaces,omitempty"`
}

// A FamilyPath is the path of one address family.
type FamilyPath struct {
	Status    Status         `json:"status"`
	Reason    Reason         `json:"reason"`
	Interface fact.Untrusted `json:"interface,omitempty"`
	Index     int            `json:"index,omitempty"`
	Gateway   netip.Addr     `json:"gateway,omitzero"`
	Source    netip.Addr     `json:"source,omitzero"`
	MTU       uint32         `json:"mtu,omitempty"`
	Table     uint32         `json:"table,omitempty"`
	Metric    uint32         `json:"metric,omitempty"`
	// DeadRoute is why a route is taken that can't carry it, where another interface
	// could.
	DeadRoute fact.Untrusted `json:"dead_route,omitempty"`
}

// An InterfacePath is the path that one interface alone could give.
type InterfacePath struct {
	Name   fact.Untrusted `json:"name"`
	Index  int            `json:"index"`
	Type   fact.LinkType  `json:"type"`
	Status Status         `json:"status"`
	Reason Reason         `json:"reason"`
	IPv4   FamilyPath     `json:"ipv4"`
	IPv6   FamilyPath     `json:"ipv6"`
	// Candidate is whether the interface could carry an uplink.
	Candidate bool `json:"candidate"`
	// InUse is whether the machine's path goes out here.
	InUse bool `json:"in_use"`
}

// A Tunnel describes the tunnel that a path goes through.
type Tunnel struct {
	Interface fact.Untrusted `json:"interface"`
	Index     int            `json:"index"`
	// Mode is "full" or "split".
	Mode     TunnelMode     `json:"mode"`
	Underlay fact.Untrusted `json:"underlay,omitempty"`
}

// A TunnelMode says how much goes through a tunnel.
type TunnelMode string

// The modes.
const (
	TunnelFull  TunnelMode = "full"
	TunnelSplit TunnelMode = "split"
)

// Family returns the path of family f.
func (p *Path) Family(f fact.Family) *FamilyPath {
	if f == fact.IPv6 {
		return &p.IPv6
	}
	return &p.IPv4
}
