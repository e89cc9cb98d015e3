//go:build linux

package clock

import (
	"context"
	"errors"
	"fmt"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

const (
	// sourceName is what gaps name as their source.
	sourceName = "clock"
	// tick is how often the clocks are read: often enough that a suspend is
	// placed to the second even when the timer was not overdue at resume.
	tick = time.Second
	// minute is how often a reading is recorded though nothing stepped.
	minute = time.Minute
)

// A Source observes the clocks: a Gap for every suspend, stop and clock step,
// and a Clock at the start, once a minute and after each gap. It implements
// state.Source and needs no privilege.
type Source struct {
	read  func() (Reading, error)
	ticks func(ctx context.Context, every time.Duration) (<-chan struct{}, error)
}

// New returns a Source on the kernel's clocks.
func New() *Source { return &Source{read: Read, ticks: bootTicks} }

// Run implements state.Source. It fails when the kernel gives neither clocks
// nor a timer.
func (s *Source) Run(ctx context.Context, h state.Host) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ticks, err := s.ticks(ctx, tick)
	if err != nil {
		return fmt.Errorf("clock: %w", err)
	}
	w := watch{read: s.read, detector: Detector{Interval: tick}}
	for {
		h.Update(w.look)
		if w.err != nil {
			return fmt.Errorf("clock: %w", w.err)
		}
		if _, ok := <-ticks; !ok {
			if ctx.Err() == nil {
				return errors.New("clock: the timer on CLOCK_BOOTTIME failed")
			}
			return nil
		}
	}
}

// A watch is the state of one Run.
type watch struct {
	read     func() (Reading, error)
	detector Detector
	// emitted is the time of the last Clock that was emitted, if any was.
	emitted time.Duration
	any     bool
	err     error
}

// look reads the clocks and says what there is to say. It runs inside
// Host.Update, so that no other source's observation can come between a
// reading and the observations that carry its time.
func (w *watch) look(_ *state.State, emit fact.Emit) {
	r, err := w.read()
	if err != nil {
		w.err = err
		return
	}
	gaps := w.detector.Step(r)
	if w.any && len(gaps) == 0 && r.Boot-w.emitted < minute {
		return
	}
	w.emitted, w.any = r.Boot, true
	o := fact.Observation{Time: r.Wall, Mono: r.Boot, Op: fact.Put}
	for i := range gaps {
		o.Fact = &gaps[i]
		emit(o)
	}
	o.Fact = &fact.Clock{Monotonic: r.Monotonic, Synced: r.Synced}
	emit(o)
}
