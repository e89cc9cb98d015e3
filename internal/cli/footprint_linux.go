package cli

import (
	"bytes"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// readUsage asks the kernel what this process has used: of its context switches the
// voluntary ones are those of a thread that waited and was woken up.
func readUsage() (usage, bool) {
	var r unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &r) != nil {
		return usage{}, false
	}
	u := usage{at: time.Now(), busy: time.Duration(r.Utime.Nano() + r.Stime.Nano()), wakeups: r.Nvcsw}
	// Where /proc is closed to what reads recordings, it is the most that was resident,
	// in KiB (getrusage(2)).
	u.memory = r.Maxrss << 10
	// The second figure of statm is what is resident, in pages (proc_pid_statm(5)).
	if b, err := os.ReadFile("/proc/self/statm"); err == nil {
		if f := bytes.Fields(b); len(f) > 1 {
			pages, _ := strconv.ParseInt(string(f[1]), 10, 64)
			u.memory = pages * int64(os.Getpagesize())
		}
	}
	return u, true
}
