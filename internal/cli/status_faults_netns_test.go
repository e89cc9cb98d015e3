package cli_test

import (
	"encoding/json"
	"errors"
	"os/exec"
	"testing"
	"time"
)

// A toldStatus is what "status --json" says, as far as it is compared.
type toldStatus struct {
	said
	Path   struct{ Status string }
	Health struct {
		State, Gateway, DNS, Internet, Portal string
	}
	Undecided []struct{ Leg, Family, State, Text string }
}

// status runs "status --json" and returns what it says and how long it took.
func (l *faultLab) status(t *testing.T, args ...string) (got toldStatus, took time.Duration) {
	t.Helper()
	c := l.command(t, append(args, "--json")...)
	for i, a := range c.Args {
		if a == "check" {
			c.Args[i] = "status"
		}
	}
	began := time.Now()
	out, err := c.Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.ExitCode() != 1 || !ok && err != nil {
		t.Errorf("status: %v", err)
	}
	if err := json.Unmarshal(out, &got); err != nil {
		t.Errorf("status: %v: %s", err, out)
	}
	return got, time.Since(began)
}

// what is the word of the root.
func (s *said) what() string {
	if s.Verdict.Root == nil {
		return ""
	}
	return s.Verdict.Root.What
}

// statusBeside asks for a status while a diagnosis is made, and returns what compares
// both.
func (l *faultLab) statusBeside(t *trial, args []string) func(*said) {
	t.Helper()
	var got toldStatus
	var took time.Duration
	done := make(chan struct{})
	go func() {
		defer close(done)
		got, took = l.status(t.T, args...)
	}()
	return func(s *said) {
		<-done
		if took > 5*time.Second {
			t.Errorf("status took %v", took)
		}
		if s.Verdict.State == "offline" {
			if got.Path.Status == "satisfied" || got.Health.State != "unknown" {
				t.Errorf("status says %s, %s; check says offline", got.Path.Status, got.Health.State)
			}
			return
		}
		// Routers say to one of two who ask at once that there is no way, and to the other
		// nothing: families and notes may differ.
		if got.Path.Status != "satisfied" || got.Health.State != s.Verdict.State || got.what() != s.what() {
			t.Errorf("status says %s, %s %s; check says %s %s", got.Path.Status, got.Health.State, got.what(), s.Verdict.State, s.what())
		}
		for _, leg := range got.Undecided {
			if leg.State != "unknown" || leg.Text == "unknown" {
				t.Errorf("status does not say why it can't tell of %s over %s: %q", leg.Leg, leg.Family, leg.Text)
			}
			t.Logf("undecided: %s %s %s", leg.Leg, leg.Family, leg.Text)
		}
		t.Logf("%+v", got.Health)
	}
}

// TestStatusStandby: a status waits for the gateway of what stands by, and says whether
// it would do.
func TestStatusStandby(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: makes network namespaces")
	}
	l := newFaultLab(t)
	l.second(t)
	standby := func(when, want string) {
		got, _ := l.status(t)
		if got.Health.State != "online" {
			t.Errorf("%s: %+v, want online", when, got.Health)
		}
		for _, leg := range got.Legs {
			if leg.Leg == "standby" && leg.Entity == "10.60.0.1" {
				if leg.State != want {
					t.Errorf("%s: the standby is %s %s, want %s", when, leg.State, leg.Text, want)
				}
				return
			}
		}
		t.Errorf("%s: no standby among %+v", when, got.Legs)
	}
	standby("well", "ok")
	filter(t, l.g, "input", "iifname l3 icmp type echo-request drop")
	standby("ignores pings", "ok")
	l.g.Batch(t, "addr del 10.60.0.1/24 dev l3")
	l.h.Batch(t, "neigh flush all")
	standby("gone", "bad")
}

// TestCheckTwice: what the kernel has learned of the way's width in the last minutes is
// found out again, and not taken for that of the link.
func TestCheckTwice(t *testing.T) {
	l := newFaultLab(t)
	narrow(t, l)
	for range 2 {
		if s, _ := l.check(t); s.Verdict.State != "online" || s.notes() != "path_mtu" {
			t.Errorf("%s, %s; want online, and the note of the MTU", s.Verdict.State, s.notes())
		}
	}
}
