package live

import (
	"time"

	"flapscope/internal/boottime"
)

// Boottime is the Clock of this machine: CLOCK_REALTIME and CLOCK_BOOTTIME.
func Boottime() (time.Time, time.Duration) {
	mono := boottime.Now()
	// The monotonic reading is stripped: it stops in suspend, and differences
	// are taken of Mono only.
	return time.Now().Round(0), mono
}
