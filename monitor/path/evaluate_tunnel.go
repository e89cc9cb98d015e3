package path

import (
	"flapscope/monitor/fact"
)

// tunnelReason judges the underlay of a tunnel that a lookup chose.
func (e *evaluator) tunnelReason(f fact.Family, l *fact.Lookup, sup *Support) Reason {
	if v, known := e.underlay(f, l.Index); known && v == nil {
		candidates := e.candidates()
		for _, c := range candidates[:min(len(candidates), maxExplained)] {
			supportLink(e.state, c.link, sup)
		}
		return ReasonTunnelDown
	} else if v != nil {
		supportLink(e.state, v.link, sup)
	}
	return ReasonNone
}

// underlay finds the interface that carries tunnel's own packets. known is
// false when nothing can be said: no candidate exists and no rule names a mark.
//
// The tunnel's socket mark is not readable without CAP_NET_ADMIN, but the
// policy that spares it from the tunnel is: "not fwmark M lookup T" (wg-quick)
// makes the source ask with mark M. Without such a rule it is the best
// interface that is satisfied on its own.
func (e *evaluator) underlay(f fact.Family, tunnel int) (_ *interfaceView, known bool) {
	marked := false
	for _, family := range [2]fact.Family{f, f ^ fact.IPv4 ^ fact.IPv6} {
		for _, d := range fact.Destinations(family) {
			for _, m := range e.marks() {
				l := e.state.Lookups[fact.Question{Family: family, Dst: d, Mark: m}]
				if l == nil {
					continue
				}
				marked = true
				if v := e.view(l.Index); l.Err == "" && v != nil && l.Index != tunnel && e.carries(family, v) {
					return v, true
				}
			}
		}
	}
	if marked {
		return nil, true
	}
	for _, v := range e.views {
		if !v.path.Candidate {
			continue
		}
		known = true
		if v.path.Status == Satisfied || e.onLinkOnly(f, v) {
			return v, true
		}
	}
	return nil, known
}

// carries reports whether an interface can send: link layers good and an
// address of the family.
func (e *evaluator) carries(f fact.Family, v *interfaceView) bool {
	var none Support
	return v.linkReason == ReasonNone && e.addressReason(f, v.link, &none) == ReasonNone
}

// onLinkOnly reports whether an interface lacks nothing but a default route:
// a tunnel set up with 0.0.0.0/1 + 128.0.0.0/1 or a host route to its peer
// needs no more.
func (e *evaluator) onLinkOnly(f fact.Family, v *interfaceView) bool {
	return v.path.Family(f).Reason == ReasonNoRoute || v.path.Family(f^fact.IPv4^fact.IPv6).Reason == ReasonNoRoute
}

// marks returns the marks of the "not fwmark M" rules, in order.
func (e *evaluator) marks() []uint32 { return TunnelMarks(e.state.Tables) }

// tunnel describes the tunnel that traffic goes through, if any: full when
// every representative destination of a family does, split when some do or a
// tunnel is merely up with an address of its own.
func (e *evaluator) tunnel(sup *Support) *Tunnel {
	for _, f := range fact.Families {
		var through, total int
		var first *interfaceView
		for _, l := range e.answers(f, 0) {
			total++
			if v := e.view(l.Index); l.Err == "" && v != nil && v.link.Type == fact.TypeTunnel {
				if first == nil {
					first = v
				}
				supportLookup(l, sup)
				supportRoutes(e.state, l, sup)
				through++
			}
		}
		if first == nil {
			continue
		}
		mode := TunnelSplit
		if through == total {
			mode = TunnelFull
		}
		return e.describe(f, first, mode, sup)
	}
	for _, v := range e.views {
		if v.link.Type != fact.TypeTunnel {
			continue
		}
		for _, f := range fact.Families {
			if e.carries(f, v) {
				return e.describe(f, v, TunnelSplit, sup)
			}
		}
	}
	return nil
}

func (e *evaluator) describe(f fact.Family, v *interfaceView, mode TunnelMode, sup *Support) *Tunnel {
	supportLink(e.state, v.link, sup)
	e.supportAddresses(f, v.link, sup)
	t := &Tunnel{Interface: v.link.Name, Index: v.link.Index, Mode: mode}
	if u, _ := e.underlay(f, v.link.Index); u != nil {
		t.Underlay = u.link.Name
	}
	return t
}
