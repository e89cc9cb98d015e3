package fold

import (
	"cmp"
	"slices"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/path"
	"flapscope/monitor/state"
)

// The kinds of episode, in Episode.What. Those of health (degraded, portal,
// dns, no_internet) are named by degradationOf.
const (
	EpisodeOutage   = "outage"
	EpisodeFlapping = "flapping"
	EpisodeIPv4Lost = "ipv4_lost"
	EpisodeIPv6Lost = "ipv6_lost"
)

// keepEpisodes is how many closed episodes a snapshot carries.
const keepEpisodes = 16

// episodes finds the stretches of trouble in the settled transitions. What
// opens or closes one is returned as events, in order.
type episodes struct {
	count  int
	open   []*openEpisode
	closed []*Episode
}

// openEpisode is an episode that goes on.
type openEpisode struct {
	Episode
	// had are the families that were satisfied when an outage began.
	had [len(fact.Families)]bool
	// probed is whether probes found it, not the path.
	probed bool
}

// A standing is which scopes were satisfied as a change was settled.
type standing struct {
	// machine is whether the machine's path is, both raw and settled.
	machine bool
	// families are whether the settled path of each is.
	families [len(fact.Families)]bool
}

// A moment is what surrounds a change that may open or close an episode.
type moment struct {
	// now is when the change became known.
	now      fact.Instant
	standing standing
	state    *state.State
	path     *path.Path
}

// transition opens, feeds and closes the episodes that a transition, dated at,
// is about.
func (e *episodes) transition(m moment, at fact.Instant, t *Transition) []Event {
	if t.Phase == PhaseRaw {
		if t.From == path.Satisfied && t.To != path.Satisfied {
			e.countFlap(t.Scope)
		}
		return nil
	}
	switch t.Scope {
	case path.ScopeMachine:
		return e.machine(m, at, t)
	case path.ScopeIPv4, path.ScopeIPv6:
		return e.family(m, at, t)
	}
	return nil
}

func (e *episodes) countFlap(scope path.ScopeName) {
	for _, o := range e.open {
		if o.Scope == scope {
			o.RawFlaps++
		}
	}
}

func (e *episodes) machine(m moment, at fact.Instant, t *Transition) []Event {
	if t.To == path.Satisfied {
		o, closed := e.close(m.now, EpisodeOutage, path.ScopeMachine, at, t.Cause)
		if o == nil {
			return nil
		}
		return append(closed, e.stillLost(m, at, o, t)...)
	}
	if e.find(EpisodeOutage, path.ScopeMachine) != nil {
		return nil
	}
	o := e.begin(m, EpisodeOutage, path.ScopeMachine, at, t)
	o.had = m.standing.families
	return []Event{o.event(declaredAt(t))}
}

// stillLost opens the loss of a family that an outage took and whose end did
// not bring back.
func (e *episodes) stillLost(m moment, at fact.Instant, o *openEpisode, t *Transition) (out []Event) {
	for i, family := range fact.Families {
		scope := path.ScopeName(family.Scope())
		if o.had[i] && t.Path.Family(family).Status != path.Satisfied && e.find(lostName(scope), scope) == nil {
			lost := e.begin(m, lostName(scope), scope, at, t)
			lost.Reason, lost.Cause = t.Path.Family(family).Reason, o.Cause
			out = append(out, lost.event(declaredAt(t)))
		}
	}
	return out
}

func lostName(scope path.ScopeName) string {
	if scope == path.ScopeIPv6 {
		return EpisodeIPv6Lost
	}
	return EpisodeIPv4Lost
}

// declaredAt is when a settled transition was declared.
func declaredAt(t *Transition) fact.Instant {
	return fact.Instant{Time: t.Declared, Mono: t.DeclaredMono}
}

// family opens an episode for a family lost while the machine stays satisfied:
// otherwise the outage covers it.
func (e *episodes) family(m moment, at fact.Instant, t *Transition) []Event {
	if t.To == path.Satisfied {
		_, closed := e.close(m.now, lostName(t.Scope), t.Scope, at, t.Cause)
		return closed
	}
	if t.From != path.Satisfied || !m.standing.machine || e.find(lostName(t.Scope), t.Scope) != nil {
		return nil
	}
	return []Event{e.begin(m, lostName(t.Scope), t.Scope, at, t).event(declaredAt(t))}
}

// flapping opens the flapping of a scope, raised by the transition at an
// instant.
func (e *episodes) flapping(m moment, at fact.Instant, t *Transition, evidence *FlapEvidence) []Event {
	o := e.begin(m, EpisodeFlapping, t.Scope, at.Add(evidence.Since-at.Mono), t)
	o.RawFlaps, o.Flap = evidence.Count, evidence
	return []Event{o.event(at)}
}

// cleared closes the flapping of a scope.
func (e *episodes) cleared(now fact.Instant, scope path.ScopeName, evidence *FlapEvidence) []Event {
	o := e.find(EpisodeFlapping, scope)
	if o == nil {
		return nil
	}
	o.Flap = evidence
	_, closed := e.close(now, EpisodeFlapping, scope, now, nil)
	return closed
}

// degraded takes in what probes find from an instant on. What is wrong may grow
// and change, and is one episode until all is well: it takes the worst name.
func (e *episodes) degraded(m moment, at fact.Instant, ill degradation, found []path.Step) []Event {
	o := e.probed()
	switch {
	case o == nil && ill.well():
		return nil
	case o == nil:
		o = e.begin(m, ill.what, ill.scope, at, &Transition{Path: m.path, Cause: found})
		o.probed = true
	case ill.well():
		at = fact.Instant{Time: o.Start, Mono: o.StartMono}.Add(max(0, at.Mono-o.StartMono))
		_, closed := e.close(m.now, o.What, o.Scope, at, found)
		return closed
	case !ill.worse(o):
		return nil
	default:
		o.What, o.Scope = ill.what, ill.scope
	}
	return []Event{o.event(m.now)}
}

// worse reports whether what is wrong is worse than what an open episode is
// called.
func (d degradation) worse(o *openEpisode) bool {
	was, is := slices.Index(worst, o.What), slices.Index(worst, d.what)
	return is < was || is == was && d.scope == path.ScopeMachine && o.Scope != path.ScopeMachine
}

// probed returns the open episode that probes found, or nil.
func (e *episodes) probed() *openEpisode {
	for _, o := range e.open {
		if o.probed {
			return o
		}
	}
	return nil
}

func (e *episodes) find(what string, scope path.ScopeName) *openEpisode {
	for _, o := range e.open {
		if o.What == what && o.Scope == scope {
			return o
		}
	}
	return nil
}

// begin opens an episode and takes its evidence.
func (e *episodes) begin(m moment, what string, scope path.ScopeName, at fact.Instant, t *Transition) *openEpisode {
	e.count++
	o := &openEpisode{Episode: Episode{
		ID: e.count, What: what, Scope: scope, Reason: t.Reason, Open: true,
		Start: at.Time, StartMono: at.Mono, Cause: t.Cause,
		Interfaces: involved(t), Evidence: evidence(m.state, m.path),
	}}
	if what == EpisodeOutage || what == EpisodeIPv4Lost || what == EpisodeIPv6Lost {
		o.RawFlaps = 1
	}
	e.open = append(e.open, o)
	return o
}

// event returns an episode's present form.
func (o *openEpisode) event(now fact.Instant) Event {
	o.Duration = max(0, now.Mono-o.StartMono-o.Gaps)
	ep := o.Episode
	return Event{Time: now.Time, Mono: now.Mono, Episode: &ep}
}

// close ends an episode at the instant given, which may lie in the past: it is
// dated back like the transition that ends it. It returns nil if there is none.
func (e *episodes) close(now fact.Instant, what string, scope path.ScopeName, at fact.Instant, recovery []path.Step) (*openEpisode, []Event) {
	o := e.find(what, scope)
	if o == nil {
		return nil, nil
	}
	e.open = slices.DeleteFunc(e.open, func(x *openEpisode) bool { return x == o })
	o.Open, o.End, o.EndMono, o.Recovery = false, at.Time, at.Mono, recovery
	o.Duration = max(0, at.Mono-o.StartMono-o.Gaps)
	ep := o.Episode
	e.closed = append(e.closed, &ep)
	if len(e.closed) > keepEpisodes {
		e.closed = slices.Delete(e.closed, 0, len(e.closed)-keepEpisodes)
	}
	return o, []Event{{Time: now.Time, Mono: now.Mono, Episode: &ep}}
}

// gap takes blind time out of the durations of what is open.
func (e *episodes) gap(g *fact.Gap) {
	if !g.Blind() {
		return
	}
	for _, o := range e.open {
		o.Gaps += max(0, g.To-max(g.From, o.StartMono))
	}
}

// involved returns the interfaces that the cause chain names, and the path's.
func involved(t *Transition) []fact.Untrusted {
	var out []fact.Untrusted
	for _, s := range t.Cause {
		if s.Interface != "" && !slices.Contains(out, s.Interface) {
			out = append(out, s.Interface)
		}
	}
	if n := t.Path.Interface; n != "" && !slices.Contains(out, n) {
		out = append(out, n)
	}
	return out
}

// worst orders open episodes by how much they matter.
var worst = []string{
	EpisodeOutage, "no_internet", "portal", "dns", "degraded",
	EpisodeIPv4Lost, EpisodeIPv6Lost, EpisodeFlapping,
}

// WorstEpisode returns the one of several open episodes that matters most, or
// nil if there is none.
func WorstEpisode(open []*Episode) *Episode {
	if len(open) == 0 {
		return nil
	}
	return slices.MinFunc(open, func(a, b *Episode) int {
		return cmp.Compare(slices.Index(worst, a.What), slices.Index(worst, b.What))
	})
}

// current returns the open episode that matters most, with its duration until
// now, or nil.
func (e *episodes) current(now time.Duration) *Episode {
	var best *openEpisode
	for _, o := range e.open {
		if best == nil || slices.Index(worst, o.What) < slices.Index(worst, best.What) {
			best = o
		}
	}
	if best == nil {
		return nil
	}
	ep := best.Episode
	ep.Duration = max(0, now-ep.StartMono-ep.Gaps)
	return &ep
}
