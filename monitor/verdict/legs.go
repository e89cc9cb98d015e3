package verdict

import (
	"cmp"

	"flapscope/monitor/fact"
	"flapscope/monitor/path"
)

// legs writes down how each leg does, in the order of the way.
func (j *judge) legs() {
	for _, f := range fact.Families {
		t := &j.tallies[index(f)]
		j.tables(f, t)
		if t.way.Reason == path.ReasonNone {
			j.next(f, t)
		} else {
			j.skip(path.LegGateway, f, j.lacks(f))
		}
	}
	for i := range j.evidence.Outcomes {
		if o := &j.evidence.Outcomes[i]; o.Ask == Address && o.Role == fact.RoleResolver {
			j.named(o)
		}
	}
	for _, f := range fact.Families {
		t := &j.tallies[index(f)]
		if t.way.Reason != path.ReasonNone {
			j.skip(path.LegInternet, f, j.lacks(f))
			continue
		}
		j.beyond(f, t)
		j.page(f, t)
		j.sealed(f, t)
		j.wide(f, t)
	}
	j.standbys()
}

// lacks says why nothing of a family was asked.
func (j *judge) lacks(f fact.Family) path.What { return lack(j.tallies[index(f)].way.Reason) }

func (j *judge) leg(name path.LegName, f fact.Family, state LegState) *Leg {
	w := &j.evidence.Ways[index(f)]
	j.Legs = append(j.Legs, Leg{Name: name, Family: f, Interface: w.Interface, State: state})
	return &j.Legs[len(j.Legs)-1]
}

func (j *judge) skip(name path.LegName, f fact.Family, why path.What) {
	j.leg(name, f, LegSkipped).Finding.What = why
}

// tables are the legs that the kernel's tables know.
func (j *judge) tables(f fact.Family, t *tally) {
	w := t.way
	bad := lackLeg(w.Reason).Rank()
	for _, name := range [...]path.LegName{path.LegLink, path.LegAddress, path.LegRoute} {
		state := LegOK
		switch {
		case w.Reason == path.ReasonNone || name.Rank() < bad && lackLeg(w.Reason) != path.LegRadio:
		case name == lackLeg(w.Reason) || name == path.LegLink && lackLeg(w.Reason) == path.LegRadio:
			state = LegBad
			if j.alive[1-index(f)] && j.Root.Family != f && j.Root.What != lack(w.Reason) {
				state = LegSkipped
			}
		default:
			state = LegSkipped
		}
		l := j.leg(name, f, state)
		if state != LegOK {
			l.Finding.What = lack(w.Reason)
		}
	}
}

// next is the leg of the gateway, or of the tunnel that takes its place.
func (j *judge) next(f fact.Family, t *tally) {
	if !t.way.Gateway.IsValid() {
		l := j.leg(path.LegTunnel, f, LegOK)
		if x := j.shown(path.LegTunnel, f); x != nil {
			l.State, l.Finding = LegBad, *x
		} else if !t.alive() {
			l.State, l.Finding.Why = LegUnknown, t.silence()
		}
		return
	}
	l := j.leg(path.LegGateway, f, LegUnknown)
	l.Addr = t.way.Gateway
	if g := t.gateway; g != nil && g.ok() {
		l.RTT = g.RTT
	}
	switch x := j.shown(path.LegGateway, f); {
	case x != nil:
		l.State, l.Finding = LegBad, *x
		if x.What == path.Loss {
			l.State = LegDegraded
		}
	case t.passes() || t.way.Neighbour == NeighbourAlive || j.answers(t.way):
		l.State = LegOK
	case t.gateway != nil && t.gateway.silent():
		l.State, l.Finding = LegBad, Finding{What: path.GatewaySilent, Sent: t.gateway.Sent, Lost: t.gateway.Sent - t.gateway.Answered}
		if t.way.Neighbour == NeighbourFailed {
			l.Finding.What = path.GatewayUnresolved
		}
	default:
		l.Finding.Why = t.silence()
	}
}

// shown returns what is wrong with a leg of a family, or nil: the root before what it
// hides, which explains nothing and is wrong all the same.
func (j *judge) shown(name path.LegName, f fact.Family) *Finding {
	var x *Finding
	if j.Root.about(name, f) {
		return &j.Root
	}
	for i := range j.wrong {
		if w := &j.wrong[i]; w.about(name, f) && (x == nil || rank(w.What) < rank(x.What)) {
			x = w
		}
	}
	return x
}

// about reports whether a finding is of a leg of a family.
func (f *Finding) about(name path.LegName, family fact.Family) bool {
	return f.Leg == name && (f.Family == family || f.Family == 0)
}

// named is the leg of one name server.
func (j *judge) named(o *Outcome) {
	s := j.server(o.Addr)
	l := j.leg(path.LegDNS, o.Family, LegOK)
	l.Addr, l.RTT = o.Addr, o.RTT
	if o.Index != 0 {
		l.Interface, l.Own, l.Domain = o.Interface, true, o.Domain
	}
	if s.sealed != nil {
		l.Sealed = s.sealed.Result
	}
	notes := len(j.Notes)
	f := j.name(&s)
	j.Notes = j.Notes[:notes]
	switch {
	case o.Why == WhyFirewall:
		l.State, l.Finding = LegBad, j.of(LocalFirewall, path.LegDNS, o)
	case o.Why == WhyNoPath:
		l.State, l.Finding.What = LegSkipped, j.lacks(o.Family)
	case o.Result == "" || o.Result == fact.OutcomeNoData:
		l.State = LegUnknown
		l.Finding.Why = cmp.Or(o.Why, WhyOpen)
	case f.What == path.Latency || f.What != "" && f.Why == WhyAAAA:
		l.State, l.Finding = LegDegraded, f
	case f.What != "":
		l.State, l.Finding = LegBad, f
	}
}

// beyond is the leg of the internet.
func (j *judge) beyond(f fact.Family, t *tally) {
	l := j.leg(path.LegInternet, f, LegOK)
	l.RTT = t.rtt
	switch {
	case t.alive():
		if x := j.shown(path.LegInternet, f); x != nil {
			l.State, l.Finding = LegDegraded, *x
		}
	case !t.asked():
		l.State, l.Finding.Why = LegUnknown, t.silence()
	default:
		l.State = LegBad
		n := j.questions(f)
		l.Finding = Finding{What: path.UpstreamSilent, Sent: n, Lost: n}
		if t.no != nil {
			l.Finding = Finding{What: path.UpstreamUnreachable, Why: t.no.Why, By: t.no.By, From: t.no.From}
		} else if t.refused != 0 {
			l.Finding.What = path.UpstreamRefused
		}
	}
}

// page is the leg of the portal check.
func (j *judge) page(f fact.Family, t *tally) {
	switch p := t.page; {
	case p == nil && !t.alive():
		j.skip(path.LegPortal, f, path.UpstreamSilent)
	case p == nil && !j.evidence.Paged:
		j.skip(path.LegPortal, f, "not_configured")
	case p == nil:
		j.leg(path.LegPortal, f, LegUnknown).Finding.Why = WhyHostless
	default:
		l := j.leg(path.LegPortal, f, LegOK)
		l.RTT, l.Addr = p.RTT, p.Addr
		switch {
		case j.garden || p.Result == fact.OutcomePortal && j.portals:
			l.State, l.Finding = LegBad, j.Root
		case !p.ok():
			l.State, l.Finding = LegUnknown, j.of(CheckServer, path.LegPortal, p)
			switch {
			case p.silent():
				l.Finding.Said = "no answer"
			case p.Result == fact.OutcomeRefused:
				l.Finding.Said = "refused"
			}
		}
	}
}

// otherFamily says of TLS that it was asked for in the other family: it is made of the
// same servers, and certificates are large.
const otherFamily path.What = "other_family"

// sealed is the leg of TLS.
func (j *judge) sealed(f fact.Family, t *tally) {
	if t.secured == 0 && t.promised == 0 && t.accepted == 0 {
		return
	}
	l := j.leg(LegTLS, f, LegOK)
	l.RTT = t.opened
	switch x := j.shown(LegTLS, f); {
	case x != nil:
		l.State, l.Finding = LegBad, *x
	case t.accepted == 0 && !t.alive():
		l.State, l.Finding.What = LegSkipped, path.UpstreamSilent
	case t.accepted == 0:
		l.State, l.Finding.What = LegBad, HTTPSBlocked
	case t.secured != 0:
	case j.shown(LegTLS, fact.Families[1-index(f)]) != nil:
		// Connections are made; TLS was asked for in the other family, in vain.
		l.State, l.Finding.Why = LegUnknown, WhyOther
	default:
		l.State, l.Finding.What = LegSkipped, otherFamily
	}
}

// wide is the leg of how large packets may be.
func (j *judge) wide(f fact.Family, t *tally) {
	l := j.leg(LegMTU, f, LegOK)
	l.Finding.MTU = t.passed
	switch x := j.shown(LegMTU, f); {
	case x != nil:
		l.State, l.Finding = LegBad, *x
	case t.told != nil:
		l.Finding = Finding{MTU: t.told.MTU, By: t.told.By, From: t.told.From}
	case !t.alive():
		l.State, l.Finding.What = LegSkipped, path.UpstreamSilent
	case t.passed == 0:
		l.State, l.Finding.Why = LegUnknown, WhyNoPings
	}
}

// standbys are the legs of the gateways of interfaces that stand by, which decide
// nothing.
func (j *judge) standbys() {
	for i := range j.evidence.Outcomes {
		o := &j.evidence.Outcomes[i]
		if o.Role != fact.RoleStandby {
			continue
		}
		l := j.leg(LegStandby, o.Family, LegOK)
		l.Interface, l.Addr, l.RTT = o.Interface, o.Addr, o.RTT
		switch {
		case o.Result == "" || o.Result == fact.OutcomeNoData || o.Why == WhyFirewall:
			l.State, l.Finding.Why = LegUnknown, cmp.Or(o.Why, WhyOpen)
		case !o.ok():
			l.State, l.Finding = LegBad, j.of(path.GatewaySilent, LegStandby, o)
		}
	}
}
