package monitor

import (
	"iter"
	"net/netip"
	"slices"
)

// A RouteTable holds the routes of all tables and both families. The zero
// value is empty and ready.
type RouteTable struct {
	slots map[RouteSlot][]*Route
	n     int
}

// A RouteSlot is the part of a route that the kernel looks routes up by when
// it replaces one. Several routes can share a slot: IPv4 aliases, IPv6
// siblings that are not one multipath route.
type RouteSlot struct {
	Family Family
	TOS    uint8
	Table  uint32
	Metric uint32
	Dst    netip.Prefix
	Src    netip.Prefix
}

// Slot returns the slot of the route.
func (r *Route) Slot() RouteSlot {
	return RouteSlot{r.Family, r.TOS, r.Table, r.Metric, r.Dst, r.Src}
}

// Same reports whether two routes are one: equal in everything but what the
// kernel changes in place (flags and expiry).
func (r *Route) Same(o *Route) bool {
	return r.Slot() == o.Slot() && r.Type == o.Type && r.Gateway == o.Gateway &&
		r.Index == o.Index && r.NexthopID == o.NexthopID &&
		r.Protocol == o.Protocol && r.Scope == o.Scope && r.PrefSrc == o.PrefSrc &&
		sameLegs(r.Nexthops, o.Nexthops)
}

// sameLegs compares legs as sets: the kernel's order differs between an event
// and a dump of the same IPv6 route.
func sameLegs(a, b []Leg) bool {
	if len(a) != len(b) {
		return false
	}
	for _, l := range a {
		if !slices.ContainsFunc(b, func(m Leg) bool {
			return l.Gateway == m.Gateway && l.Index == m.Index && l.Weight == m.Weight
		}) {
			return false
		}
	}
	return true
}

// Put inserts r, or replaces the route that is the Same.
func (t *RouteTable) Put(r *Route) {
	if t.slots == nil {
		t.slots = map[RouteSlot][]*Route{}
	}
	s := r.Slot()
	rows := t.slots[s]
	if i := slices.IndexFunc(rows, r.Same); i >= 0 {
		rows[i] = r
		return
	}
	t.slots[s] = append(rows, r)
	t.n++
}

// Delete removes the route that is the Same as r.
func (t *RouteTable) Delete(r *Route) {
	s := r.Slot()
	rows := t.slots[s]
	i := slices.IndexFunc(rows, r.Same)
	if i < 0 {
		return
	}
	t.n--
	if rows = slices.Delete(rows, i, i+1); len(rows) == 0 {
		delete(t.slots, s)
		return
	}
	t.slots[s] = rows
}

// At returns the routes that share a slot. The slice must not be changed.
func (t *RouteTable) At(s RouteSlot) []*Route { return t.slots[s] }

// Len returns the number of routes.
func (t *RouteTable) Len() int { return t.n }

// All iterates over all routes in no particular order.
func (t *RouteTable) All() iter.Seq[*Route] {
	return func(yield func(*Route) bool) {
		for _, rows := range t.slots {
			for _, r := range rows {
				if !yield(r) {
					return
				}
			}
		}
	}
}
