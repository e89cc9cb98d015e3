package fold

import "time"

// A deadline is the next instant at which time alone changes something, if there is
// one, as it was after so many changes: each observation asks for it several times.
type deadline struct {
	at      time.Duration
	any     bool
	changes uint64
}

// Deadline returns the earliest instant at which time alone will change
// something, or false: call Advance then.
func (f *Fold) Deadline() (time.Duration, bool) {
	if f.due.changes != f.changes {
		at, ok := f.deadline()
		f.due = deadline{at, ok, f.changes}
	}
	return f.due.at, f.due.any
}

func (f *Fold) deadline() (time.Duration, bool) {
	h := f.holds()
	at, ok := f.scopes.deadline(h)
	for _, d := range [5]time.Duration{f.rested(f.evalNext()), f.health.deadline(h), f.roundEnd(), f.rested(f.holdUntil), f.troubles.deadline(h)} {
		if d != 0 && (!ok || d < at) {
			at, ok = d, true
		}
	}
	return at, ok
}
