package state

import (
	"hash/maphash"
	"iter"
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
}

// hash returns the key of a slot.
func (t *RouteTable) hash(s fact.RouteSlot) uint64 { return maphash.Comparable(t.seed, s) }

// Put inserts r, or replaces the route that is the Same.
func (t *RouteTable) Put(r *fact.Route) {
	if t.first == nil {
		t.seed = maphash.MakeSeed()
		t.first = map[uint64]*fact.Route{}
		t.more = map[uint64][]*fact.Route{}
	}
	h := t.hash(r.Slot())
	first := t.first[h]
	if first == nil || first.Same(r) {
		if first == nil {
			t.n++
		}
		t.first[h] = r
		return
	}
	rest := t.more[h]
	if i := slices.IndexFunc(rest, r.Same); i >= 0 {
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
	h := t.hash(r.Slot())
	first, rest := t.first[h], t.more[h]
	if first == nil {
		return
	}
	if first.Same(r) {
		t.n--
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

// Find returns the route that is the Same as r, or nil.
func (t *RouteTable) Find(r *fact.Route) *fact.Route {
	if t.n == 0 {
		return nil
	}
	h := t.hash(r.Slot())
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

// At returns the routes that share a slot, in order of arrival.
func (t *RouteTable) At(s fact.RouteSlot) []*fact.Route {
	if t.n == 0 {
		return nil
	}
	h := t.hash(s)
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
