package cli

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"flapscope/history/session"
	"flapscope/monitor/fact"
	"flapscope/monitor/path"
)

// killed writes what a program leaves that is killed just after the kernel's
// answers to a loss: they are its last lines.
func killed(t *testing.T) string {
	t.Helper()
	at, mono := time.Date(2026, 11, 20, 14, 0, 0, 0, time.UTC), 100*time.Hour
	name := filepath.Join(t.TempDir(), "a"+session.Suffix)
	w, err := session.Create(name, at, mono, session.Header{Settings: path.DefaultSettings()}, nil)
	if err != nil {
		t.Fatal(err)
	}
	observe := func(facts []fact.Fact) {
		at, mono = at.Add(time.Second), mono+time.Second
		for _, f := range facts {
			if err := w.Append(&fact.Observation{Time: at, Mono: mono, Op: fact.Put, Fact: f}); err != nil {
				t.Fatal(err)
			}
		}
	}
	observe(wired(true))
	observe(slices.DeleteFunc(wired(false), func(f fact.Fact) bool { return f.Kind() != fact.KindLookup }))
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return name
}

// TestKilledShowsTheLastTransition: what the last lines of a recording show is
// shown by whatever reads it, though no line after them says that the round of
// lookups is complete.
func TestKilledShowsTheLastTransition(t *testing.T) {
	name := killed(t)
	stdout, stderr, code := runMain(t, nil, "events", "--verbose", name)
	if code != 0 || !strings.Contains(stdout, "no_route") && !strings.Contains(stdout, "no route") {
		t.Errorf("events: exit code %d, and the loss is missing:\n%s%s", code, stdout, stderr)
	}
	r, _ := readAll(t, name)
	if s := r.Snapshot(); s == nil || s.Raw == nil || s.Raw.Status != path.Unsatisfied {
		t.Errorf("replay ends with %+v, want no path", s)
	}
}
