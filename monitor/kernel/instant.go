//go:build linux

package kernel

import (
	"time"

	"flapscope/internal/boottime"
)

// An instant is one moment on both clocks.
type instant struct {
	// wall is the wall clock, with the reading of CLOCK_MONOTONIC that
	// package time adds.
	wall time.Time
	// mono is CLOCK_BOOTTIME.
	mono time.Duration
}

// now reads both clocks.
func now() instant { return instant{time.Now(), boottime.Now()} }

// asleep returns how long the machine was suspended between two instants: the
// time by which CLOCK_BOOTTIME went on further than CLOCK_MONOTONIC, which is
// the clock of timers.
func (i instant) asleep(since instant) time.Duration {
	return i.mono - since.mono - i.wall.Sub(since.wall)
}
