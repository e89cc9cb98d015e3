package monitor

import (
	"cmp"
	"maps"
	"slices"
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

// sortedRules returns the rules by family, priority and text.
func SortedRules(t *Tables) []*Rule {
	out := slices.Collect(maps.Values(t.Rules))
	slices.SortFunc(out, func(a, b *Rule) int {
		if c := cmp.Or(cmp.Compare(a.Family, b.Family), cmp.Compare(a.Priority, b.Priority)); c != 0 {
			return c
		}
		return cmp.Compare(a.Words(), b.Words())
	})
	return out
}
