package live

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"flapscope/monitor"
)

// log is a listener that keeps what it hears.
type log struct {
	observed []monitor.Observation
	happened []monitor.Event
}

func (l *log) Observed(o monitor.Observation, _ *monitor.State) { l.observed = append(l.observed, o) }

func (l *log) Happened(e monitor.Event, snapshot func() *monitor.Snapshot) {
	if snapshot() == nil {
		panic("no snapshot")
	}
	l.happened = append(l.happened, e)
}

// source is a function as a source.
type source func(ctx context.Context, h monitor.Host) error

func (s source) Run(ctx context.Context, h monitor.Host) error { return s(ctx, h) }

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
	m := New(monitor.DefaultSettings(), bubbleClock(time.Now()))
	m.Listen(f)
	m.Update(func(_ *monitor.State, emit monitor.Emit) {
		for range 3 {
			emit(monitor.Observation{Fact: &monitor.Mark{}})
		}
		if len(f.flushed) > 0 {
			t.Error("flushed before the update was over")
		}
	})
	m.Observe(monitor.Put, &monitor.Mark{})
	if want := []int{3, 4}; !slices.Equal(f.flushed, want) {
		t.Errorf("flushed after: got %v, want %v", f.flushed, want)
	}
}

func TestTimeAloneSettles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l log
		m := New(monitor.DefaultSettings(), bubbleClock(time.Now()))
		m.Listen(&l)
		up := &monitor.Link{Index: 2, Name: "eth0", Type: monitor.TypeWired, Flags: monitor.FlagUp | monitor.FlagLowerUp, OperState: monitor.OperUp}
		down := *up
		down.Flags, down.OperState = monitor.FlagUp, monitor.OperDown
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		done := make(chan error, 1)
		go func() {
			done <- m.Run(ctx, source(func(ctx context.Context, h monitor.Host) error {
				m.Observe(monitor.Put, up)
				m.Observe(monitor.Put, &monitor.Sync{Source: "kernel"})
				time.Sleep(5 * time.Second)
				m.Observe(monitor.Put, &down)
				<-ctx.Done()
				return nil
			}))
		}()
		time.Sleep(20 * time.Second)
		synctest.Wait()
		var settled int
		for _, e := range l.happened {
			if tr := e.Transition; tr != nil && tr.Phase == monitor.PhaseSettled && !tr.Initial && tr.Scope == monitor.ScopeMachine {
				settled++
				if tr.Reason != monitor.ReasonNoCarrier {
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
	m := New(monitor.DefaultSettings(), func() (time.Time, time.Duration) { panic("boom") })
	wait := source(func(ctx context.Context, _ monitor.Host) error { <-ctx.Done(); return nil })
	if err := m.Run(t.Context(), wait); err == nil || !strings.Contains(err.Error(), "boom") {
		t.Errorf("Run: got %v, want the failure", err)
	}
}

func TestStampsNeverRunBack(t *testing.T) {
	var l log
	m := New(monitor.DefaultSettings(), func() (time.Time, time.Duration) { return time.Unix(9, 0), 9 * time.Second })
	m.Listen(&l)
	m.Update(func(_ *monitor.State, emit monitor.Emit) {
		emit(monitor.Observation{Mono: 5 * time.Second, Op: monitor.Put, Fact: &monitor.Mark{}})
		emit(monitor.Observation{Mono: 3 * time.Second, Op: monitor.Put, Fact: &monitor.Mark{}})
		emit(monitor.Observation{Op: monitor.Put, Fact: &monitor.Mark{}})
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
		"error": func(context.Context, monitor.Host) error { return boom },
		"panic": func(context.Context, monitor.Host) error { panic("boom") },
	} {
		t.Run(name, func(t *testing.T) {
			m := New(monitor.DefaultSettings(), Boottime)
			wait := source(func(ctx context.Context, _ monitor.Host) error { <-ctx.Done(); return nil })
			if err := m.Run(t.Context(), wait, s); err == nil || !strings.Contains(err.Error(), "boom") {
				t.Errorf("Run: got %v, want the failure, after the other source ended", err)
			}
		})
	}
}
