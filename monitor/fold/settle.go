package fold

import (
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/path"
)

// Holds are how long a change must hold before it is settled.
type holds struct {
	down, up time.Duration
	// unrest bounds how long a settled "satisfied" outlives what happens.
	maxPending time.Duration
	// grace is until when no loss is settled.
	grace time.Duration
}

// An evaluated is what one evaluation gives to every tracker.
type evaluated struct {
	now  fact.Instant
	path *path.Path
	// facts are the steps that chains are made of.
	facts *path.LastChanges
	// since is when the facts of this evaluation began to be held back, or now.
	since time.Duration
	// timed is the step that explains a change made by time alone.
	timed []path.Step
	// damping is that of trackers which begin now.
	damping path.Damping
}

// step takes the next evaluation of the scope, with its own path if it is that of
// an interface, and its support, and returns what it changed, in order.
func (t *tracker) step(e *evaluated, own *path.InterfacePath, support path.Support) []change {
	t.own = own
	defer t.settleDown()
	sig := t.signature(e.path)
	if !t.known {
		return t.begin(e, sig, support)
	}
	now := e.now.Mono
	before, last := t.versions.before(now), t.versions.newest()
	t.versions.push(now, support)
	if sig == t.raw {
		return nil
	}
	from := t.raw
	// What came at the instant of the last turn, but after it, counts.
	since := max(t.turnedAt, now-path.Precursor) - 1
	was := t.flap.Flapping()
	t.feedFlap(now, from, sig)
	cause := e.facts.Chain(before, support, since, sig.good())
	if len(cause) == 0 {
		// What changed twice within a precursor is as it was before: only the
		// last evaluation knows of the change between.
		cause = e.facts.Chain(last, support, e.since-1, sig.good())
	}
	if len(cause) == 0 {
		cause = e.timed
	}
	if from.good() != sig.good() {
		t.turned = heldTransition{base: before, since: since, cause: cause}
	}
	if from.good() || sig.good() {
		// From one reason to another the chain goes on; else a new one begins.
		t.turnedAt = e.since
		t.versions.forget()
	}
	t.raw, t.rawAt = sig, e.now
	path := t.carried(e.path)
	t.hold(e.now, path, heldTransition{base: before, since: since, cause: cause})
	c := change{at: e.now, transition: &Transition{
		Phase: PhaseRaw, Scope: t.scope, From: from.status, To: sig.status,
		FromReason: from.reason, Reason: sig.reason, Flapping: t.flap.Flapping(),
		Path: path, Cause: cause,
	}}
	if !was && t.flap.Flapping() {
		c.raised = t.evidence(now)
	}
	return []change{c}
}

// begin takes the first evaluation: there is nothing to hold it against, so it
// is settled at once.
func (t *tracker) begin(e *evaluated, sig signature, support path.Support) []change {
	now := e.now.Mono
	t.known, t.raw, t.rawAt = true, sig, e.now
	path := t.carried(e.path)
	t.settled, t.settledAt, t.settledPath, t.turnedAt = sig, e.now, path, now
	t.versions.push(now, support)
	t.flap = NewFlap(e.damping)
	if sig.good() {
		t.flap.Gain(now)
	} else {
		t.flap.Advance(now)
	}
	first := func(p Phase) *Transition {
		return &Transition{Phase: p, Initial: true, Scope: t.scope, To: sig.status, Reason: sig.reason, Path: path}
	}
	settled := first(PhaseSettled)
	settled.Declared, settled.DeclaredMono = e.now.Time, now
	return []change{{at: e.now, transition: first(PhaseRaw)}, {at: e.now, transition: settled}}
}

// feedFlap counts a loss or a gain in the damping.
func (t *tracker) feedFlap(at time.Duration, from, to signature) {
	switch {
	case from.good() && !to.good():
		t.spared = *t.flap
		t.flap.Lose(at)
	case !from.good() && to.good():
		t.flap.Gain(at)
	}
}

func (t *tracker) evidence(at time.Duration) *FlapEvidence {
	e := t.flap.Evidence(at)
	return &e
}

// hold keeps what is not settled yet after raw has changed.
func (t *tracker) hold(now fact.Instant, path *path.Path, d heldTransition) {
	d.at, d.good = now, t.raw.good()
	if t.raw == t.settled {
		t.pending = nil
	} else if t.pending == nil || t.pending.good != d.good {
		t.pending = &d
	}
	if t.settled.good() && !d.good {
		if t.loss == nil {
			u := d
			t.loss = &u
		}
		t.lost, t.lostPath = t.raw, path
	}
}

// deadline returns when the scope's settled path changes if nothing else
// happens, or false.
func (t *tracker) deadline(h holds) (time.Duration, bool) {
	at, found := t.flap.Deadline()
	earliest := func(d time.Duration) {
		if !found || d < at {
			at, found = d, true
		}
	}
	if t.pending != nil {
		earliest(t.pendingUntil(h))
	}
	if t.loss != nil {
		end, _ := t.lossUntil(h)
		earliest(end)
	}
	return at, found
}

// pendingUntil is when the pending transition is settled. While flapping, a
// loss is settled at once and a gain only after a whole window without loss:
// the settled path is then the worst raw one in the window.
func (t *tracker) pendingUntil(h holds) time.Duration {
	hold := h.down
	if t.pending.good {
		hold = h.up
	}
	if t.flap.Flapping() {
		hold = 0
		if t.pending.good {
			hold = max(h.down, h.up)
		}
	}
	end := t.pending.at.Mono + hold
	if !t.pending.good {
		end = max(end, h.grace)
	}
	return end
}

// lossUntil is when the loss that raw has left and come back from is decided:
// it is cleared when satisfied has held as long as a gain must, and else
// settled.
func (t *tracker) lossUntil(h holds) (end time.Duration, cleared bool) {
	end = max(t.loss.at.Mono+h.maxPending, h.grace)
	if over := t.rawAt.Mono + h.up; t.raw.good() && over <= end {
		return over, true
	}
	return end, false
}

// expire does what is due at an instant and returns what it changed; newest is the
// path of the last evaluation.
func (t *tracker) expire(h holds, facts *path.LastChanges, now fact.Instant, newest *path.Path) []change {
	defer t.settleDown()
	was := t.flap.Flapping()
	t.flap.Advance(now.Mono)
	out := t.declare(h, facts, now, newest)
	if was && !t.flap.Flapping() {
		out = append(out, change{at: now, cleared: t.evidence(now.Mono)})
	}
	return out
}

// declare settles what has held for long enough.
func (t *tracker) declare(h holds, facts *path.LastChanges, now fact.Instant, newest *path.Path) []change {
	if t.pending != nil && t.pendingUntil(h) <= now.Mono {
		return []change{t.settle(facts, now, t.pending, t.raw, t.carried(newest))}
	}
	if t.loss == nil {
		return nil
	}
	end, cleared := t.lossUntil(h)
	switch {
	case end > now.Mono:
		return nil
	case cleared:
		t.loss = nil
		return nil
	}
	c := t.settle(facts, now, t.loss, t.lost, t.lostPath)
	if t.raw.good() {
		d := t.turned
		d.at, d.good = t.rawAt, true
		t.pending = &d
	}
	return []change{c}
}

// settle makes a held transition the settled path, dated back to when it began.
func (t *tracker) settle(facts *path.LastChanges, now fact.Instant, d *heldTransition, to signature, path *path.Path) change {
	cause := facts.Chain(d.base, t.versions.newest(), d.since, to.good())
	if len(cause) == 0 {
		cause = d.cause
	}
	from := t.settled
	t.settled, t.settledAt, t.settledPath = to, d.at, path
	t.pending = nil
	if !to.good() {
		t.loss = nil
	}
	return change{at: d.at, transition: &Transition{
		Phase: PhaseSettled, Scope: t.scope, From: from.status, To: to.status,
		FromReason: from.reason, Reason: to.reason, Flapping: t.flap.Flapping(),
		Declared: now.Time, DeclaredMono: now.Mono, Path: path, Cause: cause,
	}}
}
