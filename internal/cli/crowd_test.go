package cli

import (
	"fmt"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// crowd is a recording of a few kilobytes in which links appear within
// microseconds.
func crowd(t *testing.T, links int) string {
	t.Helper()
	var b strings.Builder
	const stamp = `{"time":"2026-11-21T09:00:00Z","mono_ns":%d,"kind":`
	fmt.Fprintf(&b, stamp+`"session","session":{"schema":1}}`+"\n", 1)
	fmt.Fprintf(&b, stamp+`"sync","op":"put","sync":{"source":"kernel"}}`+"\n", 2)
	for i := range links {
		fmt.Fprintf(&b, stamp+`"link","op":"put","link":{"ifindex":%d,"ifname":"v%d","type":"wired","flags":["UP","LOWER_UP"],"operstate":"UP"}}`+"\n", i+3, i+2, i)
	}
	return write(t, "crowd.flap.gz", b.String())
}

// TestCrowdIsReadAtOnce: a small file with thousands of interfaces costs what
// its size suggests, in memory and in time. All that is allocated bounds what is
// held at once.
func TestCrowdIsReadAtOnce(t *testing.T) {
	name := crowd(t, 3000)
	for _, args := range [][]string{{"events", name}, {"events", "--json", name}, {"history", "stats", name}} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		began := processorTime(t)
		out, bad, code := runMain(t, nil, args...)
		took := processorTime(t) - began
		runtime.ReadMemStats(&after)
		if code != 0 || len(out) == 0 {
			t.Errorf("%v: exit code %d: %s", args[:len(args)-1], code, bad)
		}
		if got := (after.TotalAlloc - before.TotalAlloc) >> 20; got > 250 {
			t.Errorf("%v: got %d MiB allocated, want at most 250", args[:len(args)-1], got)
		}
		if took > 20*time.Second {
			t.Errorf("%v: took %v, want a second or two", args[:len(args)-1], took)
		}
		t.Logf("%v: %d MiB allocated in %v", args[:len(args)-1], (after.TotalAlloc-before.TotalAlloc)>>20, took.Round(time.Millisecond))
	}
}

// processorTime is what this process has used so far.
func processorTime(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
