//go:build linux

package kernel

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"flapscope/internal/netlab"
	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// A program is the real command, built once for a test.
type program struct {
	path, config string
}

func buildProgram(t *testing.T) program {
	t.Helper()
	dir := t.TempDir()
	p := program{filepath.Join(dir, "flapscope"), filepath.Join(dir, "config.toml")}
	if out, err := exec.Command("go", "build", "-o", p.path, "flapscope").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	const config = "[kernel]\naudit_interval = \"1h\"\nlink_audit_interval = \"1s\"\n[probes]\nenabled = false\n"
	if err := os.WriteFile(p.config, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	return p
}

// run returns what the command prints inside the namespace.
func (p program) run(t *testing.T, ns *netlab.Namespace, args ...string) []byte {
	t.Helper()
	var problem bytes.Buffer
	cmd := ns.Command(p.path, append(args, "--config", p.config)...)
	cmd.Stderr = &problem
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("flapscope %s: %v: %s", strings.Join(args, " "), err, problem.String())
	}
	return out
}

// foldFile folds the observations that "events --all --json" has printed.
func foldFile(name string) (*state.State, error) {
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	s := state.NewState()
	for line := range bytes.Lines(b) {
		if !bytes.HasSuffix(line, []byte("\n")) {
			break // It is being written.
		}
		o, err := fact.ParseObservation(line)
		if errors.Is(err, fact.ErrUnknownKind) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("%w in %s", err, line)
		}
		s.Apply(o)
	}
	return s, nil
}

// TestStormCommand blows the storm at the program itself: what "events --all
// --json" printed, folded here and by "state FILE", and what "state" says of
// now, must equal the kernel's tables at every quiet point. STORM_SEEDS and
// STORM_OPS are as for TestStorm, but there is one seed by default.
func TestStormCommand(t *testing.T) {
	p := buildProgram(t)
	seeds, ops, from := environ(t, "STORM_SEEDS", 1), environ(t, "STORM_OPS", 600), environ(t, "STORM_FROM", 1)
	for seed := uint64(from); seed < uint64(from+seeds); seed++ {
		t.Run(fmt.Sprintf("seed-%d", seed), func(t *testing.T) {
			t.Parallel()
			p.storm(t, newStorm(t, seed, seed%2 == 1), seed, ops)
		})
	}
}

func (p program) storm(t *testing.T, s *storm, seed uint64, ops int) {
	name := filepath.Join(t.TempDir(), "events.jsonl")
	out, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	events := s.ns.Command(p.path, "events", "--all", "--json", "--config", p.config)
	events.Stdout, events.Stderr = out, os.Stderr
	if err := events.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = events.Process.Signal(os.Interrupt)
		if err := events.Wait(); err != nil {
			t.Errorf("flapscope events: %v", err)
		}
	})
	time.Sleep(500 * time.Millisecond)
	const checks = 6
	for i := range checks {
		s.blow(ops/checks, netlab.NewHost())
		if d := p.drift(s, name); len(d) > 0 {
			t.Fatalf("seed %d check %d: %d rows differ (- kernel, + events):\n%s", seed, i, len(d), strings.Join(d, "\n"))
		}
		p.compareState(s, name)
	}
}

// drift is the storm's, of the tables that a stream of events gives.
func (p program) drift(s *storm, name string) []string {
	var d []string
	for range 4 {
		time.Sleep(s.quiet())
		kernel := kernelLines(s.t, s.ns)
		st, err := foldFile(name)
		if err != nil {
			s.t.Fatal(err)
		}
		if d = difference(kernel, mirrorLines(st.Tables)); len(d) == 0 {
			return nil
		}
	}
	return d
}

// compareState compares what "state" prints, of the stream and of now, with
// the fold of the stream, and again if a life ended in between.
func (p program) compareState(s *storm, name string) {
	s.t.Helper()
	var d []string
	for range 4 {
		if d = p.stateDrift(s, name); len(d) == 0 {
			return
		}
		time.Sleep(s.quiet())
	}
	s.t.Errorf("flapscope state differs (- events, + state):\n%s", strings.Join(d, "\n"))
}

func (p program) stateDrift(s *storm, name string) []string {
	s.t.Helper()
	st, err := foldFile(name)
	if err != nil {
		s.t.Fatal(err)
	}
	var d []string
	want := rowsOf(s.t, state.Describe(st))
	for _, args := range [][]string{{"state", name, "--json"}, {"state", "--json"}} {
		d = append(d, difference(want, rowsOf(s.t, json.RawMessage(p.run(s.t, s.ns, args...))))...)
	}
	return d
}

// rowsOf returns the rows of a document's tables, as JSON; but neighbours, which
// come to be silently.
func rowsOf(t *testing.T, document any) lines {
	t.Helper()
	b, err := json.Marshal(document)
	if err != nil {
		t.Fatal(err)
	}
	var tables map[string]json.RawMessage
	if err := json.Unmarshal(b, &tables); err != nil {
		t.Fatal(err)
	}
	var l lines
	for _, name := range []string{"links", "addresses", "routes", "rules", "nexthops"} {
		var rows []json.RawMessage
		if err := json.Unmarshal(tables[name], &rows); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, r := range rows {
			l.add("%s %s", name, r)
		}
	}
	return l
}
