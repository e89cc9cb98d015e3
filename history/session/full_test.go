//go:build linux

package session

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// smallDisk mounts a file system of so many megabytes.
func smallDisk(t *testing.T, size string) string {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("mounting a small disk needs root")
	}
	dir := t.TempDir()
	if err := syscall.Mount("none", dir, "tmpfs", 0, "size="+size); err != nil {
		t.Skipf("no tmpfs here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// TestFullDisk fills a disk for longer than lines are kept in memory, frees it,
// and fills it again: nothing panics, what is missing is a gap with its length,
// and the state after it is right. What was in the journal is not lost.
func TestFullDisk(t *testing.T) {
	for _, test := range []struct {
		name   string
		size   string
		routes int
	}{{"small-snapshot", "2m", 20}, {"large-snapshot", "24m", 20_000}} {
		t.Run(test.name, func(t *testing.T) {
			dir := smallDisk(t, test.size)
			ballast := filepath.Join(dir, "ballast")
			w := create(t, filepath.Join(dir, "a"+Suffix))
			s := newStorm(31)
			for i := range test.routes {
				s.emit(fact.Put, testRoute(i))
			}
			obs := s.run(0)
			want := state.NewState()
			failed, recovered := 0, 0
			appendAll := func(obs []fact.Observation) {
				for _, o := range obs {
					want.Apply(o)
					if err := errors.Join(w.Append(&o), w.Flush()); err != nil {
						failed++
					} else if failed > 0 {
						recovered++
					}
				}
			}
			appendAll(obs)
			for range 2 {
				fill(t, ballast)
				failed, recovered = 0, 0
				n := len(s.out)
				for w.lost == nil || w.lost.n < 1000 {
					s.change(1000)
					appendAll(s.out[n:])
					n = len(s.out)
				}
				if failed == 0 || len(w.enc.lines) > maxKept {
					t.Fatalf("%d failures, %d bytes are kept", failed, len(w.enc.lines))
				}
				if err := os.Truncate(ballast, 0); err != nil {
					t.Fatal(err)
				}
				s.mono += 2 * retryEvery
				n = len(s.out)
				s.change(2000)
				appendAll(s.out[n:])
				if recovered == 0 {
					t.Fatal("it does not go on when there is room again")
				}
			}
			last := s.out[len(s.out)-1]
			if err := w.Close(last.Time, last.Mono, "stop"); err != nil {
				t.Fatal(err)
			}
			checkFull(t, w.Name(), s.out, want)
		})
	}
}

// change changes routes, some thousands a second.
func (s *storm) change(n int) {
	for i := range n {
		s.mono += 150 * time.Microsecond
		op := fact.Put
		if s.rng.IntN(2) == 0 {
			op = fact.Delete
		}
		s.emit(op, testRoute(i%500))
	}
}

// fill takes all room that is left.
func fill(t *testing.T, name string) {
	t.Helper()
	f, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for b := make([]byte, 4096); err == nil; {
		_, err = f.Write(b)
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
}

func checkFull(t *testing.T, name string, obs []fact.Observation, want *state.State) {
	t.Helper()
	got := state.NewState()
	gaps, missing := 0, 0
	seen := 0
	all := read(t, name)
	for _, o := range all {
		got.Apply(o)
		g, ok := o.Fact.(*fact.Gap)
		switch {
		case ok && g.Source == "recorder":
			gaps++
			missing += g.Count
			if g.To-g.From < retryEvery || !strings.Contains(string(g.Text), "full") {
				t.Errorf("gap %+v", g)
			}
		case o.Via != fact.ViaDump:
			seen++
		}
	}
	if gaps != 2 || seen+missing != len(obs) {
		t.Errorf("%d gaps, %d read + %d missing of %d", gaps, seen, missing, len(obs))
	}
	if diff := cmp.Diff(contents(want), contents(got)); diff != "" {
		t.Errorf("state at the end (-live +recorded)\n%s", diff)
	}
}
