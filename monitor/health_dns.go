package monitor

import (
	"cmp"
	"time"
)

// resolvers judges the name servers that queries go to. A stub on the loopback
// network answers for its upstreams, unless all of those are silent: then it
// lives off its cache.
func (e *healthEvaluator) resolvers() {
	v, trouble := e.servers(func(t *TargetState) bool {
		return !t.Addr.IsLoopback() && (t.Lost == 0 || e.path.Family(t.Family).Status == Satisfied)
	})
	stub, which := e.servers(func(t *TargetState) bool { return t.Addr.IsLoopback() })
	if stub != VerdictUnknown && v != VerdictDown {
		v, trouble = stub, which
	}
	e.out.DNS = v
	for _, t := range trouble {
		e.found(e.resolver(t))
	}
}

// resolver is the finding of what is wrong with a name server.
func (e *healthEvaluator) resolver(t *TargetState) Finding {
	index := cmp.Or(t.Index, e.path.Family(t.Family).Index)
	name := "DNS " + t.Addr.String()
	if v, _ := t.Verdict(e.now); v == VerdictDegraded {
		return e.partial(LegDNS, t.Family, index, AddressEntity(t.Addr), name, t)
	}
	out := Finding{
		Root: Root{What: ResolverSilent, Leg: LegDNS, Family: t.Family, Index: index, Entity: AddressEntity(t.Addr)},
		Down: true, Since: t.LostSince, Before: t.Asked, Name: name, Words: said(t), Detail: said(t), Targets: []*TargetState{t},
	}
	if over := e.aheadSince(t); over != 0 {
		_, out.Since = t.LostFrom(over)
	}
	switch t.Outcome() {
	case OutcomeRefused:
		out.What = ResolverRefused
	case OutcomeBadAnswer:
		out.What = ResolverFailed
	}
	return out
}

// servers judges the name servers of a group together and returns those in
// trouble. One silent server of several makes every query that tries it first
// slow.
func (e *healthEvaluator) servers(in group) (v Verdict, trouble []*TargetState) {
	var known, down int
	for _, t := range e.targets {
		if t.Role != RoleResolver || !in(t) {
			continue
		}
		got := e.judge(t)
		if got == VerdictUnknown || got == VerdictDown && e.excused(t) {
			continue
		}
		known++
		if got == VerdictDown {
			down++
		}
		if got != VerdictOK {
			trouble = append(trouble, t)
		}
	}
	switch {
	case known == 0:
		return VerdictUnknown, nil
	case down == known:
		return VerdictDown, trouble
	case trouble != nil:
		return VerdictDegraded, trouble
	}
	return VerdictOK, nil
}

// excused reports whether a name server that is silent fell so with the gateway
// or the internet, has not been asked often enough since those answer again, and
// so may be well.
func (e *healthEvaluator) excused(t *TargetState) bool {
	since := e.aheadSince(t)
	if since == 0 {
		return false
	}
	n, first := t.LostFrom(since)
	if n < DownLosses {
		return true
	}
	e.wake(first + DownAfter)
	return e.now < first+DownAfter
}

// aheadSince returns when what lies before a name server recovered, if it was
// silent when the name server fell silent, or 0.
func (e *healthEvaluator) aheadSince(t *TargetState) (since time.Duration) {
	for _, g := range e.targets {
		ahead := g.Family == t.Family && (g.Role == RoleGateway || g.Role == RoleInternet)
		if ahead && g.Lost == 0 && g.Well > t.LostSince && g.Before != 0 && t.LostSince > g.Before {
			since = max(since, g.Well)
		}
	}
	return since
}
