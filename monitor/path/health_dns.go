package path

import (
	"cmp"
	"slices"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// resolvers judges the name servers that queries go to. A stub on the loopback
// network answers for its upstreams, unless all of those are silent: then it
// lives off its cache. Those that are asked for names of their own domains alone, as
// those of VPNs, nobody else answers for.
func (e *healthEvaluator) resolvers() {
	counts := func(t *state.TargetState) bool {
		return !t.Addr.IsLoopback() && (t.Lost == 0 || e.path.Family(t.Family).Status == Satisfied)
	}
	v, trouble := e.servers(func(t *state.TargetState) bool { return counts(t) && !e.aside(t) })
	_, own := e.servers(func(t *state.TargetState) bool { return counts(t) && e.aside(t) })
	stub, which := e.servers(func(t *state.TargetState) bool { return t.Addr.IsLoopback() })
	if stub != state.VerdictUnknown && v != state.VerdictDown {
		v, trouble = stub, which
	}
	if len(e.path.Resolvers) > 0 && !e.path.DNS {
		v, trouble, own = state.VerdictDown, nil, nil
		e.found(e.wayless())
	}
	if trouble = append(trouble, own...); len(own) > 0 && v == state.VerdictOK {
		v = state.VerdictDegraded
	}
	e.out.DNS = v
	for _, t := range trouble {
		if out := e.resolver(t); out.What == Loss {
			e.lossyServer(t, out)
		} else {
			e.found(out)
		}
	}
}

// aside reports whether a name server is asked for a domain of its own interface.
func (e *healthEvaluator) aside(t *state.TargetState) bool {
	r := e.state.Resolvers["resolved"]
	return r != nil && t.Index != 0 && slices.Contains(r.Domains, fact.Domain{Name: t.Query, Index: t.Index})
}

// wayless is the finding that the kernel has no way to any name server. It holds for as
// long as that is so, whatever the probes say.
func (e *healthEvaluator) wayless() Finding {
	addr := e.path.Resolvers[0]
	f := fact.FamilyOf(addr)
	return Finding{
		Root: Root{What: ResolverUnreachable, Leg: LegDNS, Family: f, Index: e.path.Family(f).Index, Entity: AddressEntity(addr)},
		Down: true, Since: e.now, Words: "no way to a name server",
	}
}

// resolver is the finding of what is wrong with a name server.
func (e *healthEvaluator) resolver(t *state.TargetState) Finding {
	index := cmp.Or(t.Index, e.path.Family(t.Family).Index)
	name := "DNS " + t.Addr.String()
	if v, _ := t.Verdict(e.now); v == state.VerdictDegraded {
		return e.partial(LegDNS, t.Family, index, AddressEntity(t.Addr), name, t)
	}
	out := Finding{
		Root: Root{What: ResolverSilent, Leg: LegDNS, Family: t.Family, Index: index, Entity: AddressEntity(t.Addr)},
		Down: true, Since: t.LostSince, Before: t.Asked, Name: name, Words: said(t), Detail: said(t), Targets: []*state.TargetState{t},
	}
	if over := e.aheadSince(t); over != 0 {
		_, out.Since = t.LostFrom(over)
	}
	switch t.Outcome() {
	case fact.OutcomeRefused:
		out.What = ResolverRefused
	case fact.OutcomeBadAnswer:
		out.What = ResolverFailed
	}
	return e.locally(out)
}

// servers judges the name servers of a group together and returns those in
// trouble. One silent server of several makes every query that tries it first
// slow.
func (e *healthEvaluator) servers(in group) (v state.Verdict, trouble []*state.TargetState) {
	var known, down int
	for _, t := range e.targets {
		if t.Role != fact.RoleResolver || !in(t) {
			continue
		}
		got := e.judge(t)
		if got == state.VerdictUnknown || got == state.VerdictDown && e.excused(t) {
			continue
		}
		known++
		if got == state.VerdictDown {
			down++
		}
		if got != state.VerdictOK {
			trouble = append(trouble, t)
		}
	}
	switch {
	case known == 0:
		return state.VerdictUnknown, nil
	case down == known:
		return state.VerdictDown, trouble
	case trouble != nil:
		return state.VerdictDegraded, trouble
	}
	return state.VerdictOK, nil
}

// atOnce is how far apart what fails at one instant may be seen to: everything
// is asked each second, or as soon as something else is lost.
const atOnce = 2 * time.Second

// excused reports whether a name server that is silent may be well: it fell silent
// with the internet, of which it is not known yet whether it is, or with that or
// the gateway, and has not been asked often enough since those answer again.
func (e *healthEvaluator) excused(t *state.TargetState) bool {
	if since := e.undecidedSince[t.Family]; since != 0 && t.LostSince+atOnce >= since {
		return true
	}
	since := e.aheadSince(t)
	if since == 0 {
		return false
	}
	n, first := t.LostFrom(since)
	if n < state.DownLosses {
		return true
	}
	e.wake(first + state.DownAfter)
	return e.now < first+state.DownAfter
}

// aheadSince returns when what lies before a name server recovered, if it was
// silent when the name server fell silent, or 0.
func (e *healthEvaluator) aheadSince(t *state.TargetState) (since time.Duration) {
	for _, g := range e.targets {
		ahead := g.Family == t.Family && (g.Role == fact.RoleGateway || g.Role == fact.RoleInternet)
		if ahead && g.Lost == 0 && g.Well > t.LostSince && g.Before != 0 && t.LostSince > g.Before {
			since = max(since, g.Well)
		}
	}
	return since
}
