package path

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// An Evaluation is what a state means at one instant, with the support of each
// scope.
type Evaluation struct {
	Path *Path
	// Supports are those of the machine and the families, tidy.
	Supports map[ScopeName]Support
	// Changed are the interfaces of which the path or its support is another than
	// in the evaluation before, by index.
	Changed []Change
	// Next is the instant at which time alone would change the evaluation (a
	// configuration window ends), or 0.
	Next time.Duration
	// disputed are the families without a path whose newest answer by the kernel
	// is known to be out of date: see disputes.
	disputed [len(fact.Families)]bool
}

// A Change is what an evaluation finds of an interface that is another than in
// the evaluation before.
type Change struct {
	Index int
	// Path and Support are nil where the interface is gone.
	Path    *InterfacePath
	Support Support
}

// evaluator carries what the steps of one evaluation share.
type evaluator struct {
	state    *state.State
	settings Settings
	now      time.Duration
	// rules are the grounds that the policy rules of each family are.
	rules [len(fact.Families)]Support
	// views are the interfaces in order of their index, and uplinks those of them
	// that could carry one.
	views, uplinks []*interfaceView
	out            *Evaluation
}

// begin begins an evaluation.
func (k *Evaluator) begin(s *state.State, now time.Duration) *evaluator {
	if k.rules == nil {
		k.rules = ruleGrounds(s)
	}
	return &evaluator{
		state: s, settings: k.settings, now: now, rules: *k.rules, views: k.views,
		out: &Evaluation{Path: &Path{}, Supports: map[ScopeName]Support{}},
	}
}

// familyIndex returns the place of a family among fact.Families.
func familyIndex(f fact.Family) int {
	if f == fact.IPv6 {
		return 1
	}
	return 0
}

// until takes into account that something ends at an instant, or nothing if that
// is 0.
func (e *evaluator) until(end time.Duration) {
	if e.out.Next == 0 || end != 0 && end < e.out.Next {
		e.out.Next = end
	}
}

// Rank is how far up the layers a reason lies; a larger one got further.
func (r Reason) Rank() int { return slices.Index(reasons[:], r) }

// reasons is in the order of the layers; satisfied is the top.
var reasons = [...]Reason{
	ReasonNoInterface, ReasonRadioOff, ReasonAdminDown, ReasonNoCarrier,
	ReasonNotAssociated, ReasonAuthenticating, ReasonNoAddress, ReasonDADFailed, ReasonConfiguring,
	ReasonNoRoute, ReasonRouteBlocked, ReasonTunnelDown, ReasonNone,
}

// statusOf is the status that goes with a reason.
func statusOf(r Reason) Status {
	switch r {
	case ReasonNone:
		return Satisfied
	case ReasonAuthenticating, ReasonConfiguring:
		return RequiresConnection
	}
	return Unsatisfied
}

// family evaluates one address family for the machine.
func (e *evaluator) family(f fact.Family) {
	var sup Support
	defer func() { e.out.Supports[ScopeName(f.Scope())] = sup.tidy() }()
	p := e.out.Path.Family(f)
	if e.settings.Interface != "" {
		e.restricted(f, p, &sup)
		return
	}
	answers := e.answers(f, 0)
	e.supportRules(f, &sup)
	refusal := ReasonNoRoute
	best := FamilyPath{Reason: ReasonNoInterface}
	for _, l := range answers {
		got := e.answer(f, l, &sup)
		if got.Reason == ReasonNone {
			*p = got
			p.Status = Satisfied
			return
		}
		if l.Err != "" {
			refusal = Further(refusal, got.Reason)
			continue
		}
		if got.Reason.Rank() > best.Reason.Rank() {
			best = got
		}
	}
	if best.Index == 0 {
		best = e.furthest(f, refusal, &sup)
	}
	if l := winner(answers); l != nil {
		best.DeadRoute = e.deadRoute(f, l)
	}
	*p = best
	p.Status = statusOf(p.Reason)
}

// Further returns the reason that lies higher up the layers.
func Further(a, b Reason) Reason {
	if b.Rank() > a.Rank() {
		return b
	}
	return a
}

// restricted is family for a run that watches one interface only.
func (e *evaluator) restricted(f fact.Family, p *FamilyPath, sup *Support) {
	*p = FamilyPath{Status: Unsatisfied, Reason: ReasonNoInterface}
	for _, v := range e.views {
		if v.link.Name == e.settings.Interface {
			*p = *v.path.Family(f)
			*sup = append(*sup, v.support...)
		}
	}
}

// furthest explains why no lookup gives an interface: the reason of the
// candidate that got furthest up the layers, and refusal when one has all but
// a route.
func (e *evaluator) furthest(f fact.Family, refusal Reason, sup *Support) FamilyPath {
	best, rank, noRoute := FamilyPath{Reason: ReasonNoInterface}, ReasonNoInterface.Rank(), ReasonNoRoute.Rank()
	candidates := e.candidates()
	*sup = e.candidateGrounds(f, candidates).join(sup.tidy())
	for _, v := range candidates {
		got, reason := v.rank(f), v.path.Family(f).Reason
		if got >= noRoute {
			// The interface alone would do, or lacks only a route: what the
			// machine as a whole was refused is the reason.
			got, reason = refusal.Rank(), refusal
		}
		if got > rank {
			rank, best = got, FamilyPath{Reason: reason, Interface: v.link.Name, Index: v.link.Index}
		}
	}
	supportBlock(e.state, f, sup)
	return best
}

// maxExplained bounds the candidates whose grounds a path rests on that none of
// them gives: of thousands, those that got furthest explain it.
const maxExplained = 64

// candidates returns the interfaces that could carry an uplink, by index.
func (e *evaluator) candidates() []*interfaceView {
	if e.uplinks == nil {
		e.uplinks = make([]*interfaceView, 0, len(e.views))
		for _, v := range e.views {
			if v.path.Candidate {
				e.uplinks = append(e.uplinks, v)
			}
		}
	}
	return e.uplinks
}

// candidateGrounds are the links and addresses of the candidates, none of which
// gives a path.
func (e *evaluator) candidateGrounds(f fact.Family, candidates []*interfaceView) Support {
	candidates = furthest(f, candidates)
	sup := make(Support, 0, 4*len(candidates)+16)
	// Layer by layer they are in order already.
	for _, v := range candidates {
		sup = append(sup, radioGround(e.state, v.link))
	}
	for _, v := range candidates {
		sup = append(sup, adminGround(v.link))
	}
	for _, v := range candidates {
		sup = append(sup, carrierGround(v.link))
	}
	for _, v := range candidates {
		e.supportAddresses(f, v.link, &sup)
	}
	return sup.tidy()
}

// furthest returns those of many candidates that got furthest up the layers, by
// index.
func furthest(f fact.Family, candidates []*interfaceView) []*interfaceView {
	if len(candidates) <= maxExplained {
		return candidates
	}
	var byRank [len(reasons)][maxExplained]*interfaceView
	var n [len(reasons)]int
	for _, v := range candidates {
		if r := v.rank(f); n[r] < maxExplained {
			byRank[r][n[r]] = v
			n[r]++
		}
	}
	chosen := make([]*interfaceView, 0, 2*maxExplained)
	for r := len(reasons) - 1; len(chosen) < maxExplained; r-- {
		chosen = append(chosen, byRank[r][:n[r]]...)
	}
	chosen = chosen[:maxExplained]
	slices.SortFunc(chosen, byIndex)
	return chosen
}

// answers returns the lookups of a family's representative destinations,
// bound to interface oif, in the order of Destinations.
func (e *evaluator) answers(f fact.Family, oif int) []*fact.Lookup {
	var out []*fact.Lookup
	for _, d := range fact.Destinations(f) {
		if l := e.state.Lookups[fact.Question{Family: f, Dst: d, OIF: oif}]; l != nil {
			out = append(out, l)
		}
	}
	return out
}

// answer judges one lookup: a success is not yet a usable path. The reason of
// the result is empty when it is.
func (e *evaluator) answer(f fact.Family, l *fact.Lookup, sup *Support) FamilyPath {
	p := FamilyPath{
		Index: l.Index, Interface: e.state.Name(l.Index), Gateway: l.Gateway,
		Source: l.Source, Table: l.Table, Metric: l.Metric,
	}
	supportLookup(l, sup)
	if l.Err != "" || l.Type != fact.RouteUnicast {
		supportBlock(e.state, f, sup)
		p.Reason = refusalReason(l)
		return p
	}
	v := e.view(l.Index)
	if v == nil {
		p.Reason = ReasonNoInterface
		return p
	}
	supportLink(e.state, v.link, sup)
	supportRoutes(e.state, l, sup)
	p.MTU = cmp.Or(l.MTU, v.link.MTU)
	p.Reason = v.linkReason
	// "linkdown" only repeats what the link says, later.
	if p.Reason == ReasonNone && l.Flags&fact.RouteDead != 0 {
		p.Reason = ReasonNoCarrier
	}
	if p.Reason == ReasonNone {
		p.Reason = e.sourceReason(f, l, v, sup)
	}
	if p.Reason == ReasonNone && v.link.Type == fact.TypeTunnel {
		p.Reason = e.tunnelReason(f, l, sup)
	}
	return p
}

// Overturns reports whether the evaluation takes the path of Families[i] away by
// inference alone; old is the evaluation before, or nil.
func (e *Evaluation) Overturns(old *Evaluation, i int) bool {
	return e.disputed[i] && old != nil && old.Path.Family(fact.Families[i]).Status == Satisfied
}

// Withhold returns the evaluation with the machine and the families that it
// overturns left as they were.
func (e *Evaluation) Withhold(old *Evaluation) *Evaluation {
	path, supports := *old.Path, maps.Clone(e.Supports)
	path.Interfaces = e.Path.Interfaces
	supports[ScopeMachine] = old.Supports[ScopeMachine]
	for i, f := range fact.Families {
		if scope := ScopeName(f.Scope()); e.Overturns(old, i) {
			supports[scope] = old.Supports[scope]
		} else {
			*path.Family(f) = *e.Path.Family(f)
		}
	}
	return &Evaluation{Path: &path, Supports: supports, Next: e.Next, Changed: e.Changed}
}

// disputes reports whether a family lost its path by inference alone while it
// may have another: the kernel's answer names an interface that can't carry it
// any more, and some other candidate carries it on its own. The kernel will
// answer anew.
func (e *evaluator) disputes(f fact.Family) bool {
	if e.out.Path.Family(f).Status == Satisfied || e.settings.Interface != "" {
		return false
	}
	return slices.ContainsFunc(e.answers(f, 0), func(l *fact.Lookup) bool {
		return l.Err == "" && l.Type == fact.RouteUnicast && slices.ContainsFunc(e.views, func(v *interfaceView) bool {
			return v.path.Candidate && v.link.Index != l.Index && v.path.Family(f).Status == Satisfied
		})
	})
}

// refusalReason maps the kernel's refusal to a reason. ENETUNREACH is "no
// route"; unreachable, prohibit and blackhole routes and rules give
// EHOSTUNREACH, EACCES and EINVAL (net/ipv4/fib_semantics.c, fib_props).
func refusalReason(l *fact.Lookup) Reason {
	switch {
	case l.Err == "ENETUNREACH" || l.OIF != 0 && l.Err == "EHOSTUNREACH":
		// Bound to an interface, IPv4 says EHOSTUNREACH for "no route" too.
		return ReasonNoRoute
	case l.Err != "":
		return ReasonRouteBlocked
	case l.Type == fact.RouteUnreachable, l.Type == fact.RouteProhibit, l.Type == fact.RouteBlackhole:
		return ReasonRouteBlocked
	}
	return ReasonNoRoute
}

// sourceReason judges the source address that the kernel would send from: it
// must be the machine's, wider than the link, and through with duplicate
// address detection. The kernel itself answers with link-local and tentative
// ones (weak host model).
func (e *evaluator) sourceReason(f fact.Family, l *fact.Lookup, v *interfaceView, sup *Support) Reason {
	if !l.Source.IsValid() {
		return e.addressReason(f, v.link, sup)
	}
	a := e.state.Source(l.Source)
	if a != nil {
		supportAddress(a, sup)
	}
	switch {
	case a == nil || l.Source.IsLinkLocalUnicast() || a.Scope >= fact.ScopeLink:
		return Further(ReasonNoAddress, e.addressReason(f, v.link, sup))
	case a.Usable():
		return ReasonNone
	case a.Flags&fact.AddrDADFailed != 0:
		return ReasonDADFailed
	}
	return ReasonConfiguring
}

// machine sums the families up.
func (e *evaluator) machine() {
	p := e.out.Path
	use := &p.IPv4
	if use.Reason != ReasonNone && p.IPv6.Reason.Rank() > use.Reason.Rank() {
		use = &p.IPv6
	}
	p.Status, p.Reason = statusOf(use.Reason), use.Reason
	p.Interface, p.Index, p.MTU, p.Table, p.Metric = use.Interface, use.Index, use.MTU, use.Table, use.Metric
	if l := e.state.Links[use.Index]; l != nil {
		p.Type = l.Type
	}
	p.Expensive, p.Constrained = e.costs(use.Index)
	var sup Support
	p.Tunnel = e.tunnel(&sup)
	e.resolvers()
	four, six := e.out.Supports[ScopeIPv4], e.out.Supports[ScopeIPv6]
	all := make(Support, 0, len(four)+len(six)+len(sup))
	e.out.Supports[ScopeMachine] = append(all, four...).join(six).join(sup.tidy())
}

// costs returns what traffic by an interface is: expensive, and to be kept low.
// What goes through a tunnel is paid for below it.
func (e *evaluator) costs(index int) (expensive, constrained bool) {
	l := e.state.Links[index]
	if l == nil {
		return false, false
	}
	if l.Type == fact.TypeTunnel {
		for _, f := range fact.Families {
			if v, _ := e.underlay(f, index); v != nil && v.link.Type != fact.TypeTunnel {
				l = v.link
				break
			}
		}
	}
	return e.state.Costs(l)
}
