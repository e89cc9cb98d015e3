package session

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"flapscope/history/timeline"
	"flapscope/monitor/fact"
	"flapscope/monitor/path"
)

func TestStoreModes(t *testing.T) {
	store := NewStore(filepath.Join(t.TempDir(), "a", "b"))
	w, err := store.Create(epoch, boot, testHeader(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abandon()
	for name, want := range map[string]fs.FileMode{store.Dir: 0o700 | fs.ModeDir, w.Name(): 0o600, w.Name() + journalSuffix: 0o600} {
		info, err := os.Stat(name)
		if err != nil || info.Mode() != want {
			t.Errorf("%s has mode %v, want %v (%v)", name, info.Mode(), want, err)
		}
	}
}

// TestTwoInstances lets two write to one store, and a third tidy it.
func TestTwoInstances(t *testing.T) {
	store := NewStore(t.TempDir())
	store.MaxBytes = 1
	obs := newStorm(25).run(200)
	var writers []*Writer
	for range 2 {
		w, err := store.Create(epoch, boot, testHeader(), nil)
		if err != nil {
			t.Fatal(err)
		}
		writers = append(writers, w)
	}
	for _, w := range writers {
		writeAll(t, w, obs)
	}
	if err := store.Tidy(epoch.Add(1000 * time.Hour)); err != nil {
		t.Fatal(err)
	}
	for _, w := range writers {
		if diff := cmp.Diff(encoded(obs), encoded(append(read(t, w.Name()), pending(w)...))); diff != "" {
			t.Errorf("what is being written was touched (-want +got)\n%s", diff)
		}
		if err := w.Abandon(); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.Tidy(epoch.Add(1000 * time.Hour)); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(store.Dir); err != nil || len(left) > 0 {
		t.Errorf("left are %v, %v", left, err)
	}
}

// pending returns the samples that a writer still collects.
func pending(w *Writer) []fact.Observation {
	obs, err := parseSamples(w.enc.chunk.appendLine(nil))
	if err != nil {
		return nil
	}
	return obs
}

func TestTidyRepairsAndBounds(t *testing.T) {
	store := NewStore(t.TempDir())
	obs := newStorm(26).run(300)
	for i := range 5 {
		w, err := store.Create(epoch.Add(time.Duration(i)*time.Minute), boot, testHeader(), nil)
		if err != nil {
			t.Fatal(err)
		}
		writeAll(t, w, obs)
		if err := w.Abandon(); err != nil {
			t.Fatal(err)
		}
		age := time.Now().Add(-time.Duration(5-i) * time.Hour)
		for _, name := range []string{w.Name(), w.Name() + journalSuffix} {
			if err := os.Chtimes(name, age, age); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := store.Tidy(time.Now()); err != nil {
		t.Fatal(err)
	}
	list, err := store.List()
	if err != nil || len(list) != 5 {
		t.Fatalf("%d recordings, %v", len(list), err)
	}
	for _, l := range list {
		if l.Err != nil || l.Open || l.Complete || strings.HasSuffix(l.Name, journalSuffix) || l.Duration <= 0 {
			t.Errorf("listed %+v", l)
		}
	}
	store.MaxBytes = 2*list[0].Size + list[0].Size/2
	if err := store.Tidy(time.Now()); err != nil {
		t.Fatal(err)
	}
	if list, err = store.List(); err != nil || len(list) != 2 || !list[1].Start.Equal(epoch.Add(4*time.Minute)) {
		t.Errorf("after the bound: %d recordings, %v", len(list), err)
	}
	store.MaxAge = time.Nanosecond
	if err := store.Tidy(time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if list, err = store.List(); err != nil || len(list) != 0 {
		t.Errorf("after the age: %d recordings, %v", len(list), err)
	}
}

// TestReadOnlyHome can't make the directory.
func TestReadOnlyHome(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o400); err != nil {
		t.Fatal(err)
	}
	// Root may write anywhere, but not below a file.
	if _, err := NewStore(filepath.Join(file, "history")).Create(epoch, boot, testHeader(), nil); err == nil {
		t.Error("no error")
	}
}

// TestOverview compares what rollups show with what observations show.
func TestOverview(t *testing.T) {
	s := newStorm(28)
	s.pace = 3 * time.Second
	obs := s.run(6000)
	name := filepath.Join(t.TempDir(), "a"+Suffix)
	m := newMachine(func(at time.Time, mono time.Duration, rows []fact.Observation, _ Header) (*Writer, error) {
		return Create(name, at, mono, testHeader(), rows)
	})
	w := create(t, name)
	for _, o := range obs {
		m.observe(o)
		if err := w.Append(&o); err != nil {
			t.Fatal(err)
		}
		if o.Mono-w.rolled >= rollupFor {
			if err := w.AppendRollup(o.Time, o.Mono, m.timeline.View().Rollup(timeline.Span{From: w.rolled, To: o.Mono})); err != nil {
				t.Fatal(err)
			}
		}
	}
	last := obs[len(obs)-1]
	if err := w.Close(last.Time, last.Mono, "stop"); err != nil {
		t.Fatal(err)
	}
	r, err := Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	tl := timeline.NewTimeline(timeline.DefaultLimits())
	if err := r.Tail(tl, r.Overview(tl)); err != nil {
		t.Fatal(err)
	}
	want, got := m.timeline.View(), tl.View()
	span := timeline.Span{From: boot, To: last.Mono}
	if diff := cmp.Diff(want.Strip(path.ScopeMachine, span, 50), got.Strip(path.ScopeMachine, span, 50)); diff != "" {
		t.Errorf("machine (-observed +rolled up)\n%s", diff)
	}
	for _, target := range want.Targets(span) {
		a, b := want.Stats(target.ID, span), got.Stats(target.ID, span)
		if a.Answered != b.Answered || a.Lost != b.Lost {
			t.Errorf("%s: %d answered and %d lost, of %d and %d", target.ID, b.Answered, b.Lost, a.Answered, a.Lost)
		}
	}
}
