//go:build linux

package kernel

import (
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"flapscope/internal/nlwire"
	"flapscope/monitor/fact"
)

// routeEvent applies a notification about a route.
func (m *mirror) routeEvent(exists bool, h *nlwire.Message) error {
	if m.narrow && !shortPrefix(h.Body) {
		return nil
	}
	var msg routeMessage
	ok, err := decodeRoute(h.Body, &msg)
	if err != nil || !ok || msg.cloned {
		return err
	}
	if !exists {
		m.delRoute(&msg)
		return nil
	}
	r := m.route(&msg)
	if r.Family == fact.IPv6 {
		m.newRoute6(r, h.Flags)
	} else {
		m.newRoute4(r, h.Flags)
	}
	return nil
}

// route returns the row of a decoded route, with the end of its life as a date.
func (m *mirror) route(msg *routeMessage) *fact.Route {
	r := msg.Route
	if msg.left != 0 {
		r.ExpiresAt = m.at.mono + msg.left
	}
	return &r
}

// newRoute4 applies an IPv4 route that was added or that replaced another. A
// replacement is one notification of the new route; what it replaced is the
// first of its slot in the kernel's order, which is known only if there is one.
func (m *mirror) newRoute4(r *fact.Route, flags uint16) {
	if flags&unix.NLM_F_REPLACE == 0 {
		m.putRoute(r, fact.ViaEvent)
		return
	}
	before := m.s.Routes.At(r.Slot())
	m.putRoute(r, fact.ViaEvent)
	m.replaced(r, before)
}

// replaced removes what r replaced among the rows of its slot, if that is
// certain, and wants a dump if not.
func (m *mirror) replaced(r *fact.Route, before []*fact.Route) {
	switch {
	case len(before) == 1 && !before[0].Same(r):
		m.remove(routes4.of(r.Family), fact.ViaEvent, before[0])
	case len(before) != 1:
		m.want(1 << routes4.of(r.Family))
	}
}

// newRoute6 applies an IPv6 route. Routes of one slot with gateways are one
// multipath route, of which a notification brings the whole set.
func (m *mirror) newRoute6(r *fact.Route, flags uint16) {
	if flags&(unix.NLM_F_REPLACE|unix.NLM_F_APPEND) == 0 && len(r.Nexthops) == 0 && !r.Gateway.IsValid() {
		m.putRoute(r, fact.ViaEvent)
		return
	}
	before := m.s.Routes.At(r.Slot())
	m.putRoute(r, fact.ViaEvent)
	switch {
	case flags&unix.NLM_F_REPLACE != 0:
		m.replaced(r, before)
	case flags&unix.NLM_F_APPEND != 0 || len(r.Nexthops) > 0 || len(before) > 0 && r.Gateway.IsValid():
		for _, old := range before {
			if !old.Same(r) && hopsWithin(old, r) {
				m.remove(routes6, fact.ViaEvent, old)
			}
		}
		m.want(1 << routes6)
	}
}

// hopsWithin reports whether all next hops of old are hops of multipath route
// r: then old is part of it now.
func hopsWithin(old, r *fact.Route) bool {
	if old.Type != r.Type || old.NexthopID != 0 || len(r.Nexthops) == 0 {
		return false
	}
	for _, l := range hops(old) {
		if !slices.ContainsFunc(r.Nexthops, func(k fact.Hop) bool {
			return k.Gateway == l.Gateway && k.Index == l.Index
		}) {
			return false
		}
	}
	return true
}

// hops returns the hops of a route; a plain one has one.
func hops(r *fact.Route) []fact.Hop {
	if len(r.Nexthops) > 0 {
		return r.Nexthops
	}
	return []fact.Hop{{Gateway: r.Gateway, Index: r.Index, Weight: 1, Flags: r.Flags}}
}

// putRoute applies a route that exists.
func (m *mirror) putRoute(r *fact.Route, via fact.Via) {
	t := routes4.of(r.Family)
	old := m.s.Routes.Find(r)
	if old != nil {
		keepExpiry(old, r, m.at.mono)
		if equalRoutes(old, r) {
			m.saw(t, old)
			return
		}
	}
	m.put(t, via, r)
	if old == nil && m.s.Routes.Len() > m.opt.RouterModeRoutes && !m.narrow {
		m.enterRouterMode()
	}
}

// expirySlack is how far two readings of one lifetime may differ: it is counted
// in clock ticks from the moment at which the kernel wrote the message.
const expirySlack = time.Second

// keepExpiry keeps the old date of a lifetime that was only read again.
func keepExpiry(old, r *fact.Route, now time.Duration) {
	if near(old.ExpiresAt, r.ExpiresAt, now) {
		r.ExpiresAt = old.ExpiresAt
	}
}

// near reports whether two dates of the end of one lifetime are the same, and
// still to come.
func near(old, read, now time.Duration) bool {
	return old > now && read != 0 && (old-read).Abs() < expirySlack
}

// equalRoutes compares all of two routes that are the Same.
func equalRoutes(a, b *fact.Route) bool {
	return a.Flags == b.Flags && a.MTU == b.MTU && a.Pref == b.Pref && a.ExpiresAt == b.ExpiresAt &&
		a.Gateway == b.Gateway && a.Index == b.Index &&
		fact.EqualHops(a.Nexthops, b.Nexthops, func(l, m fact.Hop) bool { return l == m })
}

// delRoute applies the end of a route.
func (m *mirror) delRoute(msg *routeMessage) {
	t := routes4.of(msg.Family)
	if old := m.s.Routes.Find(&msg.Route); old != nil {
		m.remove(t, fact.ViaEvent, old)
		return
	}
	// One leg of a multipath route, or a row that was not known.
	m.want(1 << t)
	for _, old := range m.s.Routes.At(msg.Slot()) {
		if next, ok := withoutLeg(old, &msg.Route); ok {
			m.put(t, fact.ViaEvent, next)
			m.remove(t, fact.ViaEvent, old)
			return
		}
	}
}

// withoutLeg returns multipath route r without the one leg that gone names.
func withoutLeg(r, gone *fact.Route) (*fact.Route, bool) {
	if len(r.Nexthops) < 2 || len(gone.Nexthops) > 0 {
		return nil, false
	}
	i := slices.IndexFunc(r.Nexthops, func(l fact.Hop) bool {
		return l.Gateway == gone.Gateway && l.Index == gone.Index
	})
	if i < 0 {
		return nil, false
	}
	next := *r
	next.Nexthops = slices.Delete(slices.Clone(r.Nexthops), i, i+1)
	if len(next.Nexthops) == 1 {
		l := next.Nexthops[0]
		next.Gateway, next.Index, next.Flags, next.Nexthops = l.Gateway, l.Index, r.Flags|l.Flags, nil
	}
	return &next, true
}

// dumpRoute applies a row of a dump of routes.
func (m *mirror) dumpRoute(body []byte) error {
	if m.narrow && !shortPrefix(body) {
		return nil
	}
	var msg routeMessage
	ok, err := decodeRoute(body, &msg)
	// A route whose life is over stays in the kernel's table for up to half a
	// minute, but no lookup uses it.
	if err != nil || !ok || msg.cloned || msg.left < 0 {
		return err
	}
	if r := m.route(&msg); !m.stage(r) {
		m.putRoute(r, m.via())
	}
	return nil
}
