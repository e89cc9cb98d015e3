package monitor

import "time"

// An Instant is one moment on both clocks: the wall clock for people, and
// CLOCK_BOOTTIME, which never jumps, for everything else.
type Instant struct {
	Time time.Time
	Mono time.Duration
}

// Add returns the instant d later.
func (i Instant) Add(d time.Duration) Instant { return Instant{i.Time.Add(d), i.Mono + d} }
