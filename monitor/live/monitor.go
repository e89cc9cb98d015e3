package live

import (
	"context"
	"errors"
	"sync"
	"time"

	"flapscope/internal/crash"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
	"flapscope/monitor/state"
)

// A Clock reads the wall clock and CLOCK_BOOTTIME at one instant.
type Clock func() (time.Time, time.Duration)

// A Monitor drives a fold with sources and with time. Make one with New.
type Monitor struct {
	clock Clock
	wake  chan struct{}

	mu     sync.Mutex // guards all following
	driver *fold.Driver
	// followers are the sources that act upon what others observe.
	followers []state.Follower
	stamps    fact.Sequencer
	// deadline is what the timer is set to.
	deadline time.Duration
}

// New returns a monitor that folds with the settings and hears no source yet.
func New(set path.Settings, clock Clock) *Monitor {
	return &Monitor{clock: clock, wake: make(chan struct{}, 1), driver: fold.NewDriver(set)}
}

// Listen adds listeners, which hear what comes after. Their methods are called
// under the monitor's lock: they must be quick and must not call the monitor.
func (m *Monitor) Listen(listeners ...fold.Listener) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, l := range listeners {
		m.driver.Listen(l)
	}
}

// Require lets the fold follow a connection with requirements, under a name.
func (m *Monitor) Require(name fact.Untrusted, r *path.Request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.driver.Require(name, r)
}

// unlock ends what was done under the lock.
func (m *Monitor) unlock() {
	m.driver.Flush()
	m.mu.Unlock()
}

// Update implements state.Host.
func (m *Monitor) Update(fn func(*state.State, fact.Emit)) {
	m.mu.Lock()
	defer m.unlock()
	fn(m.driver.State(), m.observe)
	m.rearm()
}

// observe stamps one observation and folds it in. It runs under the lock.
func (m *Monitor) observe(o fact.Observation) {
	if o.Mono == 0 {
		o.Time, o.Mono = m.clock()
	}
	if o.Op == "" {
		o.Op = fact.Put
	}
	// A source that stamped before another's observation was folded, or before
	// a deadline passed, must not make time run back: what listeners record is
	// what was folded.
	o.Mono = max(o.Mono, m.driver.State().Mono)
	m.driver.Observe(m.stamps.Next(o))
	for _, f := range m.followers {
		f.Follow(o.Fact)
	}
}

// Observe folds one observation in, stamped now.
func (m *Monitor) Observe(op fact.Op, f fact.Fact) {
	m.Update(func(_ *state.State, emit fact.Emit) { emit(fact.Observation{Op: op, Fact: f}) })
}

// Mark folds in a moment that the user marked, at the instant (CLOCK_BOOTTIME)
// of the key press, or the newest observation if that is later.
func (m *Monitor) Mark(at time.Duration, note string) { m.MarkRange(0, at, note) }

// MarkRange folds in a stretch that the user marked, which ends at an instant and
// begins at another; from 0 is a moment.
func (m *Monitor) MarkRange(from, at time.Duration, note string) {
	m.Update(func(_ *state.State, emit fact.Emit) {
		wall, now := m.clock()
		emit(fact.Observation{
			Time: wall.Add(at - now), Mono: at, Op: fact.Put,
			Fact: &fact.Mark{Text: fact.Untrusted(note), From: from},
		})
	})
}

// Snapshot returns the state as it is now.
func (m *Monitor) Snapshot() *fold.Snapshot {
	m.mu.Lock()
	defer m.unlock()
	m.advance()
	return m.driver.Snapshot()
}

// Read calls fn with the state under the lock; fn must be quick.
func (m *Monitor) Read(fn func(*state.State)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	fn(m.driver.State())
}

// rearm wakes the timer when the next deadline moved. It runs under the lock.
func (m *Monitor) rearm() {
	at, _ := m.driver.Deadline()
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
	m.driver.Advance(now)
}

// Run runs the sources until ctx ends or one of them fails, and lets time pass
// in the fold. It returns when all sources have returned.
func (m *Monitor) Run(ctx context.Context, sources ...state.Source) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	errs := make(chan error, len(sources))
	m.follow(sources)
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

// follow finds the sources that act upon what others observe.
func (m *Monitor) follow(sources []state.Source) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, s := range sources {
		if f, ok := s.(state.Follower); ok {
			m.followers = append(m.followers, f)
		}
	}
}

// runSource turns a panic of a source into an error: it must not leave the
// terminal raw or a recording without its end.
func runSource(ctx context.Context, s state.Source, h state.Host) (err error) {
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
	at, ok := m.driver.Deadline()
	m.deadline = at
	if !ok {
		return time.Hour
	}
	_, now := m.clock()
	return max(0, at-now)
}

// Sample calls fn with the state as it is now, under the lock; fn must be
// quick. Use Snapshot where the lock does not matter.
func (m *Monitor) Sample(fn func(*fold.Snapshot)) {
	m.mu.Lock()
	defer m.unlock()
	m.advance()
	fn(m.driver.Snapshot())
}
