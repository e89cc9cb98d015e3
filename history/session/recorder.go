package session

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"flapscope/history/timeline"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
	"flapscope/monitor/state"
)

const (
	// maxQueue bounds what waits for the disk: some twenty megabytes, or an
	// hour of ordinary life.
	maxQueue = 1 << 16
	// syncEvery is how often the disk is waited for, transitions and marks
	// aside.
	syncEvery = 5 * time.Second
	// samplesWait is how long samples wait for more of them, and careEvery how
	// often a recorder that hears nothing looks after its files.
	samplesWait = time.Second
	careEvery   = 5 * time.Second
	// retryEvery is how often a recording that can't be written is tried anew.
	retryEvery = 5 * time.Second
)

// A Recorder writes what it hears without ever making the teller wait: it has
// a queue and a goroutine. What the queue has no room for is counted, reported in
// the recording as a gap, and made up for by the state that it led to.
type Recorder struct {
	config RecorderConfig

	mu      sync.Mutex // guards all following
	queue   []heard
	dropped int
	lost    timeline.Span
	status  Status
	// wake says that there is something to write at once, sample that there is
	// something to write soon.
	wake, sample chan struct{}
	changed      func(Status)
}

// heard is an observation or an event.
type heard struct {
	o fact.Observation
	e *fold.Event
}

// RecorderConfig is what a Recorder needs.
type RecorderConfig struct {
	// Create makes a recording that begins at the instant with the state rows.
	// It is called again when the one before it is full or can't be written. Known
	// has what of the header is known: Continues and Begins.
	Create func(t time.Time, mono time.Duration, rows []fact.Observation, known Header) (*Writer, error)
	// Read calls fn with the state as it is while nothing can change it, as
	// live.Monitor.Read does.
	Read func(fn func(*state.State))
	// Now reads the clocks.
	Now func() (time.Time, time.Duration)
	// View returns the timeline, for rollups, or nil; it may be nil itself.
	View func() *timeline.View
	// Late is whether the recorder has not heard everything from the beginning.
	Late bool
	// Full reports whether a recording is long enough for another to be
	// begun; nil means never.
	Full func(size int64, age time.Duration) bool
}

// Status is how a Recorder is doing.
type Status struct {
	// Name is the file being written, or empty; after the end of the recording
	// it is the last one.
	Name string
	// Size is its length in bytes, and Since when it began.
	Size  int64
	Since time.Time
	// Dropped counts the observations that there was no room for.
	Dropped int
	// Err is why nothing can be written now, or nil.
	Err error
}

// NewRecorder returns a recorder that hears at once and writes when Run runs.
func NewRecorder(c RecorderConfig) *Recorder {
	return &Recorder{config: c, wake: make(chan struct{}, 1), sample: make(chan struct{}, 1)}
}

// Observed hears an observation before it is folded. It never blocks.
func (r *Recorder) Observed(o fact.Observation, _ *state.State) { r.hear(heard{o: o}) }

// Happened hears an event of the fold. It never blocks.
func (r *Recorder) Happened(e fold.Event, _ func() *fold.Snapshot) {
	if e.Observation != nil || e.Transition != nil && !recorded(e.Transition.Scope) {
		return
	}
	r.hear(heard{e: &e})
}

// recorded reports whether the transitions of a scope are lines of their own:
// those of interfaces would be most of the file.
func recorded(s path.ScopeName) bool {
	return s == path.ScopeMachine || s == path.ScopeIPv4 || s == path.ScopeIPv6
}

func (r *Recorder) hear(h heard) {
	r.mu.Lock()
	if len(r.queue) < maxQueue {
		r.queue = append(r.queue, h)
	} else if h.e == nil {
		if r.dropped == 0 {
			r.lost.From = h.o.Mono
		}
		r.dropped++
		r.status.Dropped++
		r.lost.To = h.o.Mono
	}
	r.mu.Unlock()
	signal := r.wake
	if h.sampled() {
		signal = r.sample
	}
	select {
	case signal <- struct{}{}:
	default:
	}
}

// sampled reports whether it is one of the many observations of which a second's
// are written together.
func (h heard) sampled() bool {
	_, sampled := h.o.Fact.(fact.Sampled)
	return sampled && h.e == nil
}

// Changed sets what is called, from the goroutine of Run, when the recording
// begins or can't be begun, when it goes on in another file, and when writing
// it fails or works again. Set it before Run.
func (r *Recorder) Changed(call func(Status)) { r.changed = call }

// Status returns how the recorder is doing.
func (r *Recorder) Status() Status {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.status
}

// Run writes until ctx ends, then ends the recording. The error is why the end
// could not be written; all others are in Status, and are tried again.
func (r *Recorder) Run(ctx context.Context) error {
	s := scribe{recorder: r, config: &r.config}
	var pace pace
	timer := time.NewTimer(careEvery)
	defer timer.Stop()
	s.open()
	sample := r.sample
	for {
		select {
		case <-ctx.Done():
			s.work()
			return s.end()
		case <-r.wake:
			// What comes meanwhile is written with it.
			time.Sleep(pace.next(time.Now()))
		case <-sample:
			// On the second, when the screen wakes up too.
			t, _ := s.config.Now()
			timer.Reset(samplesWait - time.Duration(t.Nanosecond()))
			sample = nil
			continue
		case <-timer.C:
			s.tick()
			sample = r.sample
			timer.Reset(careEvery)
		}
		s.work()
	}
}

// A pace lets a recorder write at once what is heard, as long as that is seldom, and
// every writePause in a storm, of which each observation alone costs little.
type pace struct{ paid time.Time }

// writeRest is how long each write rests in a storm, and writeCredit how much of
// that is granted in advance.
const (
	writeRest   = 20 * time.Millisecond
	writeCredit = 400 * time.Millisecond
)

// next enters a write that is wanted now, and returns how long it is to wait.
func (p *pace) next(now time.Time) time.Duration {
	if p.paid.Before(now) {
		p.paid = now
	}
	p.paid = p.paid.Add(writeRest)
	return min(max(0, p.paid.Sub(now)-writeCredit), writeRest)
}

// take returns what was heard, in exchange for a slice to hear into.
func (r *Recorder) take(spare []heard) (q []heard, dropped int, lost timeline.Span) {
	r.mu.Lock()
	defer r.mu.Unlock()
	q, dropped, lost = r.queue, r.dropped, r.lost
	r.queue, r.dropped = spare[:0], 0
	return q, dropped, lost
}

func (r *Recorder) report(w *Writer, since time.Time, err error) {
	r.mu.Lock()
	old := r.status
	r.status.Err = err
	r.status.Name, r.status.Size = "", 0
	if w != nil {
		r.status.Name, r.status.Size, r.status.Since = w.Name(), w.Size(), since
	}
	s := r.status
	r.mu.Unlock()
	if r.changed != nil && (s.Name != old.Name || (s.Err == nil) != (old.Err == nil)) {
		r.changed(s)
	}
}

// A scribe is the goroutine of a Recorder.
type scribe struct {
	recorder *Recorder
	config   *RecorderConfig
	w        *Writer
	opened   bool
	since    fact.Instant
	tried    time.Duration
	synced   time.Duration
	spare    []heard
	err      error
}

// open begins a recording. The first one begins with what was heard, if that
// is all there ever was, so that a replay is exact from the first observation
// on. Any other begins with the state as it is, which holds what was heard.
func (s *scribe) open() {
	var rows []fact.Observation
	t, mono := s.config.Now()
	s.tried = mono
	if s.opened || s.config.Late || s.recorder.Status().Dropped > 0 {
		s.config.Read(func(state *state.State) {
			rows = Rows(state)
			if state.Mono > mono {
				t, mono = state.Time, state.Mono
			}
			s.recorder.forget()
		})
	}
	w, err := s.config.Create(t, mono, rows, Header{})
	s.begin(w, err, fact.Instant{Time: t, Mono: mono})
}

// begin goes on with a recording that begins at an instant, unless that failed.
func (s *scribe) begin(w *Writer, err error, at fact.Instant) {
	s.opened, s.err = true, err
	if err == nil {
		s.w, s.since, s.synced = w, at, at.Mono
	}
	s.recorder.report(s.w, s.since.Time, s.err)
}

// forget drops what was heard so far.
func (r *Recorder) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.queue, r.dropped = r.queue[:0], 0
}

// work writes what was heard.
func (s *scribe) work() {
	if s.w == nil {
		s.wait()
		return
	}
	q, dropped, lost := s.recorder.take(s.spare)
	urgent := slices.ContainsFunc(q, heard.urgent)
	failed := s.write(q)
	clear(q)
	s.spare = q
	if dropped > 0 {
		failed = errors.Join(failed, s.makeUp(dropped, lost))
		urgent = true
	}
	_, now := s.config.Now()
	if urgent || now-s.synced >= syncEvery {
		failed = errors.Join(failed, s.w.Sync())
		s.synced = now
	} else {
		failed = errors.Join(failed, s.w.Flush())
	}
	s.err = failed
	s.recorder.report(s.w, s.since.Time, s.err)
}

// urgent reports whether the disk should have it at once.
func (h heard) urgent() bool {
	if h.e != nil {
		return h.e.Transition != nil
	}
	_, mark := h.o.Fact.(*fact.Mark)
	return mark
}

// wait keeps the queue from filling while there is nothing to write to, and
// tries again now and then.
func (s *scribe) wait() {
	s.recorder.forget()
	if _, now := s.config.Now(); now-s.tried >= retryEvery {
		s.open()
	}
}

// makeUp records that observations were dropped, and the difference that they
// made.
func (s *scribe) makeUp(dropped int, lost timeline.Span) error {
	to, rest := s.current()
	err := s.w.Append(&fact.Observation{Time: to.Time, Mono: to.Mono, Op: fact.Put, Fact: &fact.Gap{
		Reason: fact.GapRecorder, Source: "recorder", From: lost.From, To: to.Mono, Count: dropped,
		Text: fact.Untrusted(fmt.Sprintf("%d observations were too many for the disk and are not recorded", dropped)),
	}})
	err = errors.Join(err, s.write(rest))
	for _, o := range Difference(s.w.enc.state, to) {
		err = errors.Join(err, s.w.Append(&o))
	}
	return err
}

// current returns the state as it is now, and what was heard until then.
func (s *scribe) current() (to *state.State, rest []heard) {
	to = state.NewState()
	s.config.Read(func(now *state.State) {
		for _, o := range Rows(now) {
			to.Apply(o)
		}
		to.Time, to.Mono = now.Time, now.Mono
		rest, _, _ = s.recorder.take(nil)
	})
	return to, rest
}

// write adds what was heard to the recording.
func (s *scribe) write(q []heard) error {
	var failed error
	for i := range q {
		if q[i].e != nil {
			s.w.AppendEvent(q[i].e)
		} else {
			failed = errors.Join(failed, s.w.Append(&q[i].o))
		}
	}
	return failed
}

// tick does what time asks for.
func (s *scribe) tick() {
	if s.w == nil {
		s.wait()
		return
	}
	t, now := s.config.Now()
	if !inPlace(s.w.file, s.w.Name()) {
		err := removed(s.w)
		// There is nothing left that could be ended.
		_ = s.w.Abandon()
		s.w, s.err = nil, err
		s.recorder.report(nil, time.Time{}, err)
		s.open()
		return
	}
	// What is wrong is reported by the Flush that follows.
	_ = s.w.retryLost(t, now)
	if c := &s.w.enc.chunk; c.n > 0 && now-c.mono >= samplesFor {
		s.w.enc.flush()
	}
	if now-s.w.rolled >= rollupFor {
		s.rollUp(t, now)
	}
	if s.config.Full != nil && s.config.Full(s.w.Size(), now-s.since.Mono) {
		s.rotate()
	}
}

func removed(w *Writer) error {
	return fmt.Errorf("%s was removed, and what it held is lost", fact.Untrusted(w.Name()).Display())
}

// rollUp writes the rollup of the time since the last one.
func (s *scribe) rollUp(t time.Time, now time.Duration) {
	if s.config.View == nil {
		s.w.rolled = now
		return
	}
	if v := s.config.View(); v != nil {
		span := timeline.Span{From: s.w.rolled, To: now}
		s.err = errors.Join(s.err, s.w.AppendRollup(t, now, v.Rollup(span)))
	}
}

// finish ends the recording.
func (s *scribe) finish(reason string) error {
	t, now := s.config.Now()
	s.rollUp(t, now)
	err := s.w.Close(t, max(now, s.w.enc.lastMono), reason)
	s.w = nil
	return err
}

// end ends the recording for good.
func (s *scribe) end() error {
	if s.w == nil {
		return s.err
	}
	w := s.w
	if !inPlace(w.file, w.Name()) {
		return errors.Join(removed(w), w.Abandon())
	}
	err := s.finish("stop")
	if err == nil {
		// They are in the file, and count for its size there.
		w.enc.lines = nil
	}
	s.recorder.report(w, s.since.Time, err)
	return err
}
