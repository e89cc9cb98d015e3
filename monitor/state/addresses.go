package state

import (
	"cmp"
	"iter"
	"net/netip"
	"slices"

	"flapscope/monitor/fact"
)

// addressRows are the addresses, which are also found by their link and by their
// value: thousands of links have as many, and a question is about few of them.
type addressRows struct {
	Rows
	s *State
}

// Apply implements Rows.
func (r addressRows) Apply(op fact.Op, f fact.Fact) {
	a := f.(*fact.Address)
	if old := r.s.Addresses[a.Key()]; old != nil {
		r.s.countWide(old, -1)
	}
	r.Rows.Apply(op, a)
	if op == fact.Delete {
		dropAddress(r.s.byLink, linkFamily(a), a)
		dropAddress(r.s.byLocal, a.Local, a)
		return
	}
	enterAddress(r.s.byLink, linkFamily(a), a)
	enterAddress(r.s.byLocal, a.Local, a)
	r.s.countWide(a, 1)
}

// countWide counts an address if it is wider than the link.
func (s *State) countWide(a *fact.Address, by int) {
	if a.Scope >= fact.ScopeLink {
		return
	}
	k := linkFamily(a)
	if s.wide[k] += by; s.wide[k] == 0 {
		delete(s.wide, k)
	}
}

// linkFamily is the link of an address, and its family.
func linkFamily(a *fact.Address) LinkFamily { return LinkFamily{Index: a.Index, Family: a.Family()} }

// enterAddress enters an address at its place in the list of k, instead of the one
// with its identity if there is one.
func enterAddress[K comparable](lists map[K][]*fact.Address, k K, a *fact.Address) {
	i, ok := slices.BinarySearchFunc(lists[k], a, compareAddresses)
	if ok {
		lists[k][i] = a
		return
	}
	lists[k] = slices.Insert(lists[k], i, a)
}

// dropAddress removes an address from the list of k.
func dropAddress[K comparable](lists map[K][]*fact.Address, k K, a *fact.Address) {
	i, ok := slices.BinarySearchFunc(lists[k], a, compareAddresses)
	switch {
	case !ok:
	case len(lists[k]) == 1:
		delete(lists, k)
	default:
		lists[k] = slices.Delete(lists[k], i, i+1)
	}
}

// compareAddresses orders addresses by their identity: value first, then link.
func compareAddresses(a, b *fact.Address) int {
	return cmp.Or(
		a.Local.Compare(b.Local), cmp.Compare(a.PrefixLen, b.PrefixLen), a.Peer.Compare(b.Peer),
		cmp.Compare(a.Index, b.Index),
	)
}

// AddressesOf returns the addresses of a link in one family, in a fixed order. The
// list is the state's own: it must not be changed, and changes with the state.
func (s *State) AddressesOf(k LinkFamily) []*fact.Address { return s.byLink[k] }

// Addressed iterates over the links, in no order, that have an address of a family
// which is wider than the link, were it not usable yet.
func (s *State) Addressed(f fact.Family) iter.Seq[int] {
	return func(yield func(int) bool) {
		for k := range s.wide {
			if k.Family == f && !yield(k.Index) {
				return
			}
		}
	}
}

// Source returns the address of this machine with a value, or nil. Of those on
// several links it is a usable one if there is any.
func (s *State) Source(local netip.Addr) *fact.Address {
	all := s.byLocal[local]
	if len(all) == 0 {
		return nil
	}
	if i := slices.IndexFunc(all, (*fact.Address).Usable); i >= 0 {
		return all[i]
	}
	return all[0]
}

// addressed reports whether a link has a usable address of a family.
func (s *State) addressed(k LinkFamily) bool {
	return slices.ContainsFunc(s.AddressesOf(k), (*fact.Address).Usable)
}
