package fold

import (
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/path"
	"flapscope/monitor/state"
)

// answerHold is how long a loss that is only inferred waits for the kernel's
// next answer where there may be another path. The answers are asked for within
// 10 ms of a change and take less than one.
const answerHold = 20 * time.Millisecond

// A Fold reduces observations to state, paths, transitions and episodes. It is
// deterministic: the same observations give the same events, whenever and
// however often Advance is called in between. It is not safe for concurrent
// use.
type Fold struct {
	settings    path.Settings
	state       *state.State
	lastChanges path.LastChanges
	paths       *path.Evaluator
	eval        *path.Evaluation
	scopes      scopes
	health      healthTracker
	episodes    episodes
	troubles    incidents
	connections connections
	quality     Quality
	// graceFrom and graceUntil are from and until when losses are not settled,
	// after a resume or an association.
	graceFrom, graceUntil time.Duration
	// graceOf is the interface whose association opened the grace, or 0.
	graceOf int
	// round is the instant of what is not evaluated yet: lookups, since the
	// answers of a round come one by one and what only some of them say was never
	// so, and what came while evaluations rest.
	round fact.Instant
	// restUntil is when the next evaluation may be made, and restedUntil when the
	// rest of all those made is over: see rest.
	restUntil, restedUntil time.Duration
	// holdUntil is until when an inferred loss waits for an answer, or 0, and
	// heldSince since when it does.
	holdUntil, heldSince time.Duration
	emit                 func(Event)
	// changes counts what made a new snapshot necessary.
	changes  uint64
	due      deadline
	snapshot *Snapshot
	shown    uint64
}

// NewFold returns a fold that knows nothing. emit is called for each event, in
// order, from within Observe and Advance; the event's pointers are immutable.
func NewFold(set path.Settings, emit func(Event)) *Fold {
	f := &Fold{
		settings: set, state: state.NewState(), emit: emit,
		lastChanges: path.NewLastChanges(), paths: path.NewEvaluator(set),
		health: newHealthTracker(), connections: newConnections(),
	}
	f.troubles.watch.state = f.state
	return f
}

// State returns the state. It must not be changed, and only read until the
// next call of Observe.
func (f *Fold) State() *state.State { return f.state }

// Settings returns the settings.
func (f *Fold) Settings() path.Settings { return f.settings }

// Observe folds one observation in, after everything that was due before it.
// An observation from before the newest one is taken to be of its instant.
func (f *Fold) Observe(o fact.Observation) {
	if o.Mono < f.state.Mono {
		o.Mono = f.state.Mono
	}
	f.Advance(o.Mono)
	if o.Fact.Kind() == fact.KindTraffic {
		return // says nothing of a path
	}
	f.lastChanges.Note(o, f.state)
	before, renewal := f.observedTarget(o.Fact), f.renews(o)
	now := fact.Instant{Time: o.Time, Mono: o.Mono}
	f.replaces(now, o)
	f.state.Apply(o)
	f.paths.Changed(o.Fact)
	f.changes++
	f.applied(now, o)
	target := f.state.Observed()
	if _, ok := o.Fact.(*fact.ProbeResult); !renewal && (!ok || !f.health.unmoved(before, target, o.Mono)) {
		f.react(now, o.Fact)
	}
	if o.Op == fact.Put {
		f.troubles.observed(now, o.Fact)
	}
	f.report(f.troubles.step(now, f.holds(), f.state, target))
	if c, ok := o.Fact.(*fact.Check); ok && len(c.Evidence) > 0 {
		f.report(f.troubles.examined(now, c))
	}
	// A snapshot that an event took on the way is not that of the end.
	f.changes++
	f.Advance(o.Mono)
}

// associated opens the grace of an association, and ends it with that: losses that
// a wrong password makes are no part of settling in.
func (f *Fold) associated(o fact.Observation, w *fact.Wifi) {
	if w.Event == fact.WifiRoamed && o.Op == fact.Put {
		for _, t := range f.scopes.list {
			if t.index == 0 || t.index == w.Index {
				t.spare(o.Mono)
			}
		}
		f.scopes.changed()
	}
	switch {
	case !w.Gain() && f.graceOf == w.Index:
		f.graceUntil, f.graceOf = 0, 0
	case w.Event == fact.WifiAssociated && o.Op == fact.Put && o.Via == fact.ViaEvent:
		f.grace(o.Mono, f.settings.AssociateGrace)
		f.graceOf = w.Index
	}
}

// grace opens a grace of d, unless the present one ends later.
func (f *Fold) grace(now, d time.Duration) {
	f.graceFrom, f.graceUntil = now, max(f.graceUntil, now+d)
}

// reached reports whether a result shows that something beyond this machine was
// reached: a resolver's stub on the loopback network answers from its cache
// while the radio still sleeps.
func (f *Fold) reached(r *fact.ProbeResult) bool {
	t := f.state.Targets[r.Target]
	return t != nil && t.Target.Answered(r.Outcome) && !t.Addr.IsLoopback() && t.Role != fact.RoleStandby
}

// observedTarget returns the target that a fact is about, or nil.
func (f *Fold) observedTarget(about fact.Fact) *state.TargetState {
	switch x := about.(type) {
	case *fact.ProbeResult:
		return f.state.Targets[x.Target]
	case *fact.Target:
		return f.state.Targets[x.ID]
	}
	return nil
}

// react evaluates what the observation may have changed.
func (f *Fold) react(now fact.Instant, changed fact.Fact) {
	if !f.state.Synced["kernel"] {
		return
	}
	switch changed.(type) {
	case *fact.Lookup:
		f.round = now
	case *fact.Link, *fact.Address, *fact.Rule, *fact.Resolvers, *fact.Wifi, *fact.Metering, *fact.Sync:
		if now.Mono < f.restUntil {
			f.round = now
			return
		}
		f.evaluate(now)
	case *fact.Target:
		f.connect(now)
		f.assess(now)
	case *fact.ProbeResult, *fact.Neighbour, *fact.Check, *fact.Capport:
		f.assess(now)
	}
}

// evaluate computes the paths anew and steps every scope. Timed explains what
// time alone changed.
func (f *Fold) evaluate(now fact.Instant, timed ...path.Step) {
	f.round = fact.Instant{}
	f.rest(now.Mono)
	eval := f.paths.Evaluate(f.state, now.Mono)
	since := now.Mono
	if f.waits(now.Mono, eval) {
		eval = eval.Withhold(f.eval)
	} else if f.holdUntil != 0 {
		since, f.holdUntil = f.heldSince, 0
	}
	old := eval
	if f.eval != nil {
		old = f.eval
	}
	for _, family := range fact.Families {
		if p := eval.Path.Family(family); p.Status == path.Satisfied {
			f.state.Renew(family, p.Index, p.Gateway, old.Path.Family(family).Status != path.Satisfied, now.Mono)
		}
	}
	f.eval = eval
	f.step(&evaluated{
		now: now, path: eval.Path, facts: &f.lastChanges, since: since, timed: timed,
		damping: f.settings.Damping,
	})
	f.connect(now)
	f.assess(now)
}

// connect lets the connections follow the newest evaluation.
func (f *Fold) connect(now fact.Instant) {
	if f.eval != nil && f.holdUntil == 0 {
		f.report(f.connections.step(now, f.paths, f.state, f.eval.Path))
	}
}

// Require lets the fold follow a connection with requirements, under a name.
func (f *Fold) Require(name fact.Untrusted, r *path.Request) { f.connections.require(name, r) }

// step gives the newest evaluation to the scopes: to the machine and the families,
// and to the interfaces that it changes.
func (f *Fold) step(e *evaluated) {
	f.scopes.follow(f.eval.Changed)
	for _, t := range f.scopes.list[:3] {
		f.apply(t.scope, t.step(e, nil, f.eval.Supports[t.scope]))
	}
	for _, c := range f.eval.Changed {
		if t := f.scopes.byIndex[c.Index]; t != nil {
			f.apply(t.scope, t.step(e, c.Path, c.Support))
		}
	}
	f.scopes.forget()
	f.scopes.changed()
}

// crowd is how many links a machine has at most that is evaluated at every
// change. With more, an evaluation costs what many changes do, and changes come
// by the thousand: a container host that starts, a switch that reboots.
const crowd = 64

// crowdBurst is how many evaluations of a crowd are made without rest.
const crowdBurst = 16

// rest puts the next evaluation of a crowd off, by the clock of the
// observations, when many were made just before: what changes then is seen
// together, at most 0.4 s later.
func (f *Fold) rest(now time.Duration) {
	each := time.Duration(0)
	if n := len(f.state.Links); n > crowd {
		each = min(time.Duration(n)*200*time.Microsecond, 400*time.Millisecond)
	}
	f.restedUntil = max(f.restedUntil, now) + each
	f.restUntil = f.restedUntil - crowdBurst*each
}

// assess evaluates health anew.
func (f *Fold) assess(now fact.Instant) {
	if f.eval != nil {
		f.health.assess(f.state, f.eval.Path, now)
		f.troubles.found(now, &f.health, f.state, f.eval.Path)
	}
}

// waits reports whether a loss is not to be believed yet. When a tunnel or an
// interface goes down and another default is there, that is known some
// milliseconds before the kernel's answer that names the other: the machine
// never was without a path in between.
func (f *Fold) waits(now time.Duration, eval *path.Evaluation) bool {
	lost := eval.Overturns(f.eval, 0) || eval.Overturns(f.eval, 1)
	if lost && f.holdUntil == 0 {
		f.holdUntil, f.heldSince = now+answerHold, now
	}
	return lost && now < f.holdUntil
}

// apply emits what a tracker found, and lets the episodes see it.
func (f *Fold) apply(scope path.ScopeName, changes []change) {
	for _, c := range changes {
		m := f.moment()
		if t := c.transition; t != nil {
			f.explained(t)
			f.emit(Event{Time: c.at.Time, Mono: c.at.Mono, Transition: t})
			f.report(f.episodes.transition(m, c.at, t))
			f.troubles.transition(c.at, t)
		}
		switch {
		case c.raised != nil:
			f.report(f.episodes.flapping(m, c.at, c.transition, c.raised))
		case c.cleared != nil:
			f.report(f.episodes.cleared(m.now, scope, c.cleared))
		}
	}
}

// explained counts a raw transition without a cause: the evaluation looked only
// at its support, so there must be one.
func (f *Fold) explained(t *Transition) {
	if t.Phase == PhaseRaw && !t.Initial && len(t.Cause) == 0 {
		f.quality.Unexplained++
	}
}

// report emits events in order.
func (f *Fold) report(events []Event) {
	if len(events) > 0 {
		f.changes++ // What is open leads the health of a snapshot.
	}
	for _, e := range events {
		if e.Episode != nil {
			f.troubles.episode(e.Episode)
		}
		if i := e.Incident; i != nil && i.Phase == PhaseOpen && !i.Note() {
			e.Evidence = evidence(f.state, f.eval.Path)
		}
		f.emit(e)
	}
}

// now is the newest instant folded.
func (f *Fold) now() fact.Instant { return fact.Instant{Time: f.state.Time, Mono: f.state.Mono} }

// moment is what surrounds a change found now.
func (f *Fold) moment() moment {
	return moment{
		now: f.now(), standing: f.scopes.satisfied(),
		state: f.state, path: f.eval.Path,
	}
}

// holds are how long a change must hold at present.
func (f *Fold) holds() holds {
	return holds{
		down: f.settings.SettleDown, up: f.settings.SettleUp,
		maxPending: f.settings.MaxUnrest, grace: f.graceUntil,
	}
}

// roundEnd is the first instant at which no lookup of the round can come and
// evaluations do not rest, or 0.
func (f *Fold) roundEnd() time.Duration {
	if f.round.Mono == 0 {
		return 0
	}
	return f.rested(f.round.Mono + 1)
}

// rested returns the instant at which an evaluation due at at is made, or 0.
func (f *Fold) rested(at time.Duration) time.Duration {
	if at == 0 {
		return 0
	}
	return max(at, f.restUntil)
}

func (f *Fold) evalNext() time.Duration {
	if f.eval == nil {
		return 0
	}
	return f.eval.Next
}

// Advance does everything that is due until mono (CLOCK_BOOTTIME), each thing
// at its own instant.
func (f *Fold) Advance(mono time.Duration) {
	for {
		at, ok := f.Deadline()
		if !ok || at > mono {
			return
		}
		f.expire(f.now().Add(max(0, at-f.state.Mono)))
	}
}

// Finish does everything that is due until mono, the end of what is observed.
// A round of lookups that ends there is complete, though no later instant says
// so.
func (f *Fold) Finish(mono time.Duration) {
	f.Advance(mono)
	if f.round.Mono != 0 && f.round.Mono <= mono {
		f.changes++
		f.evaluate(f.now())
		f.changes++ // As in Observe.
	}
}

// expire does what is due at one instant.
func (f *Fold) expire(now fact.Instant) {
	f.changes++
	f.state.Time, f.state.Mono = now.Time, now.Mono
	if now.Mono >= f.restUntil {
		f.expireEvaluation(now)
	}
	for _, t := range f.scopes.list {
		if !t.calm {
			f.apply(t.scope, t.expire(f.holds(), &f.lastChanges, now, f.eval.Path))
		}
	}
	f.scopes.changed()
	f.expireHealth(now)
	f.report(f.troubles.step(now, f.holds(), f.state, nil))
	f.changes++ // As in Observe.
}

// expireEvaluation makes the evaluations that are due at one instant.
func (f *Fold) expireEvaluation(now fact.Instant) {
	if f.round.Mono != 0 {
		at := f.round
		if f.restUntil > at.Mono {
			// What came while evaluations rested is seen now.
			at = now
		}
		f.evaluate(at, f.timed(now)...)
	}
	if steps := f.timed(now); steps != nil {
		f.evaluate(now, steps...)
	}
	if f.holdUntil != 0 && f.holdUntil <= now.Mono {
		f.evaluate(now)
	}
}

// timed explains what time alone changes in an evaluation at an instant, or nil
// if it does not.
func (f *Fold) timed(now fact.Instant) []path.Step {
	if at := f.evalNext(); at == 0 || at > now.Mono {
		return nil
	}
	return []path.Step{{
		Time: now.Time, Mono: now.Mono, Layer: fact.LayerAddress,
		Text: fact.Untrusted("no address within " + f.settings.Configure.String() + " of carrier"),
	}}
}

// expireHealth does what is due for health at one instant.
func (f *Fold) expireHealth(now fact.Instant) {
	if f.health.silent(now) {
		f.assess(now)
		if f.health.silent(now) {
			// A verdict that asks for an instant in the past would ask for ever.
			f.health.next = 0
		}
	}
	if at, ok := f.health.settle(f.holds(), now); ok {
		f.report(f.episodes.degraded(f.moment(), at, f.health.settled, f.health.steps(at, f.eval.Path.Interface)))
	}
}

// gap opens the grace that follows a resume, and counts.
func (f *Fold) gap(now fact.Instant, g *fact.Gap) {
	f.quality.count(g)
	f.episodes.gap(g)
	f.report(f.troubles.gap(now, g))
	if !g.Blind() {
		return
	}
	f.scopes.interrupt(now.Mono)
	// A stop of this process leaves the radio alone; a suspend does not.
	if g.Reason == fact.GapSuspend {
		f.grace(now.Mono, f.settings.ResumeGrace)
	}
}
