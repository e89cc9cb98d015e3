package session

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"flapscope/history/timeline"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
	"flapscope/monitor/state"
)

// A machine drives a fold and a recorder as the live monitor does.
type machine struct {
	mu       sync.Mutex
	fold     *fold.Fold
	timeline *timeline.Timeline
	recorder *Recorder
	events   []string
	now      fact.Observation
}

func newMachine(create func(t time.Time, mono time.Duration, rows []fact.Observation, continues string) (*Writer, error)) *machine {
	m := &machine{timeline: timeline.NewTimeline(timeline.DefaultLimits()), now: fact.Observation{Time: epoch, Mono: boot}}
	m.fold = fold.NewFold(path.DefaultSettings(), func(e fold.Event) {
		m.timeline.Event(e, nil)
		m.recorder.Happened(e, nil)
		m.events = append(m.events, string(fold.AppendEvent(nil, &e, "")))
	})
	m.recorder = NewRecorder(RecorderConfig{
		Create: create,
		Read: func(fn func(*state.State)) {
			m.mu.Lock()
			defer m.mu.Unlock()
			fn(m.fold.State())
		},
		Now: func() (time.Time, time.Duration) {
			m.mu.Lock()
			defer m.mu.Unlock()
			return m.now.Time, m.now.Mono
		},
		View: func() *timeline.View {
			m.mu.Lock()
			defer m.mu.Unlock()
			return m.timeline.View()
		},
	})
	return m
}

func (m *machine) observe(o fact.Observation) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now = o
	m.fold.Advance(o.Mono)
	m.timeline.Observed(o, m.fold.State())
	m.recorder.Observed(o, m.fold.State())
	m.fold.Observe(o)
}

// run observes everything, waiting for the recorder now and then when asked,
// and ends it.
func (m *machine) run(t *testing.T, obs []fact.Observation, patient bool) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- m.recorder.Run(ctx) }()
	for i, o := range obs {
		m.observe(o)
		if patient && i%500 == 499 {
			m.settle(t)
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Errorf("end of the recording: %v", err)
	}
}

// settle waits until the recorder has taken everything.
func (m *machine) settle(t *testing.T) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for {
		m.recorder.mu.Lock()
		n := len(m.recorder.queue)
		m.recorder.mu.Unlock()
		if n == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("the recorder does not get on")
		}
		time.Sleep(time.Millisecond)
	}
}

func TestRecorder(t *testing.T) {
	name := filepath.Join(t.TempDir(), "a"+Suffix)
	m := newMachine(func(at time.Time, mono time.Duration, rows []fact.Observation, _ string) (*Writer, error) {
		return Create(name, at, mono, testHeader(), rows)
	})
	obs := newStorm(21).run(8000)
	m.run(t, obs, true)
	got := read(t, name)
	if diff := cmp.Diff(encoded(obs), encoded(got)); diff != "" {
		t.Fatalf("(-observed +recorded)\n%s", diff)
	}
	end := obs[len(obs)-1].Mono
	if diff := cmp.Diff(m.events, foldAll(got, end)); diff != "" {
		t.Fatalf("events (-live +replayed)\n%s", diff)
	}
	if s := m.recorder.Status(); s.Err != nil || s.Dropped != 0 {
		t.Errorf("status %+v", s)
	}
}

// TestRecorderOverrun hears far more than it can take, because the disk hangs.
func TestRecorderOverrun(t *testing.T) {
	name := filepath.Join(t.TempDir(), "a"+Suffix)
	hang := make(chan struct{})
	m := newMachine(func(at time.Time, mono time.Duration, rows []fact.Observation, _ string) (*Writer, error) {
		<-hang
		return Create(name, at, mono, testHeader(), rows)
	})
	s := newStorm(22)
	s.pace = time.Millisecond
	obs := s.run(maxQueue + 20_000)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- m.recorder.Run(ctx) }()
	for _, o := range obs {
		m.observe(o)
	}
	close(hang)
	m.settle(t)
	tail := newStorm(23)
	tail.mono = s.mono + time.Second
	for range 200 {
		tail.step()
	}
	for _, o := range tail.out {
		m.observe(o)
	}
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if m.recorder.Status().Dropped == 0 {
		t.Fatal("nothing was dropped: the test shows nothing")
	}
	got := state.NewState()
	gaps := 0
	for _, o := range read(t, name) {
		got.Apply(o)
		if g, ok := o.Fact.(*fact.Gap); ok && g.Reason == fact.GapRecorder && g.Count > 0 {
			gaps++
		}
	}
	if gaps == 0 {
		t.Error("the recording does not tell that observations are missing")
	}
	if diff := cmp.Diff(contents(m.fold.State()), contents(got)); diff != "" {
		t.Errorf("state at the end (-live +recorded)\n%s", diff)
	}
}

// TestRecorderTrouble can't write at first, then can, then loses its file.
func TestRecorderTrouble(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "gone")
	store := NewStore(dir)
	blocked := true
	var mu sync.Mutex
	m := newMachine(func(at time.Time, mono time.Duration, rows []fact.Observation, continues string) (*Writer, error) {
		mu.Lock()
		defer mu.Unlock()
		if blocked {
			return nil, errors.New("read-only file system")
		}
		h := testHeader()
		h.Continues = continues
		return store.Create(at, mono, h, rows)
	})
	s := newStorm(24)
	obs := s.run(2000)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- m.recorder.Run(ctx) }()
	wait := func(what string, ok func(Status) bool) {
		t.Helper()
		deadline := time.Now().Add(30 * time.Second)
		for !ok(m.recorder.Status()) {
			if time.Now().After(deadline) {
				t.Fatalf("%s: status %+v", what, m.recorder.Status())
			}
			s.step()
			for _, o := range s.out[len(obs):] {
				m.observe(o)
			}
			obs = s.out
			time.Sleep(time.Millisecond)
		}
	}
	for _, o := range obs {
		m.observe(o)
	}
	wait("blocked", func(s Status) bool { return s.Err != nil && s.Name == "" })
	mu.Lock()
	blocked = false
	mu.Unlock()
	wait("free again", func(s Status) bool { return s.Err == nil && s.Name != "" })
	first := m.recorder.Status().Name
	m.settle(t)
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	wait("removed", func(s Status) bool { return s.Err == nil && s.Name != "" && exists(s.Name) })
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	list, err := store.List()
	if err != nil || len(list) != 1 || list[0].Err != nil || !list[0].Complete {
		t.Fatalf("list %+v, %v; first was %s", list, err, first)
	}
	got, want := state.NewState(), m.fold.State()
	for _, o := range read(t, list[0].Name) {
		got.Apply(o)
	}
	if diff := cmp.Diff(contents(want), contents(got)); diff != "" {
		t.Errorf("state at the end (-live +recorded)\n%s", diff)
	}
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

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
	if err := second.FlushSamples(); err != nil {
		t.Fatal(err)
	}
	defer second.Abandon()

	end := obs[len(obs)-1].Mono
	span := end - obs[half].Mono
	for _, last := range []time.Duration{time.Minute, span + 2*time.Minute, 1000 * time.Hour} {
		name := filepath.Join(t.TempDir(), "saved"+Suffix)
		got, err := store.Save(name, last)
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
		if sums, _ := r.Rollups(); len(sums) == 0 || sums[len(sums)-1].To != end {
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
	_, err := NewStore(t.TempDir()).Save(filepath.Join(t.TempDir(), "x"), time.Minute)
	if err == nil || !strings.Contains(err.Error(), "nothing is recorded") {
		t.Errorf("error %v", err)
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
	m := newMachine(func(at time.Time, mono time.Duration, rows []fact.Observation, _ string) (*Writer, error) {
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
