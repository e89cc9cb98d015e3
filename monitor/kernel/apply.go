//go:build linux

package kernel

import (
	"slices"

	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// addressEvent applies a notification about an address.
func (m *mirror) addressEvent(exists bool, a *fact.Address) {
	if exists {
		m.putAddress(a, fact.ViaEvent)
	} else {
		m.delAddress(a)
	}
}

// putAddress applies an address that exists.
func (m *mirror) putAddress(a *fact.Address, via fact.Via) {
	t := addresses4.of(a.Family())
	old := m.s.Addresses[a.Key()]
	if old != nil {
		if near(old.ValidUntil, a.ValidUntil, m.at.mono) {
			a.ValidUntil = old.ValidUntil
		}
		if near(old.PreferredUntil, a.PreferredUntil, m.at.mono) {
			a.PreferredUntil = old.PreferredUntil
		}
		if *old == *a {
			m.saw(t, old)
			return
		}
	}
	m.put(t, via, a)
	if old == nil && t == addresses6 {
		m.dropTwins(a, via)
	}
}

// dropTwins removes other rows of an IPv6 address: it exists once on a link,
// and a new peer or prefix length replaces the old one.
func (m *mirror) dropTwins(a *fact.Address, via fact.Via) {
	for _, twin := range slices.Clone(m.s.AddressesOf(state.LinkFamily{Index: a.Index, Family: a.Family()})) {
		if twin.Local == a.Local && twin.Key() != a.Key() {
			m.remove(addresses6, via, twin)
		}
	}
}

// delAddress applies the end of an address. With the last IPv4 address of a
// link the kernel flushes its other IPv4 routes without a word, the default
// route among them.
func (m *mirror) delAddress(a *fact.Address) {
	if old := m.s.Addresses[a.Key()]; old != nil {
		m.remove(addresses4.of(a.Family()), fact.ViaEvent, old)
	}
	if a.Family() == fact.IPv4 {
		m.inferUnaddressed(a.Index)
	}
	m.want(setRoutes | setNexthops | setAddrs)
}

// putRule applies a rule that exists.
func (m *mirror) putRule(r *fact.Rule, via fact.Via) {
	t := rules4.of(r.Family)
	if old := m.s.Rules[r.Key()]; old != nil && *old == *r {
		m.saw(t, old)
		return
	}
	m.put(t, via, r)
}

// ruleEvent applies a notification about a rule. A goto rule gains or loses
// its "unresolved" flag silently with its target.
func (m *mirror) ruleEvent(exists bool, r *fact.Rule) {
	t := rules4.of(r.Family)
	if exists {
		m.putRule(r, fact.ViaEvent)
	} else if old := m.s.Rules[r.Key()]; old != nil {
		m.remove(t, fact.ViaEvent, old)
	} else {
		m.want(1 << t)
	}
	for _, other := range m.s.Rules {
		if other.Goto != 0 && other.Family == r.Family {
			m.want(1 << t)
			return
		}
	}
}

func neighbourTable(n *fact.Neighbour) table { return neighbours4.of(neighbourFamily(n)) }

func neighbourFamily(n *fact.Neighbour) fact.Family {
	if n.Dst.Is4() {
		return fact.IPv4
	}
	return fact.IPv6
}

// putNeighbour applies a neighbour entry that exists. Entries that need no
// resolution (multicast, loopback) come and go without a word and mean nothing;
// like ip(8), the mirror does not hold them.
func (m *mirror) putNeighbour(n *fact.Neighbour, via fact.Via) {
	t := neighbourTable(n)
	old := m.s.Neighbours[n.Key()]
	switch {
	case n.Proxy:
	case n.State&^fact.NeighbourNoARP == 0:
		if old != nil {
			m.remove(t, via, old)
		}
	case old != nil && *old == *n:
		m.saw(t, old)
	default:
		m.put(t, via, n)
	}
}

func (m *mirror) neighbourEvent(exists bool, n *fact.Neighbour) {
	if exists {
		m.putNeighbour(n, fact.ViaEvent)
	} else if old := m.s.Neighbours[n.Key()]; old != nil {
		m.remove(neighbourTable(n), fact.ViaEvent, old)
	}
}

// putNexthop applies a nexthop object that exists.
func (m *mirror) putNexthop(n *fact.Nexthop, via fact.Via) {
	old := m.s.Nexthops[n.ID]
	if old != nil && equalNexthops(old, n) {
		m.saw(nexthops, old)
		return
	}
	m.put(nexthops, via, n)
}

func equalNexthops(a, b *fact.Nexthop) bool {
	return a.Family == b.Family && a.Gateway == b.Gateway && a.Index == b.Index &&
		a.Protocol == b.Protocol && a.Scope == b.Scope && a.Flags == b.Flags &&
		a.Blackhole == b.Blackhole && a.FDB == b.FDB && slices.Equal(a.Group, b.Group)
}

// nexthopEvent applies a notification about a nexthop object. The IPv4 routes
// of one that is deleted go without a word, and what a replacement does to its
// routes is announced only in some settings.
func (m *mirror) nexthopEvent(exists bool, n *fact.Nexthop) {
	if exists {
		m.putNexthop(n, fact.ViaEvent)
	} else if old := m.s.Nexthops[n.ID]; old != nil {
		m.remove(nexthops, fact.ViaEvent, old)
	}
	if !exists {
		m.inferNexthopGone(n.ID)
	}
	m.want(setNexthops | setRoutes)
}

// inferNexthopGone removes the routes of a nexthop object that is no more.
func (m *mirror) inferNexthopGone(id uint32) {
	var hit []*fact.Route
	for r := range m.s.Routes.All() {
		if r.NexthopID == id {
			hit = append(hit, r)
		}
	}
	for _, r := range hit {
		m.remove(routes4.of(r.Family), fact.ViaInferred, r)
	}
}

// putNetconf applies a setting; a notification holds only what changed.
func (m *mirror) putNetconf(n *netconfMessage, via fact.Via) {
	t := netconfs4.of(n.Family)
	old := m.s.Netconfs[n.Key()]
	var row fact.Netconf
	if old != nil {
		row = *old
	}
	row = n.over(row)
	if old != nil && *old == row {
		m.saw(t, old)
		return
	}
	m.put(t, via, &row)
}

// netconfEvent applies a notification about a setting. The "dead" flag of
// routes without carrier follows ignore_routes_with_linkdown silently.
func (m *mirror) netconfEvent(exists bool, n *netconfMessage) {
	if exists {
		m.putNetconf(n, fact.ViaEvent)
	} else if old := m.s.Netconfs[n.Key()]; old != nil {
		m.remove(netconfs4.of(n.Family), fact.ViaEvent, old)
	}
	if n.linkdown {
		m.want(1 << routes4.of(n.Family))
	}
}
