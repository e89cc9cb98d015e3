package cli

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"flapscope/internal/hostile"
	"flapscope/monitor/fact"
)

// A fakeCage takes away the file that is to be read, so that a command that
// opened it before is shown by its output.
type fakeCage struct {
	calls []string
	files []string
}

func (c *fakeCage) Start()  { c.calls = append(c.calls, "start") }
func (c *fakeCage) Opened() { c.calls = append(c.calls, "opened") }
func (c *fakeCage) Drop()   { c.calls = append(c.calls, "drop") }

func (c *fakeCage) ReadOnly(_ string, files ...string) {
	c.calls, c.files = append(c.calls, "read only"), append(c.files, files...)
	for _, f := range files {
		_ = os.Remove(f)
	}
}

// TestCaged: every command that is given a recording is in the cage before it
// opens it, and those of the history have no capability.
func TestCaged(t *testing.T) {
	s := newHostileStage(t)
	name := filepath.Join(s.dir, "a.flap.gz")
	for _, line := range append(slices.Clone(hostileCommands), "state -") {
		args := strings.Fields(strings.NewReplacer("FILE", name, "STREAM", name, "NEW", filepath.Join(s.dir, "new")).Replace(line))
		if c, _, err := s.app.Command().Find(args); err != nil || !c.HasParent() || strings.Contains(line, "--speed") {
			continue
		}
		if err := hostile.Write(name, s.lines); err != nil {
			t.Fatal(err)
		}
		c := &fakeCage{}
		s.app.Cage = c
		out := s.run(line, false, args)
		want := []string{"start", "read only"}
		switch {
		case (strings.HasPrefix(line, "history") || strings.HasPrefix(line, "incidents")) && !strings.Contains(line, "FILE"):
			want = []string{"start", "drop"}
		case args[len(args)-1] != "-" && (len(c.files) == 0 || c.files[0] != name):
			t.Errorf("%s: the cage has %q, not the file", line, c.files)
		case len(out) > 0 && args[len(args)-1] != "-" && !strings.Contains(string(out), "no such file"):
			t.Errorf("%s: printed %.100q of a file that it can't have opened in the cage", line, out)
		}
		if !slices.Equal(c.calls, want) {
			t.Errorf("%s: entered %q, want %q", line, c.calls, want)
		}
	}
}

// TestOpened: what only opening sockets needs is given up once.
func TestOpened(t *testing.T) {
	c := &fakeCage{}
	l := &openedListener{c}
	for _, source := range []string{"resolver", "kernel", "kernel"} {
		l.Observed(fact.Observation{Fact: &fact.Sync{Source: source}}, nil)
	}
	if !slices.Equal(c.calls, []string{"opened"}) {
		t.Errorf("entered %q", c.calls)
	}
}
