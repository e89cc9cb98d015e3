package state

import (
	"hash/maphash"
	"iter"
	"net/netip"
	"slices"

	"flapscope/monitor/fact"
)

// A RouteTable holds the routes of all tables and both families. The zero
// value is empty and ready.
//
// It is made for a hundred thousand routes: the maps are keyed by a hash of the
// slot rather than by the slot, which is ten times as wide, and the usual case
// of one route in a slot costs one map entry and no slice.
type RouteTable struct {
	seed  maphash.Seed
	first map[uint64]*fact.Route
	// more holds the routes after the first of one hash, in order of arrival:
	// aliases, siblings and (hardly ever) collisions.
	more map[uint64][]*fact.Route
	n    int
	// uses counts the routes of each family through each link, hops apart.
	uses map[LinkFamily]int
}

// A routeKey is a slot, and the link of a route in a slot of which every link has
// one: IPv6 gives each link its own fe80::/64 and ff00::/8, and what is looked
// for among thousands of links would be looked for in a list.
type routeKey struct {
	fact.RouteSlot
	link int
}

// linkLocal and multicast are the prefixes in which every link has its own.
var (
	linkLocal = netip.MustParsePrefix("fe80::/10")
	multicast = netip.MustParsePrefix("ff00::/8")
)

// ofLinks reports whether every link has a route of its own in a slot.
func ofLinks(s *fact.RouteSlot) bool {
	return s.Family == fact.IPv6 && s.Dst.Bits() >= 8 && (linkLocal.Contains(s.Dst.Addr()) || multicast.Contains(s.Dst.Addr()))
}

// hash returns the key of a route. Routes that are the Same have the same.
func (t *RouteTable) hash(r *fact.Route) uint64 {
	k := routeKey{RouteSlot: r.Slot()}
	if r.NexthopID == 0 && ofLinks(&k.RouteSlot) {
		k.link = r.Index
	}
	return maphash.Comparable(t.seed, k)
}

// Put inserts r, or replaces the route that is the Same.
func (t *RouteTable) Put(r *fact.Route) {
	if t.first == nil {
		t.seed = maphash.MakeSeed()
		t.first = map[uint64]*fact.Route{}
		t.more = map[uint64][]*fact.Route{}
		t.uses = map[LinkFamily]int{}
	}
	h := t.hash(r)
	first := t.first[h]
	if first == nil || first.Same(r) {
		if first == nil {
			t.n++
		} else {
			t.use(first, -1)
		}
		t.use(r, 1)
		t.first[h] = r
		return
	}
	t.use(r, 1)
	rest := t.more[h]
	if i := slices.IndexFunc(rest, r.Same); i >= 0 {
		t.use(rest[i], -1)
		// A new slice, because All may be walking the old one.
		rest = slices.Clone(rest)
		rest[i] = r
		t.more[h] = rest
		return
	}
	t.more[h] = append(slices.Clip(rest), r)
	t.n++
}

// Delete removes the route that is the Same as r.
func (t *RouteTable) Delete(r *fact.Route) {
	if t.n == 0 {
		return
	}
	h := t.hash(r)
	first, rest := t.first[h], t.more[h]
	if first == nil {
		return
	}
	if first.Same(r) {
		t.n--
		t.use(first, -1)
		if len(rest) == 0 {
			delete(t.first, h)
			return
		}
		t.first[h] = rest[0]
		t.setMore(h, rest[1:])
		return
	}
	if i := slices.IndexFunc(rest, r.Same); i >= 0 {
		t.n--
		t.use(rest[i], -1)
		t.setMore(h, slices.Concat(rest[:i], rest[i+1:]))
	}
}

func (t *RouteTable) setMore(h uint64, rest []*fact.Route) {
	if len(rest) == 0 {
		delete(t.more, h)
		return
	}
	t.more[h] = rest
}

// use counts a route for the links that it goes out of.
func (t *RouteTable) use(r *fact.Route, by int) {
	t.useLink(r, r.Index, by)
	for i := range r.Nexthops {
		t.useLink(r, r.Nexthops[i].Index, by)
	}
}

func (t *RouteTable) useLink(r *fact.Route, index, by int) {
	k := LinkFamily{index, r.Family}
	if t.uses[k] += by; t.uses[k] == 0 {
		delete(t.uses, k)
	}
}

// Uses reports whether a route of a family goes out of a link. A walk over all
// routes is spared where none does.
func (t *RouteTable) Uses(index int, f fact.Family) bool { return t.uses[LinkFamily{index, f}] > 0 }

// Find returns the route that is the Same as r, or nil.
func (t *RouteTable) Find(r *fact.Route) *fact.Route {
	if t.n == 0 {
		return nil
	}
	h := t.hash(r)
	first := t.first[h]
	if first == nil || first.Same(r) {
		return first
	}
	rest := t.more[h]
	if i := slices.IndexFunc(rest, r.Same); i >= 0 {
		return rest[i]
	}
	return nil
}

// At returns the routes that share a slot, in order of arrival; where every link
// has one, in no order, after a walk over all routes.
func (t *RouteTable) At(s fact.RouteSlot) []*fact.Route {
	if t.n == 0 {
		return nil
	}
	if ofLinks(&s) {
		return slices.Collect(t.all(func(r *fact.Route) bool { return r.Slot() == s }))
	}
	h := maphash.Comparable(t.seed, routeKey{RouteSlot: s})
	first := t.first[h]
	if first == nil {
		return nil
	}
	var rows []*fact.Route
	if first.Slot() == s {
		rows = append(rows, first)
	}
	for _, r := range t.more[h] {
		if r.Slot() == s {
			rows = append(rows, r)
		}
	}
	return rows
}

// all iterates over the routes that match.
func (t *RouteTable) all(match func(*fact.Route) bool) iter.Seq[*fact.Route] {
	return func(yield func(*fact.Route) bool) {
		for r := range t.All() {
			if match(r) && !yield(r) {
				return
			}
		}
	}
}

// Len returns the number of routes.
func (t *RouteTable) Len() int { return t.n }

// All iterates over all routes in no particular order. The table may change
// meanwhile; whether a change is seen is not said.
func (t *RouteTable) All() iter.Seq[*fact.Route] {
	return func(yield func(*fact.Route) bool) {
		for h, first := range t.first {
			rest := t.more[h]
			if !yield(first) {
				return
			}
			for _, r := range rest {
				if !yield(r) {
					return
				}
			}
		}
	}
}
