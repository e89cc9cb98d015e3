package fact

import "time"

// An Instant is one moment on both clocks: the wall clock for people, and
// CLOCK_BOOTTIME, which never jumps, for everything else.
type Instant struct {
	Time time.Time
	Mono time.Duration
}

// Add returns the instant d later.
func (i Instant) Add(d time.Duration) Instant { return Instant{i.Time.Add(d), i.Mono + d} }

// Back returns the instant at mono, or i itself where that is not before it or
// not known.
func (i Instant) Back(mono time.Duration) Instant {
	if mono <= 0 || mono >= i.Mono {
		return i
	}
	return i.Add(mono - i.Mono)
}
