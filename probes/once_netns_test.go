package probes

import (
	"context"
	"encoding/json"
	"os"
	"testing"
	"time"

	"flapscope/internal/netlab"
	"flapscope/monitor/fact"
)

// askTargets asks targets once, in the mode and by the pinger that its first
// arguments name, and prints the results.
func askTargets(args []string) error {
	var targets []fact.Target
	for _, s := range args[2:] {
		t, err := ParseTarget(s)
		if err != nil {
			return err
		}
		targets = append(targets, t)
	}
	c := DefaultConfig()
	c.Timeout = time.Second
	all := probers(Portal{})
	all[fact.MethodPing] = pingers()[args[1]]
	return json.NewEncoder(os.Stdout).Encode(once(context.Background(), all, args[0], c, targets))
}

// TestOnce asks with the engine, and as where it does not build.
func TestOnce(t *testing.T) {
	t.Parallel()
	l := netlab.NewChain(t)
	l.Gateway.IP(t, "route add prohibit 203.0.113.2/32")
	serverIn(t, l.There, "198.51.100.2:80")
	targets := []string{"ping:198.51.100.2", "ping:2001:db8:2::2", "tcp:198.51.100.2:80", "tcp:198.51.100.2:81", "ping:203.0.113.2", "ping:198.51.100.77"}
	for pinger := range pingers() {
		for mode, ok := range map[string]fact.Outcome{ModeRaw: fact.OutcomeOK, ModeUnprivileged: fact.OutcomeOK, "": fact.OutcomeNoData} {
			want := []fact.Outcome{ok, ok, fact.OutcomeOK, fact.OutcomeRefused, fact.OutcomeTimeout, fact.OutcomeTimeout}
			if pinger == "engine" {
				// The library does not hear who refuses.
				want[4] = fact.OutcomeUnreachable
			}
			if mode == "" {
				want[4], want[5] = ok, ok
			}
			out, err := l.Here.Command(self(t), append([]string{"once", mode, pinger}, targets...)...).CombinedOutput()
			var got []fact.ProbeResult
			if err == nil {
				err = json.Unmarshal(out, &got)
			}
			if err != nil || len(got) != len(targets) {
				t.Fatalf("%v: %s", err, out)
			}
			for i, r := range got {
				if r.Outcome != want[i] || r.Outcome == fact.OutcomeOK && r.RTT <= 0 {
					t.Errorf("%s, mode %q, %s: %+v, want %s", pinger, mode, targets[i], r, want[i])
				}
			}
			// The gateway says once a second for its route that it refuses.
			time.Sleep(1100 * time.Millisecond)
		}
	}
}

// TestLibraryMode: how the library may ping where the engine does not build.
func TestLibraryMode(t *testing.T) {
	for goos, want := range map[string]string{"darwin": ModeUnprivileged, "windows": ModeRaw, "freebsd": ModeRaw} {
		if got := libraryMode(goos); got != want {
			t.Errorf("%s: %q, want %q", goos, got, want)
		}
	}
}
