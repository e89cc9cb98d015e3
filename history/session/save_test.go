package session

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// TestSave cuts the newest minutes out of a store, across a rotation.
func TestSave(t *testing.T) {
	store := NewStore(t.TempDir())
	s := newStorm(27)
	obs := s.run(6000)
	half := len(obs) / 2
	last := state.NewState()
	for _, o := range obs[:half] {
		last.Apply(o)
	}
	first, err := store.Create(epoch, boot, testHeader(), nil)
	if err != nil {
		t.Fatal(err)
	}
	writeAll(t, first, obs[:half])
	if err := first.Close(last.Time, last.Mono, "rotated"); err != nil {
		t.Fatal(err)
	}
	h := testHeader()
	h.Continues = first.id
	second, err := store.Create(last.Time, last.Mono, h, Rows(last))
	if err != nil {
		t.Fatal(err)
	}
	writeAll(t, second, obs[half:])
	if err := flushSamples(second); err != nil {
		t.Fatal(err)
	}
	defer second.Abandon()

	end := obs[len(obs)-1].Mono
	span := end - obs[half].Mono
	for _, last := range []time.Duration{time.Minute, span + 2*time.Minute, 1000 * time.Hour} {
		name := filepath.Join(t.TempDir(), "saved"+Suffix)
		got, err := store.Save(t.Context(), name, last)
		if err != nil {
			t.Fatal(err)
		}
		if want := min(last, end-boot); got != want {
			t.Errorf("saved %v, want %v", got, want)
		}
		r, err := Open(name)
		if err != nil {
			t.Fatal(err)
		}
		checkEpisodes(t, r, foldAll(collect(t, r), end))
		if sums := sumsOf(r); len(sums) == 0 || sums[len(sums)-1].To != end {
			t.Errorf("last %v: %d rollups", last, len(sums))
		}
		if r.Header().CutFrom == "" || !r.Complete() || r.Header().Note != testHeader().Note {
			t.Errorf("header %+v", r.Header())
		}
		for _, back := range []time.Duration{0, 20 * time.Second, 50 * time.Second} {
			checkState(t, r, obs, end-back)
		}
		var want []fact.Observation
		for _, o := range obs {
			if o.Mono >= end-got {
				want = append(want, o)
			}
		}
		if missing, alien := subsequence(collect(t, r), obs); alien != "" || missing > len(obs)-len(want) {
			t.Errorf("last %v: %d of %d are missing, alien %s", last, missing, len(want), alien)
		}
		r.Close()
	}
}

// A span is saved with both its ends, across recordings or from the older of two
// alone; what the store does not reach is left out.
func TestSaveSpan(t *testing.T) {
	store := NewStore(t.TempDir())
	obs := newStorm(27).run(2000)
	half := len(obs) / 2
	middle := obs[half].Mono
	end := obs[len(obs)-1].Mono
	first, err := store.Create(epoch, boot, testHeader(), nil)
	if err != nil {
		t.Fatal(err)
	}
	writeAll(t, first, obs[:half])
	last := state.NewState()
	for _, o := range obs[:half] {
		last.Apply(o)
	}
	if err := first.Close(last.Time, last.Mono, "rotated"); err != nil {
		t.Fatal(err)
	}
	h := testHeader()
	h.Continues = first.id
	second, err := store.Create(last.Time, last.Mono, h, Rows(last))
	if err != nil {
		t.Fatal(err)
	}
	writeAll(t, second, obs[half:])
	if err := second.Close(obs[len(obs)-1].Time, end, "stopped"); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ from, to time.Duration }{
		{middle - time.Minute, middle + time.Minute}, {boot + time.Second, boot + 30*time.Second}, {end - 30*time.Second, end + time.Hour},
	} {
		name := filepath.Join(t.TempDir(), "saved"+Suffix)
		got, err := store.SaveSpan(t.Context(), name, c.from, c.to)
		if want := min(c.to, end) - c.from; err != nil || got != want {
			t.Fatalf("saved %v, want %v: %v", got, want, err)
		}
		r, err := Open(name)
		if err != nil {
			t.Fatal(err)
		}
		from, to := r.Bounds()
		if from != c.from || to != min(c.to, end) {
			t.Errorf("%v to %v has %v to %v", c.from, c.to, from, to)
		}
		for _, o := range collect(t, r) {
			if o.Mono > c.to {
				t.Errorf("%v to %v has one of %v", c.from, c.to, o.Mono)
				break
			}
		}
		checkState(t, r, obs, min(c.to, end))
		r.Close()
	}
	if _, err := store.SaveSpan(t.Context(), filepath.Join(t.TempDir(), "x"+Suffix), end+time.Minute, end+time.Hour); err == nil {
		t.Error("a span of which nothing is recorded is saved")
	}
}

func checkState(t *testing.T, r *Reader, obs []fact.Observation, at time.Duration) {
	t.Helper()
	want := state.NewState()
	for _, o := range obs {
		if o.Mono <= at {
			want.Apply(o)
		}
	}
	got, err := r.StateAt(at)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(contents(want), contents(got)); diff != "" {
		t.Errorf("state at %v (-want +got)\n%s", at, diff)
	}
}

func TestSaveNothing(t *testing.T) {
	_, err := NewStore(t.TempDir()).Save(t.Context(), filepath.Join(t.TempDir(), "x"), time.Minute)
	if err == nil || !strings.Contains(err.Error(), "nothing is recorded") {
		t.Errorf("error %v", err)
	}
}
