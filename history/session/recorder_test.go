package session

import (
	"context"
	"errors"
	"os"
	"path/filepath"
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

func newMachine(create func(t time.Time, mono time.Duration, rows []fact.Observation, known Header) (*Writer, error)) *machine {
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
	deadline := time.Now().Add(2 * time.Minute)
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
	m := newMachine(func(at time.Time, mono time.Duration, rows []fact.Observation, _ Header) (*Writer, error) {
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
	m := newMachine(func(at time.Time, mono time.Duration, rows []fact.Observation, _ Header) (*Writer, error) {
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
	m := newMachine(func(at time.Time, mono time.Duration, rows []fact.Observation, known Header) (*Writer, error) {
		mu.Lock()
		defer mu.Unlock()
		if blocked {
			return nil, errors.New("read-only file system")
		}
		h := testHeader()
		h.Continues, h.Begins = known.Continues, known.Begins
		return store.Create(at, mono, h, rows)
	})
	s := newStorm(24)
	obs := s.run(2000)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- m.recorder.Run(ctx) }()
	wait := func(what string, ok func(Status) bool) {
		t.Helper()
		deadline := time.Now().Add(2 * time.Minute)
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
