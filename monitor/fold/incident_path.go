package fold

import (
	"maps"
	"slices"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/path"
	"flapscope/monitor/state"
)

// A pathWatch turns the raw transitions of the path into faults.
type pathWatch struct {
	// state is the fold's.
	state *state.State
	// path is the one of the newest transition of a family.
	path *path.Path
	// last are the paths that the families had last, and gained since when.
	last [len(fact.Families)]path.FamilyPath
	// moved are the changes from one way to another.
	moved [len(fact.Families)]move
	// radio is what the radio of each interface said last.
	radio map[int]radioWord
	// gone are the addresses that were removed last, by link and family.
	gone map[state.LinkFamily]goneAddress
}

// A move is a change of the way of a family without a loss.
type move struct {
	at   fact.Instant
	from path.FamilyPath
}

// A goneAddress is an address that was removed.
type goneAddress struct {
	at      time.Duration
	address fact.Untrusted
	expired bool
}

// keepGone bounds the removed addresses that a loss may name: a host of containers
// makes new interfaces all the time.
const keepGone = 1024

// removed notes an address that is removed by o, in the state before.
func (w *pathWatch) removed(o fact.Observation, a *fact.Address) {
	if w.gone == nil {
		w.gone = map[state.LinkFamily]goneAddress{}
	}
	if len(w.gone) >= keepGone {
		maps.DeleteFunc(w.gone, func(_ state.LinkFamily, g goneAddress) bool { return o.Mono-g.at > path.Precursor })
	}
	if len(w.gone) >= keepGone {
		return
	}
	w.gone[state.LinkFamily{Index: a.Index, Family: a.Family()}] = goneAddress{
		at: o.Mono, address: fact.Untrusted(a.Local.String()), expired: fact.LifetimeEnded(&o, a.ValidUntil),
	}
}

// scopeFamily returns the family that a scope is of, and its place.
func scopeFamily(scope path.ScopeName) (f fact.Family, i int, ok bool) {
	for i, f := range fact.Families {
		if path.ScopeName(f.Scope()) == scope {
			return f, i, true
		}
	}
	return 0, 0, false
}

// lostFault is the fault of a family whose path is lost by a transition.
func (w *pathWatch) lostFault(f fact.Family, i int, at fact.Instant, t *Transition) *fault {
	out := &fault{
		key: faultKey{path: true, family: f}, down: true, known: at, since: at, cause: t.Cause,
		deadRoute: string(t.Path.Family(f).DeadRoute),
	}
	if len(t.Cause) > 0 && t.Cause[0].Mono <= at.Mono {
		out.since = fact.Instant{Time: t.Cause[0].Time, Mono: t.Cause[0].Mono}
	}
	if out.Root = w.root(f, w.last[i], t.Path, at.Mono, t.Cause); out.What == path.TunnelDown && out.Entity == w.last[i].Interface && w.bare(out.Index) {
		out.detail = "its program has let go of it"
	}
	return out
}

// initialFault is the fault of a machine that never had a path while it was
// watched.
func (w *pathWatch) initialFault(at fact.Instant, t *Transition) *fault {
	p := t.Path
	f := path.FamilyPath{Interface: p.Interface, Index: p.Index}
	return &fault{
		key: faultKey{path: true}, down: true, known: at, since: at,
		Root: rootOf(p.Reason, f),
	}
}

// root says why a family has no path any more: what is wrong with the interface
// that it went out by.
func (w *pathWatch) root(f fact.Family, last path.FamilyPath, p *path.Path, at time.Duration, cause []path.Step) path.Root {
	reason := p.Family(f).Reason
	i := slices.IndexFunc(p.Interfaces, func(x *path.InterfacePath) bool { return x.Index == last.Index })
	if i < 0 {
		return path.Root{What: path.InterfaceGone, Leg: path.LegLink, Interface: last.Interface, Index: last.Index}
	}
	own := p.Interfaces[i].Family(f).Reason
	if own == path.ReasonNone || own.Rank() >= path.ReasonNoRoute.Rank() {
		// It alone would do, or lacks only a route: what the machine as a whole
		// was refused is the reason.
		own = path.Further(path.ReasonNoRoute, reason)
	}
	if under := underlay(p, last, cause); own == path.ReasonTunnelDown && under != nil {
		own = under.Family(f).Reason
		last.Interface, last.Index = under.Name, under.Index
	}
	out := rootOf(own, last)
	if own == path.ReasonNoCarrier && p.Interfaces[i].Type == fact.TypeTunnel && p.Interfaces[i].Index == last.Index {
		// It has one while a program holds its other end (tun_net_open).
		out.What, out.Leg, out.Entity = path.TunnelDown, path.LegTunnel, last.Interface
	}
	if out.Leg.Rank() > path.LegLink.Rank() {
		out.Family = f
	}
	if out.What == path.RouteBlocked && w.state != nil {
		out.Entity = path.Blocker(w.state, f)
	}
	if out.What == path.DADFailed && w.state != nil {
		out.Entity = w.duplicate(last.Index, f)
	}
	if out.Leg != path.LegAddress || out.What == path.DADFailed {
		return out
	}
	if gone, ok := w.gone[state.LinkFamily{Index: last.Index, Family: f}]; ok && at-gone.at <= path.Precursor {
		out.Entity = gone.address
		if out.What == path.AddressLost && gone.expired {
			out.What = path.AddressExpired
		}
	}
	return out
}

// duplicate is the address of a link and family that is in use by another host, or
// nothing.
func (w *pathWatch) duplicate(index int, f fact.Family) (out fact.Untrusted) {
	for _, a := range w.state.Addresses {
		if a.Index == index && a.Family() == f && a.Flags&fact.AddrDADFailed != 0 && (out == "" || path.AddressEntity(a.Local) < out) {
			out = path.AddressEntity(a.Local)
		}
	}
	return out
}

// bare reports whether a link has no carrier.
func (w *pathWatch) bare(index int) bool {
	l := w.state.Links[index]
	return l != nil && !l.Carrier()
}

// underlay is the interface that failed under a tunnel, by what happened, or nil.
func underlay(p *path.Path, tunnel path.FamilyPath, cause []path.Step) *path.InterfacePath {
	for _, step := range cause {
		for _, x := range p.Interfaces {
			if x.Name == step.Interface && x.Index != tunnel.Index && x.Status != path.Satisfied {
				return x
			}
		}
	}
	return nil
}

// rootOf is the root that goes with a reason, of the way that was last.
func rootOf(r path.Reason, last path.FamilyPath) path.Root {
	out := path.Root{What: path.NoRoute, Leg: path.LegRoute, Interface: last.Interface, Index: last.Index}
	had := last.Source.IsValid() || last.Gateway.IsValid()
	switch r {
	case path.ReasonNoInterface:
		out.What, out.Leg = path.InterfaceGone, path.LegLink
	case path.ReasonRadioOff:
		out.What, out.Leg = path.RadioOff, path.LegRadio
	case path.ReasonAdminDown:
		out.What, out.Leg = path.AdminDown, path.LegLink
	case path.ReasonNoCarrier:
		out.What, out.Leg = path.CarrierLost, path.LegLink
	case path.ReasonNotAssociated, path.ReasonAuthenticating:
		out.What, out.Leg = path.NotAssociated, path.LegRadio
	case path.ReasonNoAddress, path.ReasonConfiguring:
		out.What, out.Leg = path.NoAddress, path.LegAddress
		if had {
			out.What = path.AddressLost
		}
	case path.ReasonDADFailed:
		out.What, out.Leg = path.DADFailed, path.LegAddress
	case path.ReasonRouteBlocked:
		out.What = path.RouteBlocked
	case path.ReasonTunnelDown:
		out.What, out.Leg, out.Entity = path.TunnelDown, path.LegTunnel, last.Interface
	case path.ReasonNoRoute:
		if had {
			out.What, out.Entity = path.RouteWithdrawn, path.AddressEntity(last.Gateway)
		}
	}
	return out
}

// stolen reports whether a finding is that of a way that never worked since the
// family moved there from another that still would.
func (w *pathWatch) stolen(f *path.Finding, p *path.Path) (move, bool) {
	_, i, ok := scopeFamily(path.ScopeName(f.Family.Scope()))
	if !ok || f.Family == 0 || !f.Down || f.Leg != path.LegGateway && f.Leg != path.LegInternet {
		return move{}, false
	}
	m := w.moved[i]
	if m.at.Mono == 0 || f.Before > m.at.Mono || f.Since < m.at.Mono || f.Since-m.at.Mono > sameCause || m.from.Index == f.Index {
		return move{}, false
	}
	j := slices.IndexFunc(p.Interfaces, func(x *path.InterfacePath) bool { return x.Index == m.from.Index })
	if j < 0 || p.Interfaces[j].Family(f.Family).Status != path.Satisfied {
		return move{}, false
	}
	return m, true
}
