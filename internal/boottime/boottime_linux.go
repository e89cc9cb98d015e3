package boottime

import (
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Now reads CLOCK_BOOTTIME, which never steps and goes on in suspend.
func Now() time.Duration {
	var ts unix.Timespec
	// Announced to the runtime, as unix.ClockGettime does it, the call takes
	// longer than all else that is done with a notification of the kernel. It
	// can't fail: Linux has had the clock since 2.6.39.
	_, _, _ = unix.RawSyscall(unix.SYS_CLOCK_GETTIME, unix.CLOCK_BOOTTIME, uintptr(unsafe.Pointer(&ts)), 0)
	return time.Duration(ts.Nano())
}
