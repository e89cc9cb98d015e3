package monitor

import (
	"cmp"
	"slices"
	"time"
)

// The kinds of episode, in Episode.What. Ailments of health (degraded, portal,
// dns, no_internet) are named by ailment.
const (
	EpisodeOutage   = "outage"
	EpisodeFlapping = "flapping"
	EpisodeIPv4Lost = "ipv4_lost"
	EpisodeIPv6Lost = "ipv6_lost"
)

// keepEpisodes is how many closed episodes a snapshot carries.
const keepEpisodes = 16

// episodes finds the stretches of trouble in the settled transitions.
type episodes struct {
	count  int
	open   []*openEpisode
	closed []*Episode
}

// openEpisode is an episode that goes on.
type openEpisode struct {
	Episode
	// had are the families that were satisfied when an outage began.
	had [len(Families)]bool
	// ailment is whether probes found it, not the path.
	ailment bool
}

// transition opens, feeds and closes the episodes that a transition is about.
func (e *episodes) transition(f *Fold, at instant, t *Transition) {
	if t.Phase == PhaseRaw {
		if t.From == Satisfied && t.To != Satisfied {
			e.countFlap(t.Scope)
		}
		return
	}
	now := instant{t.Declared, t.DeclaredMono}
	switch t.Scope {
	case ScopeMachine:
		e.machine(f, at, now, t)
	case ScopeIPv4, ScopeIPv6:
		e.family(f, at, now, t)
	}
}

func (e *episodes) countFlap(scope ScopeName) {
	for _, o := range e.open {
		if o.Scope == scope {
			o.RawFlaps++
		}
	}
}

func (e *episodes) machine(f *Fold, at, now instant, t *Transition) {
	if t.To == Satisfied {
		o := e.close(f, EpisodeOutage, ScopeMachine, at, t.Cause)
		if o != nil {
			e.stillLost(f, at, o, t)
		}
		return
	}
	if e.find(EpisodeOutage, ScopeMachine) != nil {
		return
	}
	o := e.begin(f, EpisodeOutage, ScopeMachine, at, t)
	for i, family := range Families {
		tr := f.scopes.named(ScopeName(family.Scope()))
		o.had[i] = tr != nil && tr.settled.good()
	}
	e.announce(f, now, o)
}

// stillLost opens the loss of a family that an outage took and whose end did
// not bring back.
func (e *episodes) stillLost(f *Fold, at instant, o *openEpisode, t *Transition) {
	for i, family := range Families {
		scope := ScopeName(family.Scope())
		if o.had[i] && t.Path.Family(family).Status != Satisfied && e.find(lostName(scope), scope) == nil {
			lost := e.begin(f, lostName(scope), scope, at, t)
			lost.Reason, lost.Cause = t.Path.Family(family).Reason, o.Cause
			e.announce(f, instant{t.Declared, t.DeclaredMono}, lost)
		}
	}
}

func lostName(scope ScopeName) string {
	if scope == ScopeIPv6 {
		return EpisodeIPv6Lost
	}
	return EpisodeIPv4Lost
}

// family opens an episode for a family lost while the machine stays satisfied:
// otherwise the outage tells it.
func (e *episodes) family(f *Fold, at, now instant, t *Transition) {
	if t.To == Satisfied {
		e.close(f, lostName(t.Scope), t.Scope, at, t.Cause)
		return
	}
	machine := f.scopes.named(ScopeMachine)
	if t.From != Satisfied || !machine.settled.good() || !machine.raw.good() || e.find(lostName(t.Scope), t.Scope) != nil {
		return
	}
	e.announce(f, now, e.begin(f, lostName(t.Scope), t.Scope, at, t))
}

// flapping opens the flapping of a scope.
func (e *episodes) flapping(f *Fold, now instant, t *tracker, tr *Transition) {
	if t.scope != ScopeMachine && t.scope != ScopeIPv4 && t.scope != ScopeIPv6 && t.index == 0 {
		return
	}
	evidence := t.flap.Evidence(now.mono)
	start := now.add(evidence.Since - now.mono)
	o := e.begin(f, EpisodeFlapping, t.scope, start, tr)
	o.RawFlaps, o.Flap = evidence.Count, &evidence
	e.announce(f, now, o)
}

// calm closes the flapping of a scope.
func (e *episodes) calm(f *Fold, now instant, t *tracker) {
	if o := e.find(EpisodeFlapping, t.scope); o != nil {
		evidence := t.flap.Evidence(now.mono)
		o.Flap = &evidence
		e.close(f, EpisodeFlapping, t.scope, now, nil)
	}
}

// ailing closes the ailment that was, and opens the one that is.
func (e *episodes) ailing(f *Fold, at instant, what string) {
	for _, o := range slices.Clone(e.open) {
		if o.ailment && o.What != what {
			e.close(f, o.What, o.Scope, at, f.probeSteps(at))
		}
	}
	if what == "" || e.find(what, ScopeMachine) != nil {
		return
	}
	t := &Transition{Path: f.eval.Path, Cause: f.probeSteps(at)}
	o := e.begin(f, what, ScopeMachine, at, t)
	o.ailment = true
	e.announce(f, instant{f.state.Time, f.state.Mono}, o)
}

// probeSteps says in one step what the probes found.
func (f *Fold) probeSteps(at instant) []Step {
	h := f.health.known
	text := h.Text
	if text == "" {
		text = string(h.State)
	}
	name := Untrusted("")
	if f.eval != nil {
		name = f.eval.Path.Interface
	}
	return []Step{{Time: at.time, Mono: at.mono, Layer: LayerProbe, Interface: name, Text: text}}
}

func (e *episodes) find(what string, scope ScopeName) *openEpisode {
	for _, o := range e.open {
		if o.What == what && o.Scope == scope {
			return o
		}
	}
	return nil
}

// begin opens an episode and takes its evidence.
func (e *episodes) begin(f *Fold, what string, scope ScopeName, at instant, t *Transition) *openEpisode {
	e.count++
	o := &openEpisode{Episode: Episode{
		ID: e.count, What: what, Scope: scope, Reason: t.Reason, Open: true,
		Start: at.time, StartMono: at.mono, Cause: t.Cause,
		Interfaces: involved(t), Evidence: evidence(f.state, f.eval.Path),
	}}
	if what == EpisodeOutage || what == EpisodeIPv4Lost || what == EpisodeIPv6Lost {
		o.RawFlaps = 1
	}
	e.open = append(e.open, o)
	return o
}

// announce emits an episode's present form.
func (e *episodes) announce(f *Fold, now instant, o *openEpisode) {
	o.Duration = max(0, now.mono-o.StartMono-o.Gaps)
	ep := o.Episode
	f.emit(Event{Time: now.time, Mono: now.mono, Episode: &ep})
}

// close ends an episode at the instant given, which may lie in the past: it is
// dated back like the transition that ends it.
func (e *episodes) close(f *Fold, what string, scope ScopeName, at instant, recovery []Step) *openEpisode {
	o := e.find(what, scope)
	if o == nil {
		return nil
	}
	e.open = slices.DeleteFunc(e.open, func(x *openEpisode) bool { return x == o })
	o.Open, o.End, o.EndMono, o.Recovery = false, at.time, at.mono, recovery
	o.Duration = max(0, at.mono-o.StartMono-o.Gaps)
	ep := o.Episode
	e.closed = append(e.closed, &ep)
	if len(e.closed) > keepEpisodes {
		e.closed = slices.Delete(e.closed, 0, len(e.closed)-keepEpisodes)
	}
	f.emit(Event{Time: f.state.Time, Mono: f.state.Mono, Episode: &ep})
	return o
}

// gap takes blind time out of the durations of what is open.
func (e *episodes) gap(g *Gap) {
	if !g.Blind() {
		return
	}
	for _, o := range e.open {
		o.Gaps += max(0, g.To-max(g.From, o.StartMono))
	}
}

// involved returns the interfaces that the cause chain names, and the path's.
func involved(t *Transition) []Untrusted {
	var out []Untrusted
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
