package live

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
	"flapscope/monitor/state"
)

// log is a listener that keeps what it hears.
type log struct {
	observed []fact.Observation
	happened []fold.Event
}

func (l *log) Observed(o fact.Observation, _ *state.State) { l.observed = append(l.observed, o) }

func (l *log) Happened(e fold.Event, snapshot func() *fold.Snapshot) {
	if snapshot() == nil {
		panic("no snapshot")
	}
	l.happened = append(l.happened, e)
}

// source is a function as a source.
type source func(ctx context.Context, h state.Host) error

func (s source) Run(ctx context.Context, h state.Host) error { return s(ctx, h) }

// bubbleClock is the fake clock of a synctest bubble.
func bubbleClock(start time.Time) Clock {
	return func() (time.Time, time.Duration) { return time.Now(), time.Hour + time.Since(start) }
}

// flusher is a listener that notes how much it had heard at each flush.
type flusher struct {
	log
	flushed []int
}

func (f *flusher) Flush() { f.flushed = append(f.flushed, len(f.observed)) }

func TestFlushEndsEachUpdate(t *testing.T) {
	f := &flusher{}
	m := New(path.DefaultSettings(), bubbleClock(time.Now()))
	m.Listen(f)
	m.Update(func(_ *state.State, emit fact.Emit) {
		for range 3 {
			emit(fact.Observation{Fact: &fact.Mark{}})
		}
		if len(f.flushed) > 0 {
			t.Error("flushed before the update was over")
		}
	})
	m.Observe(fact.Put, &fact.Mark{})
	if want := []int{3, 4}; !slices.Equal(f.flushed, want) {
		t.Errorf("flushed after: got %v, want %v", f.flushed, want)
	}
}

// A follower is a source that keeps what it is told.
type follower struct {
	source
	told []fact.Fact
}

func (f *follower) Follow(told fact.Fact) { f.told = append(f.told, told) }

// TestFollower checks that a source hears of what others observe.
func TestFollower(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := New(path.DefaultSettings(), bubbleClock(time.Now()))
		ctx, cancel := context.WithCancel(t.Context())
		wait := func(ctx context.Context, _ state.Host) error { <-ctx.Done(); return nil }
		f := &follower{source: wait}
		mark := &fact.Mark{Text: "a"}
		done := make(chan error, 1)
		go func() { done <- m.Run(ctx, f, source(wait)) }()
		synctest.Wait()
		m.Observe(fact.Put, mark)
		cancel()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if len(f.told) != 1 || f.told[0] != mark {
			t.Errorf("told %v, want the mark", f.told)
		}
	})
}

func TestTimeAloneSettles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l log
		m := New(path.DefaultSettings(), bubbleClock(time.Now()))
		m.Listen(&l)
		up := &fact.Link{Index: 2, Name: "eth0", Type: fact.TypeWired, Flags: fact.FlagUp | fact.FlagLowerUp, OperState: fact.OperUp}
		down := *up
		down.Flags, down.OperState = fact.FlagUp, fact.OperDown
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		done := make(chan error, 1)
		go func() {
			done <- m.Run(ctx, source(func(ctx context.Context, h state.Host) error {
				m.Observe(fact.Put, up)
				m.Observe(fact.Put, &fact.Sync{Source: "kernel"})
				time.Sleep(5 * time.Second)
				m.Observe(fact.Put, &down)
				<-ctx.Done()
				return nil
			}))
		}()
		time.Sleep(20 * time.Second)
		synctest.Wait()
		var settled int
		for _, e := range l.happened {
			if tr := e.Transition; tr != nil && tr.Phase == fold.PhaseSettled && !tr.Initial && tr.Scope == path.ScopeMachine {
				settled++
				if tr.Reason != path.ReasonNoCarrier {
					t.Errorf("settled reason: got %q, want no_carrier", tr.Reason)
				}
			}
		}
		if settled != 1 {
			t.Errorf("settled transitions: got %d, want 1: no observation came after the loss", settled)
		}
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
}

// What fails while time passes ends the run, as what fails in a source does.
func TestTimekeepingFailure(t *testing.T) {
	m := New(path.DefaultSettings(), func() (time.Time, time.Duration) { panic("boom") })
	wait := source(func(ctx context.Context, _ state.Host) error { <-ctx.Done(); return nil })
	if err := m.Run(t.Context(), wait); err == nil || !strings.Contains(err.Error(), "boom") {
		t.Errorf("Run: got %v, want the failure", err)
	}
}

func TestStampsNeverRunBack(t *testing.T) {
	var l log
	m := New(path.DefaultSettings(), func() (time.Time, time.Duration) { return time.Unix(9, 0), 9 * time.Second })
	m.Listen(&l)
	m.Update(func(_ *state.State, emit fact.Emit) {
		emit(fact.Observation{Mono: 5 * time.Second, Op: fact.Put, Fact: &fact.Mark{}})
		emit(fact.Observation{Mono: 3 * time.Second, Op: fact.Put, Fact: &fact.Mark{}})
		emit(fact.Observation{Op: fact.Put, Fact: &fact.Mark{}})
	})
	var got []time.Duration
	for _, o := range l.observed {
		got = append(got, o.Mono)
	}
	if want := []time.Duration{5 * time.Second, 5 * time.Second, 9 * time.Second}; len(got) != 3 || got[0] != want[0] || got[1] != want[1] || got[2] != want[2] {
		t.Errorf("stamps: got %v, want %v", got, want)
	}
}

func TestSourceFailures(t *testing.T) {
	boom := errors.New("boom")
	for name, s := range map[string]source{
		"error": func(context.Context, state.Host) error { return boom },
		"panic": func(context.Context, state.Host) error { panic("boom") },
	} {
		t.Run(name, func(t *testing.T) {
			m := New(path.DefaultSettings(), Boottime)
			wait := source(func(ctx context.Context, _ state.Host) error { <-ctx.Done(); return nil })
			if err := m.Run(t.Context(), wait, s); err == nil || !strings.Contains(err.Error(), "boom") {
				t.Errorf("Run: got %v, want the failure, after the other source ended", err)
			}
		})
	}
}
