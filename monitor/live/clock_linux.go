package live

import (
	"time"

	"golang.org/x/sys/unix"
)

// Boottime is the Clock of this machine: CLOCK_REALTIME and CLOCK_BOOTTIME.
func Boottime() (time.Time, time.Duration) {
	var ts unix.Timespec
	// The call fails only for an unknown clock; CLOCK_BOOTTIME is in Linux
	// since 2.6.39.
	_ = unix.ClockGettime(unix.CLOCK_BOOTTIME, &ts)
	// The monotonic reading is stripped: it stops in suspend, and differences
	// are taken of Mono only.
	return time.Now().Round(0), time.Duration(ts.Nano())
}
