//go:build linux

package clock

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// childEnv makes the test binary a process that does nothing but watch the
// clocks and print what it sees.
const childEnv = "FLAPSCOPE_CLOCK_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childEnv) == "" {
		os.Exit(m.Run())
	}
	err := New().Run(context.Background(), printer{})
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// A printer prints one line for each observation.
type printer struct{}

func (printer) Update(fn func(*state.State, fact.Emit)) {
	fn(nil, func(o fact.Observation) {
		if g, ok := o.Fact.(*fact.Gap); ok {
			fmt.Printf("gap %s %d %d\n", g.Reason, g.From, g.To)
			return
		}
		fmt.Printf("%s %d\n", o.Fact.Kind(), o.Mono)
	})
}

func TestRead(t *testing.T) {
	before := time.Now()
	r, err := Read()
	if err != nil {
		t.Fatal(err)
	}
	if r.Wall.Before(before.Add(-time.Second)) || r.Wall.After(time.Now().Add(time.Second)) {
		t.Errorf("Wall = %v, want about %v", r.Wall, before)
	}
	d := Detector{Interval: time.Second}
	d.Step(r)
	again, err := Read()
	if err != nil {
		t.Fatal(err)
	}
	if again.Boot <= r.Boot || again.Monotonic <= r.Monotonic {
		t.Errorf("clocks went from %+v to %+v, want forward", r, again)
	}
	for _, g := range d.Step(again) {
		if g.Reason == fact.GapSuspend {
			t.Errorf("gap %+v with nobody asleep", g)
		}
	}
}

// A process that SIGSTOP stopped says for how long, to the tick.
func TestStoppedProcess(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe)
	cmd.Env = append(os.Environ(), childEnv+"=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()

	lines := bufio.NewScanner(out)
	if !lines.Scan() || !strings.HasPrefix(lines.Text(), "clock ") {
		t.Fatalf("first line %q, want a clock reading", lines.Text())
	}
	if err := cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	stop := time.Now()
	time.Sleep(3500 * time.Millisecond)
	stopped := time.Since(stop)
	if err := cmd.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}

	if !lines.Scan() {
		t.Fatal("no line after SIGCONT")
	}
	var reason string
	var from, to time.Duration
	if _, err := fmt.Sscanf(lines.Text(), "gap %s %d %d", &reason, &from, &to); err != nil {
		t.Fatalf("line %q: %v, want a gap", lines.Text(), err)
	}
	if reason != string(fact.GapStopped) || to-from < stopped {
		t.Errorf("gap %q of %v, want %q of at least %v", reason, to-from, fact.GapStopped, stopped)
	}
}
