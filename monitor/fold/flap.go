package fold

import (
	"math"
	"time"

	"flapscope/monitor/path"
)

// A Flap is the damping state of one scope: fed with raw transitions, it knows
// whether the scope is flapping and what shows it. Its size is constant. Times
// are on the CLOCK_BOOTTIME axis and must not run backwards; one that does is
// taken as the newest seen.
//
// Penalty and deadline follow from the losses alone. They are never stepped, so
// how often Advance is called in between changes nothing, and a replay agrees
// with the live run.
type Flap struct {
	damping path.Damping
	// now is the newest time seen.
	now time.Duration
	// penalty is what the newest loss left, at penaltyAt. Decay is always
	// computed from here.
	penalty   float64
	penaltyAt time.Duration
	// until is when the penalty falls below Clear: the end of the run.
	until    time.Duration
	flapping bool
	side     side
	// sideAt is when the present side began, if sideKnown.
	sideAt    time.Duration
	sideKnown bool
	run       run
}

// A side is the newest raw status of a scope.
type side uint8

const (
	sideUnknown side = iota
	sideUp
	sideDown
)

// A run is a stretch of unrest: the losses since the penalty last was below
// Clear.
type run struct {
	losses      int
	since, last time.Duration
	up, down    stretches
}

// stretches sums up the lengths of completed stretches.
type stretches struct {
	n                      int
	shortest, longest, sum time.Duration
}

func (s *stretches) add(d time.Duration) {
	if s.n == 0 || d < s.shortest {
		s.shortest = d
	}
	s.longest = max(s.longest, d)
	s.sum += d
	s.n++
}

func (s *stretches) mean() time.Duration {
	if s.n == 0 {
		return 0
	}
	return s.sum / time.Duration(s.n)
}

// NewFlap returns the state of a scope that has not been seen to lose anything.
func NewFlap(d path.Damping) *Flap { return &Flap{damping: d} }

// Lose records that the scope's raw path was lost at the time given. A loss of
// what is lost already is no loss.
func (f *Flap) Lose(at time.Duration) {
	at = f.Advance(at)
	if f.side == sideDown {
		return
	}
	if at >= f.until {
		f.run = run{since: at}
	} else if f.sideKnown && f.side == sideUp {
		f.run.up.add(at - f.sideAt)
	}
	f.turn(sideDown, at)
	f.run.losses++
	f.run.last = at
	f.penalty = round(min(f.Penalty(at)+f.damping.Penalty, f.damping.Ceiling()))
	f.penaltyAt = at
	f.until = at + f.decay()
	f.flapping = f.until > at && (f.flapping || f.penalty >= f.damping.Raise)
}

// Gain records that the scope's raw path came back at the time given.
func (f *Flap) Gain(at time.Duration) {
	at = f.Advance(at)
	if f.side == sideUp {
		return
	}
	if f.sideKnown && f.side == sideDown && at < f.until {
		f.run.down.add(at - f.sideAt)
		f.run.last = at
	}
	f.turn(sideUp, at)
}

// Interrupt records a gap that ended at the time given: how long the present
// stretch lasted is unknown, and it will not be evidence.
func (f *Flap) Interrupt(at time.Duration) {
	f.Advance(at)
	f.sideKnown = false
}

// Advance lets time pass and returns the newest time seen. Call it at Deadline
// to see the end of flapping; other calls have no effect on any result.
func (f *Flap) Advance(at time.Duration) time.Duration {
	f.now = max(f.now, at)
	if f.now >= f.until {
		f.flapping = false
	}
	return f.now
}

// Penalty returns the decayed penalty at the time given, which must not be
// before the newest loss.
func (f *Flap) Penalty(at time.Duration) float64 {
	if at <= f.penaltyAt || f.penalty == 0 {
		return f.penalty
	}
	return f.penalty * f.damping.Decay(at-f.penaltyAt)
}

// Flapping reports whether the scope is flapping at the newest time seen.
func (f *Flap) Flapping() bool { return f.flapping }

// Deadline returns the instant at which flapping ends if nothing more is lost:
// the first at which the penalty is below Clear. It returns false when the
// scope is not flapping.
func (f *Flap) Deadline() (time.Duration, bool) {
	if !f.flapping {
		return 0, false
	}
	return f.until, true
}

func (f *Flap) turn(s side, at time.Duration) { f.side, f.sideAt, f.sideKnown = s, at, true }

// decay returns how long the newest loss's penalty takes to fall below Clear.
func (f *Flap) decay() time.Duration {
	if !(f.penalty >= f.damping.Clear) || f.damping.Clear <= 0 {
		return 0
	}
	lives := math.Log2(f.penalty / f.damping.Clear)
	d := time.Duration(lives * float64(f.damping.HalfLife))
	return d.Truncate(time.Microsecond) + time.Microsecond
}

// round drops the last bits of a penalty, and the microseconds of decay do so
// for the deadline: math.Exp2 and fused multiplication differ there between
// processors, and a replay elsewhere must raise and clear at the same instants.
func round(penalty float64) float64 { return math.Round(penalty*1000) / 1000 }
