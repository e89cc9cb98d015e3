package fact

import (
	"net/netip"
	"strconv"
	"strings"
)

// A Nexthop is one nexthop object (RTM_NEWNEXTHOP).
type Nexthop struct {
	ID       uint32        `json:"id"`
	Family   Family        `json:"family,omitempty"`
	Gateway  netip.Addr    `json:"gateway,omitzero"`
	Index    int           `json:"oif,omitempty"`
	Protocol RouteProtocol `json:"protocol"`
	Scope    Scope         `json:"scope"`
	Flags    RouteFlags    `json:"flags"`
	// Blackhole is whether the object discards.
	Blackhole bool `json:"blackhole,omitempty"`
	// FDB is whether the object is for a bridge's forwarding table.
	FDB bool `json:"fdb,omitempty"`
	// Group are the members of a group, in the kernel's order.
	Group []NexthopMember `json:"group,omitempty"`
}

// A NexthopMember is one member of a nexthop group.
type NexthopMember struct {
	ID uint32 `json:"id"`
	// Weight is 1 or more.
	Weight int `json:"weight"`
}

// Kind implements Fact.
func (*Nexthop) Kind() Kind { return KindNexthop }

// Row implements Fact.
func (*Nexthop) Row() bool { return true }

// Interface implements Fact.
func (n *Nexthop) Interface() int { return n.Index }

// Words implements Fact.
func (n *Nexthop) Words() Untrusted {
	words := "id " + strconv.FormatUint(uint64(n.ID), 10)
	if n.Gateway.IsValid() {
		words += " via " + n.Gateway.String()
	}
	if n.Blackhole {
		words += " blackhole"
	}
	if len(n.Group) > 0 {
		members := make([]string, len(n.Group))
		for i, m := range n.Group {
			members[i] = strconv.FormatUint(uint64(m.ID), 10)
		}
		words += " group " + strings.Join(members, "/")
	}
	return Untrusted(words)
}
