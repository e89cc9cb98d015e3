//go:build linux

package kernel

import (
	"reflect"
	"slices"

	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// setOfLink is what the kernel may change silently with a link.
const setOfLink = setRoutes | setNexthops | setAddrs | setRules | setNeighs

// linkEvent applies a notification about a link.
func (m *mirror) linkEvent(exists bool, l *fact.Link) {
	if exists {
		m.putLink(l, fact.ViaEvent)
	} else {
		m.delLink(l.Index, fact.ViaEvent)
	}
}

// putLink applies what the kernel shows of a link.
func (m *mirror) putLink(l *fact.Link, via fact.Via) {
	old := m.s.Links[l.Index]
	m.hw.describe(m.s.Tables, old, l)
	if old != nil && reflect.DeepEqual(old, l) {
		m.saw(links, old)
		if via == fact.ViaEvent && m.early[l.Index] {
			delete(m.early, l.Index)
			m.want(setOfLink)
		}
		return
	}
	if old != nil && foldedOutage(old, l) {
		m.outage(old, l)
	}
	m.put(links, via, l)
	m.linkChanged(old, l, via)
}

// foldedOutage reports whether the carrier was lost and came back between two
// messages that both say "up". The kernel reports carrier changes at most
// about once a second and merges them meanwhile; only the counter shows it.
func foldedOutage(old, l *fact.Link) bool {
	return old.Carrier() && l.Carrier() && l.CarrierChanges-old.CarrierChanges >= 2 &&
		l.CarrierChanges > old.CarrierChanges
}

// outage emits the lost half of a folded outage, at the instant at which it
// became known: when it really was can't be known.
func (m *mirror) outage(old, l *fact.Link) {
	down := *old
	down.Flags &^= fact.FlagLowerUp | fact.FlagRunning
	down.OperState = fact.OperDown
	down.CarrierChanges = l.CarrierChanges - 1
	m.observe(fact.Put, fact.ViaInferred, &down)
}

// linkChanged infers what follows from a change of a link, and wants dumps of
// what the kernel may have changed silently with it.
func (m *mirror) linkChanged(old, l *fact.Link, via fact.Via) {
	switch {
	case old == nil || old.Name != l.Name:
		// Rules bind to links by name; addresses and routes may have come
		// with the link.
		m.want(allTables &^ setLinks)
	case old.Flags != l.Flags || old.OperState != l.OperState || old.Master != l.Master ||
		old.MTU != l.MTU || old.CarrierChanges != l.CarrierChanges:
		m.want(setOfLink)
		if via != fact.ViaEvent {
			m.early[l.Index] = true
		}
	}
	if old == nil {
		return
	}
	if old.LowerUp() && !l.LowerUp() {
		m.forgetAdvertised(l.Index)
	}
	if old.Up() && !l.Up() {
		m.inferDown(l.Index)
	} else if old.LowerUp() && !l.LowerUp() {
		m.inferLinkdown(l.Index)
	}
}

// delLink applies the end of a link, and of everything that hangs on it.
func (m *mirror) delLink(index int, via fact.Via) {
	old := m.s.Links[index]
	if old == nil {
		m.want(allTables)
		return
	}
	delete(m.early, index)
	m.forgetAdvertised(index)
	m.remove(links, via, old)
	m.inferGone(index)
	m.want(allTables)
}

// inferDown removes the IPv4 routes of a link that is administratively down:
// the kernel flushes them in every table without a word, all but those of host
// scope, the machine's own addresses (fib_sync_down_dev).
func (m *mirror) inferDown(index int) {
	m.flushRoutes(index, func(r *fact.Route) bool {
		return r.Scope != fact.ScopeHost
	}, fact.IPv4)
}

// inferUnaddressed removes all IPv4 routes of a link that lost its last IPv4
// address (fib_disable_ip).
func (m *mirror) inferUnaddressed(index int) {
	if len(m.s.AddressesOf(state.LinkFamily{Index: index, Family: fact.IPv4})) > 0 {
		return
	}
	m.flushRoutes(index, func(*fact.Route) bool { return true }, fact.IPv4)
}

// inferGone removes everything of a link that is no more.
func (m *mirror) inferGone(index int) {
	m.flushRoutes(index, func(*fact.Route) bool { return true }, fact.IPv4, fact.IPv6)
	for _, f := range fact.Families {
		for _, a := range slices.Clone(m.s.AddressesOf(state.LinkFamily{Index: index, Family: f})) {
			m.remove(addresses4.of(f), fact.ViaInferred, a)
		}
	}
	for _, n := range m.s.Neighbours {
		if n.Index == index {
			m.remove(neighbourTable(n), fact.ViaInferred, n)
		}
	}
	for _, f := range fact.Families {
		if n := m.s.Netconfs[fact.NetconfKey{Family: f, Index: index}]; n != nil {
			m.remove(netconfs4.of(f), fact.ViaInferred, n)
		}
	}
}

// flushRoutes removes the routes of some families through a link for which doomed
// says so. A multipath route only has its hop marked as long as another hop lives.
// Routes of nexthop objects follow those.
func (m *mirror) flushRoutes(index int, doomed func(*fact.Route) bool, families ...fact.Family) {
	const flags = fact.RouteDead | fact.RouteLinkdown
	for _, r := range m.routesThrough(index, families...) {
		if r.NexthopID != 0 || !doomed(r) {
			continue
		}
		if next := markHops(r, index, flags); next != nil {
			m.put(routes4.of(r.Family), fact.ViaInferred, next)
			continue
		}
		m.remove(routes4.of(r.Family), fact.ViaInferred, r)
	}
}

// markHops returns a copy of multipath route r whose legs through a link carry
// flags, or nil if no other hop lives.
func markHops(r *fact.Route, index int, flags fact.RouteFlags) *fact.Route {
	next := *r
	next.Nexthops = append([]fact.Hop(nil), r.Nexthops...)
	alive := false
	for i := range next.Nexthops {
		leg := &next.Nexthops[i]
		if leg.Index == index {
			leg.Flags |= flags
		}
		alive = alive || leg.Flags&fact.RouteDead == 0
	}
	if !alive {
		return nil
	}
	return &next
}

// inferLinkdown flags the routes of a link without carrier. Lookups still use
// them, unless ignore_routes_with_linkdown says otherwise; then they are dead.
func (m *mirror) inferLinkdown(index int) {
	for _, r := range m.routesThrough(index, fact.IPv4, fact.IPv6) {
		if !flaggedWithoutCarrier(r) {
			continue
		}
		next := *r
		flags := fact.RouteLinkdown
		if m.ignoresLinkdown(r.Family, index) {
			flags |= fact.RouteDead
		}
		if len(r.Nexthops) == 0 {
			next.Flags |= flags
		} else {
			next.Nexthops = append([]fact.Hop(nil), r.Nexthops...)
			for i := range next.Nexthops {
				if next.Nexthops[i].Index == index {
					next.Nexthops[i].Flags |= flags
				}
			}
		}
		m.put(routes4.of(r.Family), fact.ViaInferred, &next)
	}
}

// flaggedWithoutCarrier reports whether the kernel marks a route when its link
// loses the carrier: not the machine's own addresses, and not those of nexthop
// objects, which are deleted instead.
func flaggedWithoutCarrier(r *fact.Route) bool {
	if r.NexthopID != 0 {
		return false
	}
	if r.Family == fact.IPv4 {
		return r.Scope != fact.ScopeHost
	}
	return r.Type != fact.RouteLocal && r.Type != fact.RouteAnycast
}

// ignoresLinkdown reports the link's ignore_routes_with_linkdown. For IPv4 the
// setting of "all" counts as well; for IPv6 writing it writes every link's.
func (m *mirror) ignoresLinkdown(f fact.Family, index int) bool {
	const all = -1
	ignores := func(i int) bool {
		n := m.s.Netconfs[fact.NetconfKey{Family: f, Index: i}]
		return n != nil && n.IgnoreRoutesWithLinkdown
	}
	return ignores(index) || f == fact.IPv4 && ignores(all)
}

// routesThrough returns the routes of some families that go out of a link.
func (m *mirror) routesThrough(index int, families ...fact.Family) (through []*fact.Route) {
	if !slices.ContainsFunc(families, func(f fact.Family) bool { return m.s.Routes.Uses(index, f) }) {
		return nil
	}
	for r := range m.s.Routes.All() {
		if uses(r, index) && slices.Contains(families, r.Family) {
			through = append(through, r)
		}
	}
	return through
}

// uses reports whether a route or one of its hops goes out of a link.
func uses(r *fact.Route, index int) bool {
	if r.Index == index {
		return true
	}
	for _, leg := range r.Nexthops {
		if leg.Index == index {
			return true
		}
	}
	return false
}
