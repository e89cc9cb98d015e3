package path

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// proofPatience is how long silence of ICMP waits for the TCP check that says
// a filter from an outage: its own timeout of 3 s and a second to be sent.
const proofPatience = 4 * time.Second

// EvaluateHealth says what the probes of s say about path p at the instant
// now, and returns the next instant at which silence alone would change that,
// or 0. It is pure: the result depends on the observations and now alone.
//
//   - Health is that of a satisfied path. Families without a path do not count.
//   - Of the internet targets of a family the best one speaks: trouble at one
//     operator is none of this machine's. Silence of every ping is an outage
//     only when no TCP check answers either or, where there is none, no public
//     name server.
//   - A gateway that answers no pings while something beyond it answers, or
//     while its neighbour entry is confirmed and it never answered any, filters
//     them. Loss at a gateway matters only when it shows beyond the gateway.
//   - A portal is believed at its first answer: somebody else answered in the
//     name of the portal target.
//   - No internet takes silence in every family that has a path and is probed,
//     and no answer to the portal check since. Where connections are tried and not
//     made, that answer shows a walled garden: the check passes, and nothing else.
//   - Nothing is online before the first look for a portal is over, or some seconds
//     have gone by.
func EvaluateHealth(s *state.State, p *Path, now time.Duration) (Health, time.Duration) {
	d := Diagnose(s, p, now)
	return d.Health, d.Next
}

// A Diagnosis is what the probes say at one instant: the health, what is wrong
// in the order from this machine outwards, and the next instant at which
// silence alone would change that, or 0.
type Diagnosis struct {
	Health   Health
	Findings []Finding
	// Notes are worth knowing and no trouble.
	Notes []Finding
	// Suspects may be, and it can't be told yet: what was found before is not over.
	Suspects []Finding
	Next     time.Duration
}

// Diagnose evaluates health as EvaluateHealth does, and says what is wrong.
func Diagnose(s *state.State, p *Path, now time.Duration) Diagnosis {
	e := healthEvaluator{state: s, path: p, now: now, out: UnknownHealth()}
	if p == nil || p.Status != Satisfied {
		return Diagnosis{Health: e.out}
	}
	e.targets = s.AllTargets()
	e.portal()
	e.capport()
	e.internet()
	e.gateways()
	e.ports()
	e.sizes()
	e.promote()
	e.out.Internet = e.together()
	e.resolvers()
	e.checked()
	e.conclude()
	return Diagnosis{e.out, e.findings, e.Notes, e.suspects, e.next}
}

// UnknownHealth is the health of which nothing is known.
func UnknownHealth() Health {
	return Health{
		State: HealthUnknown, Gateway: state.VerdictUnknown, DNS: state.VerdictUnknown,
		Internet: state.VerdictUnknown, Portal: state.VerdictUnknown,
		IPv4: state.VerdictUnknown, IPv6: state.VerdictUnknown,
	}
}

// healthEvaluator carries what the steps of one evaluation share.
type healthEvaluator struct {
	state    *state.State
	path     *Path
	now      time.Duration
	targets  []*state.TargetState
	findings []Finding
	Notes    []Finding
	suspects []Finding
	// strange is whether somebody else has answered the first look for a portal, and may
	// be a proxy.
	strange bool
	// waiting says what may be wrong and is not yet decided, or is empty.
	waiting string
	// undecidedSince is since when it may be the internet of a family, or 0.
	undecidedSince [fact.IPv6 + 1]time.Duration
	// undecidedLoss is what it would be.
	undecidedLoss [fact.IPv6 + 1]Finding
	// judged are the families whose internet is judged, the first known of them, and
	// named the verdict on the targets that belong to none.
	judged [3]fact.Family
	known  int
	named  state.Verdict
	out    Health
	next   time.Duration
}

// judge returns a target's own verdict and keeps its deadline.
func (e *healthEvaluator) judge(t *state.TargetState) state.Verdict {
	v, next := t.Verdict(e.now)
	e.wake(next)
	return v
}

// wake asks for an evaluation at the instant at, unless an earlier one is
// asked for.
func (e *healthEvaluator) wake(at time.Duration) {
	if at > e.now && (e.next == 0 || at < e.next) {
		e.next = at
	}
}

// A group picks some of the targets. Groups are functions rather than lists:
// health is evaluated after every probe, and lists would be garbage.
type group func(*state.TargetState) bool

// ofRole is the group of the targets of a role and family.
func ofRole(r fact.Role, f fact.Family) group {
	return func(t *state.TargetState) bool { return t.Role == r && t.Family == f }
}

// best returns the best verdict of a group and the target that has it.
func (e *healthEvaluator) best(in group) (state.Verdict, *state.TargetState) {
	v, which := state.VerdictUnknown, (*state.TargetState)(nil)
	for _, t := range e.targets {
		if !in(t) {
			continue
		}
		if got := e.judge(t); got.Rank() > v.Rank() {
			v, which = got, t
		}
	}
	return v, which
}

// internet judges each family that has a path.
func (e *healthEvaluator) internet() {
	// Targets known by name only belong to no family: 0.
	for _, f := range [...]fact.Family{fact.IPv4, fact.IPv6, 0} {
		if f != 0 && e.path.Family(f).Status != Satisfied || !slices.ContainsFunc(e.targets, ofRole(fact.RoleInternet, f)) {
			continue
		}
		v := e.beyond(f)
		switch f {
		case fact.IPv4:
			e.out.IPv4 = v
		case fact.IPv6:
			e.out.IPv6 = v
		default:
			e.named = v
		}
		e.judged[e.known] = f
		e.known++
	}
}

// beyond judges the internet in one family.
func (e *healthEvaluator) beyond(f fact.Family) state.Verdict {
	all := ofRole(fact.RoleInternet, f)
	pings := func(t *state.TargetState) bool { return t.Method == fact.MethodPing && all(t) }
	checks := func(t *state.TargetState) bool { return t.Method != fact.MethodPing && all(t) }
	v, which := e.best(pings)
	if v == state.VerdictUnknown {
		v, which = e.best(checks)
	}
	switch {
	case v == state.VerdictDegraded && which.Lossy != nil:
		e.lossy(f, which)
		return v
	case v == state.VerdictDegraded:
		p := e.path.Family(f)
		e.found(e.partial(LegInternet, f, p.Index, AddressEntity(p.Gateway), e.internetName(f), which))
		return v
	case v != state.VerdictDown:
		return v
	}
	if which.Method != fact.MethodPing {
		e.found(e.lostInternet(f, checks, checks))
		return state.VerdictDown
	}
	since := e.silence(pings)
	if e.internetAnswers(f, checks, since) {
		p := e.path.Family(f)
		e.Notes = append(e.Notes, Finding{
			Root: Root{What: ICMPFiltered, Leg: LegInternet, Interface: e.state.Name(p.Index), Index: p.Index, Family: f, Entity: AddressEntity(p.Gateway)},
			Note: true, Since: since, Name: e.internetName(f), Words: "answers no pings", Detail: filter(which), Targets: []*state.TargetState{which},
		})
		return state.VerdictFiltered
	}
	if patience := since + state.DownAfter + proofPatience; e.now < patience && e.undecided(checks, since) {
		e.wake(patience)
		e.undecidedSince[f] = since
		e.undecidedLoss[f] = e.locally(e.lostInternet(f, pings, checks))
		e.waiting = fmt.Sprintf("%s ping silent %d s", e.internetName(f), (e.now-since)/time.Second)
		return state.VerdictDegraded
	}
	lost := e.locally(e.lostInternet(f, pings, checks))
	if e.absent(&lost) {
		lost.What, lost.Words, lost.Note, lost.Down, lost.Interface = UpstreamAbsent, "absent", true, false, e.state.Name(lost.Index)
		e.Notes = append(e.Notes, lost)
		return state.VerdictUnknown
	}
	e.found(lost)
	return state.VerdictDown
}

// absent reports whether what was lost is an IPv6 internet that the gateway has no way
// to, while IPv4 is well: whoever tries is told at once and takes IPv4, and nothing is
// lost.
func (e *healthEvaluator) absent(lost *Finding) bool {
	if lost.Family != fact.IPv6 || lost.What != UpstreamUnreachable || e.undecidedSince[fact.IPv4] != 0 || e.out.IPv4.Rank() < state.VerdictDegraded.Rank() {
		return false
	}
	return slices.ContainsFunc(lost.Targets, func(t *state.TargetState) bool {
		r := t.Refusal
		return t.Lost > 0 && r != nil && (r.Detail == fact.DetailNoRoute || r.Detail == fact.DetailScope)
	})
}

// internetName is what the internet in one family is called: its family where
// another one is probed too.
func (e *healthEvaluator) internetName(f fact.Family) string {
	other := map[fact.Family]fact.Family{fact.IPv4: fact.IPv6, fact.IPv6: fact.IPv4}[f]
	if f == 0 || f == fact.IPv4 && (e.path.Family(other).Status != Satisfied || !slices.ContainsFunc(e.targets, ofRole(fact.RoleInternet, other))) {
		return "internet"
	}
	return f.Title() + " internet"
}

// lostInternet is the finding that the internet can't be reached in a family:
// silent since the last target of a group fell silent, unless most say
// otherwise, or the gateway does.
func (e *healthEvaluator) lostInternet(f fact.Family, silent, checks group) Finding {
	p := e.path.Family(f)
	out := Finding{
		Root:  Root{What: UpstreamSilent, Leg: LegInternet, Family: f, Index: p.Index, Entity: AddressEntity(p.Gateway)},
		Down:  true,
		Since: e.silence(silent),
		Name:  e.internetName(f), Words: "silent",
	}
	var refused, gone int
	var refusal *fact.ProbeResult
	for _, t := range e.targets {
		if !silent(t) && !checks(t) {
			continue
		}
		out.Targets = append(out.Targets, t)
		out.Before = max(out.Before, min(t.Asked, out.Since))
		switch {
		case t.Lost == 0:
		case t.Refusal != nil:
			gone++
			if refusal == nil || refusal.By == fact.RefuserRouter {
				refusal = t.Refusal
			}
		case t.Outcome() == fact.OutcomeRefused:
			refused++
		case t.Outcome() == fact.OutcomeUnreachable:
			gone++
			if refusal == nil && t.Last.By == fact.RefuserKernel {
				refusal = t.Last
			}
		}
	}
	if l := e.state.Links[p.Index]; l != nil && l.Type == fact.TypeTunnel {
		out.What, out.Leg, out.Entity = TunnelSilent, LegTunnel, l.Name
		out.Name = "tunnel " + l.Name.Display()
	}
	// Routers say so of one packet in a second or fewer.
	onTheWay := refusal != nil && refusal.By != fact.RefuserKernel
	switch {
	case refused > 0 && gone == 0:
		out.What, out.Words = UpstreamRefused, "refused"
	case gone > 0 && (2*gone >= len(out.Targets) || onTheWay):
		out.What, out.Words, out.Detail = UpstreamUnreachable, "unreachable", sayer(refusal)
	}
	return out
}

// sayer is who said that something can't be reached, and what else that was, or
// empty.
func sayer(r *fact.ProbeResult) string {
	if r == nil {
		return ""
	}
	who := "the gateway"
	switch r.By {
	case fact.RefuserRouter:
		who = "router " + r.From.String()
	case fact.RefuserKernel:
		who = "this kernel"
	}
	if detail := r.Detail.Display(); detail != "" && !strings.Contains(detail, "unreachable") {
		who += " (" + detail + ")"
	}
	return who
}

// silence returns when the last of the silent targets of a group fell silent.
func (e *healthEvaluator) silence(in group) (since time.Duration) {
	for _, t := range e.targets {
		if t.Lost > 0 && in(t) {
			since = max(since, t.LostSince)
		}
	}
	return since
}

// answered reports whether one of the targets of family f that match answered
// a question asked after the instant since.
func (e *healthEvaluator) answered(f fact.Family, since time.Duration, match group) bool {
	return slices.ContainsFunc(e.targets, func(t *state.TargetState) bool {
		return t.Family == f && t.Lost == 0 && t.Asked >= since && match(t)
	})
}

// internetAnswers reports whether the internet answered in family f since. An
// answer to a TCP check shows it; that of a public name server only where
// nothing is checked, since the provider's own answers from its cache when the
// rest of the internet is out of reach.
func (e *healthEvaluator) internetAnswers(f fact.Family, checks group, since time.Duration) bool {
	tried := func(t *state.TargetState) bool { return checks(t) && t.Lost > 0 }
	if v, _ := e.best(checks); v != state.VerdictUnknown || slices.ContainsFunc(e.targets, tried) {
		return e.answered(f, since, func(t *state.TargetState) bool { return t.Role == fact.RoleInternet })
	}
	return e.answered(f, since, func(t *state.TargetState) bool {
		return t.Role == fact.RoleResolver && public(t.Addr) && !e.onLink(t.Addr)
	})
}

// gatewayForwards reports whether anything that is not on the link itself
// answered in family f since.
func (e *healthEvaluator) gatewayForwards(f fact.Family, since time.Duration) bool {
	return e.answered(f, since, func(t *state.TargetState) bool {
		return t.Role == fact.RoleInternet || t.Role == fact.RoleResolver && !t.Addr.IsLoopback() && !e.onLink(t.Addr)
	})
}

// public reports whether an address belongs to no private network: not that of
// a site (RFC 1918, RFC 4193) nor that of a provider or overlay (RFC 6598).
func public(a netip.Addr) bool {
	b := a.As16()
	shared := a.Is4() && b[12] == 100 && b[13]&0xc0 == 64
	return a.IsGlobalUnicast() && !a.IsPrivate() && !shared
}

// onLink reports whether an address is in the prefix of one of this machine's.
func (e *healthEvaluator) onLink(a netip.Addr) bool {
	for _, own := range e.state.Addresses {
		if p, err := own.Local.Prefix(int(own.PrefixLen)); err == nil && p.Contains(a.WithZone("")) {
			return true
		}
	}
	return false
}

// undecided reports whether some check has not yet failed since.
func (e *healthEvaluator) undecided(checks group, since time.Duration) bool {
	return slices.ContainsFunc(e.targets, func(t *state.TargetState) bool {
		return checks(t) && (t.Lost == 0 || t.LostSince < since)
	})
}

// gateways judges the gateway of each family that has one. The worst counts.
func (e *healthEvaluator) gateways() {
	for _, f := range fact.Families {
		p := e.path.Family(f)
		for _, t := range e.targets {
			if t.Role != fact.RoleGateway || t.Family != f || p.Status != Satisfied || t.Index != p.Index || t.Addr != p.Gateway.WithZone("") {
				continue
			}
			v, worst := e.gatewayVerdict(f, t), &e.out.Gateway
			if v != state.VerdictUnknown && (*worst == state.VerdictUnknown || v.Rank() < worst.Rank()) {
				*worst = v
			}
		}
	}
}

// family returns the verdict of family f.
func (h *Health) family(f fact.Family) *state.Verdict {
	if f == fact.IPv6 {
		return &h.IPv6
	}
	return &h.IPv4
}

func (e *healthEvaluator) gatewayVerdict(f fact.Family, t *state.TargetState) state.Verdict {
	v := e.judge(t)
	switch {
	case v == state.VerdictDown && (e.gatewayForwards(f, t.LostSince) || e.confirmed(t)):
		return state.VerdictFiltered
	case v == state.VerdictDown:
		out := Finding{
			Root: Root{What: GatewaySilent, Leg: LegGateway, Family: f, Index: t.Index, Entity: AddressEntity(t.Addr)},
			Down: true, Since: t.LostSince, Before: t.Asked, Name: gatewayName(t), Words: "silent", Targets: []*state.TargetState{t},
		}
		if e.unresolved(t) {
			out.What, out.Words = GatewayUnresolved, "not found on the link"
		} else if e.foreign(f, t) {
			out.What, out.Detail = WrongNetwork, e.path.Family(f).Source.String()
		}
		e.found(e.locally(out))
	case v == state.VerdictDegraded && t.Lossy != nil:
		e.lossyGateway(f, t)
	case v == state.VerdictDegraded && *e.out.family(f) != state.VerdictOK:
		e.found(e.partial(LegGateway, f, t.Index, AddressEntity(t.Addr), gatewayName(t), t))
	}
	return v
}

func gatewayName(t *state.TargetState) string { return "gateway " + t.Addr.String() }

// unresolved reports whether the hardware address of a gateway is not known.
func (e *healthEvaluator) unresolved(t *state.TargetState) bool {
	n := e.state.Neighbours[fact.NeighbourKey{Index: t.Index, Dst: t.Addr}]
	return n != nil && n.State&(fact.NeighbourFailed|fact.NeighbourIncomplete) != 0
}

// confirmed reports whether a gateway never answered a ping, not even before a
// while without a carrier, and yet is known to be there by ARP or ND.
func (e *healthEvaluator) confirmed(t *state.TargetState) bool {
	n := e.state.Neighbours[fact.NeighbourKey{Index: t.Index, Dst: t.Addr}]
	return t.Answered == 0 && !t.Replied && n != nil && n.State&fact.NeighbourReachable != 0
}

// conclude puts the parts together. What is nearest to this machine comes
// first, since what lies beyond follows from it.
func (e *healthEvaluator) conclude() {
	h := &e.out
	if h.Internet == state.VerdictDown {
		e.enclosed()
	}
	slices.SortStableFunc(e.findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Leg.Rank(), b.Leg.Rank()), cmp.Compare(a.Family, b.Family))
	})
	h.Text = fact.Untrusted(e.waiting)
	if len(e.findings) > 0 {
		if h.Internet == state.VerdictDown && e.findings[0].Leg == LegInternet {
			e.findings[0].Name = "internet"
		}
		h.Text = fact.Untrusted(e.findings[0].text(e.now))
	}
	switch {
	case h.Portal == state.VerdictDown:
		h.State = HealthPortal
		i := slices.IndexFunc(e.findings, func(f Finding) bool { return f.Leg == LegPortal })
		h.Text = fact.Untrusted(e.findings[i].text(e.now))
	case h.Internet == state.VerdictDown:
		h.State = HealthNoInternet
	case h.Text != "":
		h.State = HealthDegraded
	case e.strange, e.awaitsPortal():
	case h.Internet == state.VerdictOK, h.Internet == state.VerdictFiltered, h.Portal == state.VerdictOK:
		h.State = HealthOnline
	}
}
