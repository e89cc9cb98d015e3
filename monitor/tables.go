package monitor

import (
	"net/netip"
)

// Tables is the mirror of the kernel's tables: the fold of all table facts. It
// is not safe for concurrent use; whoever owns the fold owns the tables.
type Tables struct {
	Links      map[int]*Link
	Addresses  map[AddressKey]*Address
	Routes     RouteTable
	Rules      map[Rule]*Rule
	Neighbours map[NeighbourKey]*Neighbour
	Nexthops   map[uint32]*Nexthop
	Netconfs   map[NetconfKey]*Netconf
}

// An AddressKey identifies an address: IPv4 allows one address with several
// prefix lengths on a link.
type AddressKey struct {
	Index     int
	Local     netip.Addr
	PrefixLen uint8
	Peer      netip.Addr
}

// Key returns the identity of the address.
func (a *Address) Key() AddressKey {
	return AddressKey{a.Index, a.Local, a.PrefixLen, a.Peer}
}

// A NeighbourKey identifies a neighbour entry.
type NeighbourKey struct {
	Index int
	Dst   netip.Addr
	Proxy bool
}

// Key returns the identity of the neighbour.
func (n *Neighbour) Key() NeighbourKey { return NeighbourKey{n.Index, n.Dst, n.Proxy} }

// A NetconfKey identifies a setting.
type NetconfKey struct {
	Family Family
	Index  int
}

// Key returns the identity of the setting.
func (n *Netconf) Key() NetconfKey { return NetconfKey{n.Family, n.Index} }

// NewTables returns empty tables.
func NewTables() *Tables {
	return &Tables{
		Links:      map[int]*Link{},
		Addresses:  map[AddressKey]*Address{},
		Rules:      map[Rule]*Rule{},
		Neighbours: map[NeighbourKey]*Neighbour{},
		Nexthops:   map[uint32]*Nexthop{},
		Netconfs:   map[NetconfKey]*Netconf{},
	}
}

// Name returns the name of interface index, or "" when it is unknown.
func (t *Tables) Name(index int) Untrusted {
	if l := t.Links[index]; l != nil {
		return l.Name
	}
	return ""
}
