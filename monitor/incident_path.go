package monitor

import (
	"slices"
	"time"
)

// A pathWatch turns the raw transitions of the path into faults.
type pathWatch struct {
	// last are the paths that the families had last, and gained since when.
	last [len(Families)]FamilyPath
	// moved are the changes from one way to another.
	moved [len(Families)]move
	// gone are the addresses that were removed last, by link and family.
	gone map[LinkFamily]goneAddress
}

// A move is a change of the way of a family without a loss.
type move struct {
	at   Instant
	from FamilyPath
}

// A goneAddress is an address that was removed.
type goneAddress struct {
	at      time.Duration
	address Untrusted
	expired bool
}

// removed notes an address that is removed by o, in the state before.
func (w *pathWatch) removed(o Observation, a *Address) {
	if w.gone == nil {
		w.gone = map[LinkFamily]goneAddress{}
	}
	w.gone[LinkFamily{a.Index, a.Family()}] = goneAddress{
		at: o.Mono, address: Untrusted(a.Local.String()), expired: LifetimeEnded(&o, a.ValidUntil),
	}
}

// scopeFamily returns the family that a scope is of, and its place.
func scopeFamily(scope ScopeName) (f Family, i int, ok bool) {
	for i, f := range Families {
		if ScopeName(f.Scope()) == scope {
			return f, i, true
		}
	}
	return 0, 0, false
}

// lostFault is the fault of a family whose path is lost by a transition.
func (w *pathWatch) lostFault(f Family, i int, at Instant, t *Transition) *fault {
	out := &fault{key: faultKey{path: true, family: f}, down: true, known: at, since: at, cause: t.Cause}
	if len(t.Cause) > 0 && t.Cause[0].Mono <= at.Mono {
		out.since = Instant{t.Cause[0].Time, t.Cause[0].Mono}
	}
	out.Root = w.root(f, w.last[i], t.Path, at.Mono)
	return out
}

// initialFault is the fault of a machine that never had a path while it was
// watched.
func (w *pathWatch) initialFault(at Instant, t *Transition) *fault {
	p := t.Path
	f := FamilyPath{Interface: p.Interface, Index: p.Index}
	return &fault{
		key: faultKey{path: true}, down: true, known: at, since: at,
		Root: rootOf(p.Reason, f),
	}
}

// root says why a family has no path any more: what is wrong with the interface
// that it went out by.
func (w *pathWatch) root(f Family, last FamilyPath, p *Path, at time.Duration) Root {
	reason := p.Family(f).Reason
	i := slices.IndexFunc(p.Interfaces, func(x InterfacePath) bool { return x.Index == last.Index })
	if i < 0 {
		return Root{What: InterfaceGone, Leg: LegLink, Interface: last.Interface, Index: last.Index}
	}
	own := p.Interfaces[i].Family(f).Reason
	if own == ReasonNone || own.Rank() >= ReasonNoRoute.Rank() {
		// It alone would do, or lacks only a route: what the machine as a whole
		// was refused is the reason.
		own = Further(ReasonNoRoute, reason)
	}
	out := rootOf(own, last)
	if out.Leg.Rank() > LegLink.Rank() {
		out.Family = f
	}
	if out.Leg != LegAddress {
		return out
	}
	if gone, ok := w.gone[LinkFamily{last.Index, f}]; ok && at-gone.at <= Precursor {
		out.Entity = gone.address
		if out.What == AddressLost && gone.expired {
			out.What = AddressExpired
		}
	}
	return out
}

// rootOf is the root that goes with a reason, of the way that was last.
func rootOf(r Reason, last FamilyPath) Root {
	out := Root{What: NoRoute, Leg: LegRoute, Interface: last.Interface, Index: last.Index}
	had := last.Source.IsValid() || last.Gateway.IsValid()
	switch r {
	case ReasonNoInterface:
		out.What, out.Leg = InterfaceGone, LegLink
	case ReasonRadioOff:
		out.What, out.Leg = RadioOff, LegRadio
	case ReasonAdminDown:
		out.What, out.Leg = AdminDown, LegLink
	case ReasonNoCarrier:
		out.What, out.Leg = CarrierLost, LegLink
	case ReasonNotAssociated:
		out.What, out.Leg = NotAssociated, LegRadio
	case ReasonNoAddress, ReasonConfiguring:
		out.What, out.Leg = NoAddress, LegAddress
		if had {
			out.What = AddressLost
		}
	case ReasonDADFailed:
		out.What, out.Leg = DADFailed, LegAddress
	case ReasonRouteBlocked:
		out.What = RouteBlocked
	case ReasonTunnelDown:
		out.What, out.Leg, out.Entity = TunnelDown, LegTunnel, last.Interface
	case ReasonNoRoute:
		if had {
			out.What, out.Entity = RouteWithdrawn, AddressEntity(last.Gateway)
		}
	}
	return out
}

// stolen reports whether a finding is that of a way that never worked since the
// family moved there from another that still would.
func (w *pathWatch) stolen(f *Finding, p *Path) (move, bool) {
	_, i, ok := scopeFamily(ScopeName(f.Family.Scope()))
	if !ok || f.Family == 0 || !f.Down || f.Leg != LegGateway && f.Leg != LegInternet {
		return move{}, false
	}
	m := w.moved[i]
	if m.at.Mono == 0 || f.Before > m.at.Mono || f.Since < m.at.Mono || f.Since-m.at.Mono > sameCause || m.from.Index == f.Index {
		return move{}, false
	}
	j := slices.IndexFunc(p.Interfaces, func(x InterfacePath) bool { return x.Index == m.from.Index })
	if j < 0 || p.Interfaces[j].Family(f.Family).Status != Satisfied {
		return move{}, false
	}
	return m, true
}
