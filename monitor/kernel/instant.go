package kernel

import (
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
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
func now() instant { return instant{time.Now(), boottime()} }

// asleep returns how long the machine was suspended between two instants: the
// time by which CLOCK_BOOTTIME went on further than CLOCK_MONOTONIC, which is
// the clock of timers.
func (i instant) asleep(since instant) time.Duration {
	return i.mono - since.mono - i.wall.Sub(since.wall)
}

// boottime reads CLOCK_BOOTTIME, which never steps and goes on in suspend.
func boottime() time.Duration {
	var ts unix.Timespec
	// Announced to the runtime, as unix.ClockGettime does it, the call takes
	// longer than all else that is done with a notification. It can't fail:
	// Linux has had the clock since 2.6.39.
	_, _, _ = unix.RawSyscall(unix.SYS_CLOCK_GETTIME, unix.CLOCK_BOOTTIME, uintptr(unsafe.Pointer(&ts)), 0)
	return time.Duration(ts.Nano())
}
