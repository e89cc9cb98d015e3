package monitor

import "time"

// step takes the next evaluation of the scope and tells what it changed.
func (t *tracker) step(f *Fold, now instant, path *Path, support Support) {
	sig := signatureOf(path, t.scope, t.index)
	t.path = path
	if !t.known {
		t.begin(f, now, sig, support)
		return
	}
	before, last := t.versions.before(now.mono), t.versions.newest()
	t.versions.push(now.mono, support)
	if sig == t.raw {
		return
	}
	from := t.raw
	// What came at the instant of the last turn, but after it, counts.
	since := max(t.turnedAt, now.mono-precursor) - 1
	was := t.flap.Flapping()
	t.feedFlap(now.mono, from, sig)
	cause := f.ledger.chain(before, support, since, sig)
	if len(cause) == 0 {
		// What changed twice within a precursor is as it was before: only the
		// last evaluation knows of the change between.
		cause = f.ledger.chain(last, support, f.fresh-1, sig)
	}
	cause = f.accountFor(cause)
	if from.good() != sig.good() {
		t.turn = departure{base: before, since: since, cause: cause}
	}
	if from.good() || sig.good() {
		// From one reason to another the chain goes on; else a new one begins.
		t.turnedAt = f.fresh
		t.versions.forget()
	}
	t.raw, t.rawAt = sig, now
	raw := &Transition{
		Phase: PhaseRaw, Scope: t.scope, From: from.status, To: sig.status,
		FromReason: from.reason, Reason: sig.reason, Flapping: t.flap.Flapping(),
		Path: path, Cause: cause,
	}
	f.emitPath(now, raw)
	if !was && t.flap.Flapping() {
		f.episodes.flapping(f, now, t, raw)
	}
	t.depart(now, departure{base: before, since: since, cause: cause})
}

// begin takes the first evaluation: there is nothing to hold it against, so it
// is settled at once.
func (t *tracker) begin(f *Fold, now instant, sig signature, support Support) {
	t.known, t.raw, t.rawAt = true, sig, now
	t.settled, t.settledAt, t.settledPath, t.turnedAt = sig, now, t.path, now.mono
	t.versions.push(now.mono, support)
	t.flap = NewFlap(f.settings.Damping)
	if sig.good() {
		t.flap.Gain(now.mono)
	} else {
		t.flap.Advance(now.mono)
	}
	for _, phase := range []Phase{PhaseRaw, PhaseSettled} {
		tr := &Transition{Phase: phase, Initial: true, Scope: t.scope, To: sig.status, Reason: sig.reason, Path: t.path}
		if phase == PhaseSettled {
			tr.Declared, tr.DeclaredMono = now.time, now.mono
		}
		f.emitPath(now, tr)
	}
}

// feedFlap tells the damping of a loss or a gain.
func (t *tracker) feedFlap(at time.Duration, from, to signature) {
	switch {
	case from.good() && !to.good():
		t.flap.Lose(at)
	case !from.good() && to.good():
		t.flap.Gain(at)
	}
}

// depart keeps the books of what is not settled yet after raw has changed.
func (t *tracker) depart(now instant, d departure) {
	d.at, d.good = now, t.raw.good()
	if t.raw == t.settled {
		t.pending = nil
	} else if t.pending == nil || t.pending.good != d.good {
		t.pending = &d
	}
	if t.settled.good() && !d.good {
		if t.unrest == nil {
			u := d
			t.unrest = &u
		}
		t.lost, t.lostPath = t.raw, t.path
	}
}

// deadline returns when the scope's settled path changes if nothing else
// happens, or false.
func (t *tracker) deadline(f *Fold) (time.Duration, bool) {
	at, found := t.flap.Deadline()
	earliest := func(d time.Duration) {
		if !found || d < at {
			at, found = d, true
		}
	}
	if t.pending != nil {
		earliest(t.pendingDeadline(f))
	}
	if t.unrest != nil {
		end, _ := t.unrestDeadline(f)
		earliest(end)
	}
	return at, found
}

// pendingDeadline is when the pending departure is settled. While flapping, a
// loss is settled at once and a gain only after a whole window without loss:
// the settled path is then the worst raw one in the window.
func (t *tracker) pendingDeadline(f *Fold) time.Duration {
	hold := f.settings.SettleDown
	if t.pending.good {
		hold = f.settings.SettleUp
	}
	if t.flap.Flapping() {
		hold = 0
		if t.pending.good {
			hold = max(f.settings.SettleDown, f.settings.SettleUp)
		}
	}
	end := t.pending.at.mono + hold
	if !t.pending.good {
		end = max(end, f.graceUntil)
	}
	return end
}

// unrestDeadline is when the unrest ends: in calm, when satisfied has held as
// long as a gain must, or else in a loss.
func (t *tracker) unrestDeadline(f *Fold) (end time.Duration, calm bool) {
	end = max(t.unrest.at.mono+f.settings.MaxUnrest, f.graceUntil)
	if over := t.rawAt.mono + f.settings.SettleUp; t.raw.good() && over <= end {
		return over, true
	}
	return end, false
}

// expire does what is due at the deadline.
func (t *tracker) expire(f *Fold, now instant) {
	t.flap.Advance(now.mono)
	if t.pending != nil && t.pendingDeadline(f) <= now.mono {
		t.settle(f, now, t.pending, t.raw, t.path)
		return
	}
	if t.unrest == nil {
		return
	}
	end, calm := t.unrestDeadline(f)
	switch {
	case end > now.mono:
	case calm:
		t.unrest = nil
	default:
		t.settle(f, now, t.unrest, t.lost, t.lostPath)
		if t.raw.good() {
			d := t.turn
			d.at, d.good = t.rawAt, true
			t.pending = &d
		}
	}
}

// settle makes a departure the settled path, dated back to when it began.
func (t *tracker) settle(f *Fold, now instant, d *departure, to signature, path *Path) {
	cause := f.ledger.chain(d.base, t.versions.newest(), d.since, to)
	if len(cause) == 0 {
		cause = d.cause
	}
	from := t.settled
	t.settled, t.settledAt, t.settledPath = to, d.at, path
	t.pending = nil
	if !to.good() {
		t.unrest = nil
	}
	f.emitPath(d.at, &Transition{
		Phase: PhaseSettled, Scope: t.scope, From: from.status, To: to.status,
		FromReason: from.reason, Reason: to.reason, Flapping: t.flap.Flapping(),
		Declared: now.time, DeclaredMono: now.mono, Path: path, Cause: cause,
	})
}
