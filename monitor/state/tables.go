package state

import (
	"cmp"
	"maps"
	"slices"

	"flapscope/monitor/fact"
)

// Tables is the mirror of the kernel's tables: the fold of all table facts. It
// is not safe for concurrent use; whoever owns the fold owns the tables.
type Tables struct {
	Links      map[int]*fact.Link
	Addresses  map[fact.AddressKey]*fact.Address
	Routes     RouteTable
	Rules      map[fact.Rule]*fact.Rule
	Neighbours map[fact.NeighbourKey]*fact.Neighbour
	Nexthops   map[uint32]*fact.Nexthop
	Netconfs   map[fact.NetconfKey]*fact.Netconf
}

// NewTables returns empty tables.
func NewTables() *Tables {
	return &Tables{
		Links:      map[int]*fact.Link{},
		Addresses:  map[fact.AddressKey]*fact.Address{},
		Rules:      map[fact.Rule]*fact.Rule{},
		Neighbours: map[fact.NeighbourKey]*fact.Neighbour{},
		Nexthops:   map[uint32]*fact.Nexthop{},
		Netconfs:   map[fact.NetconfKey]*fact.Netconf{},
	}
}

// Name returns the name of interface index, or "" when it is unknown.
func (t *Tables) Name(index int) fact.Untrusted {
	if l := t.Links[index]; l != nil {
		return l.Name
	}
	return ""
}

// SortedRules returns the rules by family, priority and text.
func SortedRules(t *Tables) []*fact.Rule {
	out := slices.Collect(maps.Values(t.Rules))
	slices.SortFunc(out, func(a, b *fact.Rule) int {
		if c := cmp.Or(cmp.Compare(a.Family, b.Family), cmp.Compare(a.Priority, b.Priority)); c != 0 {
			return c
		}
		return cmp.Compare(a.Words(), b.Words())
	})
	return out
}
