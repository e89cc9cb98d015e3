package live

import (
	"context"
	"errors"
	"sync"
	"time"

	"flapscope/internal/crash"
	"flapscope/monitor"
)

// A Listener hears everything in order. Its methods are called under the
// monitor's lock: they must be quick and must not call the monitor.
type Listener interface {
	// Observed is called just before o is folded into s, so that a row that o
	// removes still has its name. s may be read during the call only.
	Observed(o monitor.Observation, s *monitor.State)
	// Happened is called for each event that the fold finds; snapshot returns
	// the state just after it.
	Happened(e monitor.Event, snapshot func() *monitor.Snapshot)
}

// A Flusher is a Listener that holds back what it hears. Flush is called, under
// the monitor's lock too, when nothing more comes of the same moment.
type Flusher interface{ Flush() }

// A Clock reads the wall clock and CLOCK_BOOTTIME at one instant.
type Clock func() (time.Time, time.Duration)

// A Monitor owns a fold and drives it with sources and with time. Make one
// with New.
type Monitor struct {
	clock Clock
	wake  chan struct{}

	mu        sync.Mutex // guards all following
	fold      *monitor.Fold
	stamps    monitor.Sequencer
	listeners []Listener
	flushers  []Flusher
	// deadline is what the timer is set to.
	deadline time.Duration
}

// New returns a monitor that folds with the settings and hears no source yet.
func New(set monitor.Settings, clock Clock, listeners ...Listener) *Monitor {
	m := &Monitor{clock: clock, wake: make(chan struct{}, 1), listeners: listeners}
	for _, l := range listeners {
		if f, ok := l.(Flusher); ok {
			m.flushers = append(m.flushers, f)
		}
	}
	m.fold = monitor.NewFold(set, m.happened)
	return m
}

// unlock ends what was done under the lock.
func (m *Monitor) unlock() {
	for _, f := range m.flushers {
		f.Flush()
	}
	m.mu.Unlock()
}

// happened runs under the lock, from within the fold.
func (m *Monitor) happened(e monitor.Event) {
	for _, l := range m.listeners {
		l.Happened(e, m.fold.Snapshot)
	}
}

// Update implements monitor.Host.
func (m *Monitor) Update(fn func(*monitor.State, monitor.Emit)) {
	m.mu.Lock()
	defer m.unlock()
	fn(m.fold.State(), m.observe)
	m.rearm()
}

// observe stamps, folds and tells one observation. It runs under the lock.
func (m *Monitor) observe(o monitor.Observation) {
	if o.Mono == 0 {
		o.Time, o.Mono = m.clock()
	}
	if o.Op == "" {
		o.Op = monitor.Put
	}
	// A source that stamped before another's observation was folded, or before
	// a deadline passed, must not make time run back: what listeners record is
	// what was folded.
	o.Mono = max(o.Mono, m.fold.State().Mono)
	o = m.stamps.Next(o)
	m.fold.Advance(o.Mono)
	for _, l := range m.listeners {
		l.Observed(o, m.fold.State())
	}
	m.fold.Observe(o)
}

// Observe folds one observation in, stamped now.
func (m *Monitor) Observe(op monitor.Op, f monitor.Fact) {
	m.Update(func(_ *monitor.State, emit monitor.Emit) { emit(monitor.Observation{Op: op, Fact: f}) })
}

// Mark folds in a moment that the user marked, at the instant (CLOCK_BOOTTIME)
// of the key press, or the newest observation if that is later.
func (m *Monitor) Mark(at time.Duration, note string) {
	m.Update(func(_ *monitor.State, emit monitor.Emit) {
		wall, now := m.clock()
		emit(monitor.Observation{
			Time: wall.Add(at - now), Mono: at, Op: monitor.Put,
			Fact: &monitor.Mark{Text: monitor.Untrusted(note)},
		})
	})
}

// Snapshot returns the state as it is now.
func (m *Monitor) Snapshot() *monitor.Snapshot {
	m.mu.Lock()
	defer m.unlock()
	m.advance()
	return m.fold.Snapshot()
}

// Read calls fn with the state under the lock; fn must be quick.
func (m *Monitor) Read(fn func(*monitor.State)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	fn(m.fold.State())
}

// rearm wakes the timer when the next deadline moved. It runs under the lock.
func (m *Monitor) rearm() {
	at, _ := m.fold.Deadline()
	if at == m.deadline {
		return
	}
	m.deadline = at
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

// advance folds the passing of time in. It runs under the lock.
func (m *Monitor) advance() {
	_, now := m.clock()
	m.fold.Advance(now)
}

// Run runs the sources until ctx ends or one of them fails, and lets time pass
// in the fold. It returns when all sources have returned.
func (m *Monitor) Run(ctx context.Context, sources ...monitor.Source) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	errs := make(chan error, len(sources))
	for _, s := range sources {
		go func() { errs <- runSource(ctx, s, m) }()
	}
	kept := make(chan error, 1)
	go func() {
		err := m.keepTime(ctx)
		if err != nil {
			cancel()
		}
		kept <- err
	}()
	var failed error
	for range sources {
		if err := <-errs; err != nil {
			failed = errors.Join(failed, err)
			cancel()
		}
	}
	cancel()
	return errors.Join(failed, <-kept)
}

// runSource turns a panic of a source into an error: it must not leave the
// terminal raw or a recording without its end.
func runSource(ctx context.Context, s monitor.Source, h monitor.Host) (err error) {
	defer crash.Recover(&err)
	return s.Run(ctx, h)
}

// keepTime advances the fold at its deadlines until ctx ends. The error is a
// panic of the fold or of a listener.
func (m *Monitor) keepTime(ctx context.Context) (err error) {
	defer crash.Recover(&err)
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		timer.Reset(m.catchUp())
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		case <-m.wake:
		}
	}
}

// catchUp advances the fold to now and returns how long its next deadline is
// away.
func (m *Monitor) catchUp() time.Duration {
	m.mu.Lock()
	defer m.unlock()
	m.advance()
	at, ok := m.fold.Deadline()
	m.deadline = at
	if !ok {
		return time.Hour
	}
	_, now := m.clock()
	return max(0, at-now)
}

// Sample calls fn with the state as it is now, under the lock; fn must be
// quick. Use Snapshot where the lock does not matter.
func (m *Monitor) Sample(fn func(*monitor.Snapshot)) {
	m.mu.Lock()
	defer m.unlock()
	m.advance()
	fn(m.fold.Snapshot())
}
