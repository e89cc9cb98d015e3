package replay

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"flapscope/history/session"
	"flapscope/history/timeline"
	"flapscope/internal/crash"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
	"flapscope/ui"
)

// A Reading is a replay being read, and what its screen reads from. The screen
// is there with what the rollups say, whatever the length of the recordings;
// then all observations are folded, the newest recording first, and each
// stretch becomes exact as soon as it is. What is published is immutable.
type Reading struct {
	chain *session.Chain
	span  timeline.Span
	// settings returns those to fold a run with, and whether they are others
	// than those that it was made with: what if.
	settings Settings
	runs     []*readRun
	shown    atomic.Pointer[readSoFar]

	// total and done are bytes.
	total, done float64
	published   time.Time
}

// Settings returns the settings to fold a run with, and whether they are others
// than those that it was made with.
type Settings func(*session.Run) (set path.Settings, whatIf bool, err error)

// New returns a reading of what of a chain lies within span. Load reads it.
func New(chain *session.Chain, span timeline.Span, settings Settings) *Reading {
	return &Reading{chain: chain, span: span, settings: settings}
}

// readSoFar is what a reading has found.
type readSoFar struct {
	joined   *timeline.Joined
	snapshot *fold.Snapshot
	progress float64
	finished bool
}

// A readRun is a run and what is known of it.
type readRun struct {
	*session.Run
	set   path.Settings
	links []*readLink
	// view is exact until known, on the axis of the run.
	view  *timeline.View
	known time.Duration
	snap  *fold.Snapshot
}

// A readLink is one recording of a run and what is known of it without the
// others.
type readLink struct {
	*session.Link
	timeline *timeline.Timeline
	view     *timeline.View
	// stretches are those that the view knows, on the axis of the run.
	stretches []timeline.Span
	exact     bool
}

// publishReadEvery is how often progress is shown: four times a second.
const publishReadEvery = 250 * time.Millisecond

// Load reads everything. It ends early when stop is closed.
func (r *Reading) Load(stop <-chan struct{}) error {
	if err := r.prepare(); err != nil {
		return err
	}
	newest := r.runs[len(r.runs)-1]
	// What is in view at first does not wait for a week before it.
	newest.links[len(newest.links)-1].overview()
	r.publish()
	if err := r.overview(); err != nil {
		return err
	}
	r.publish()
	if err := newest.tail(r.span.To); err != nil {
		return err
	}
	r.publish()
	if len(newest.links) > 1 {
		if err := r.foldNewest(newest, stop); err != nil {
			return err
		}
	}
	for _, run := range slices.Backward(r.runs) {
		if err := r.foldRun(run, stop); err != nil {
			return err
		}
	}
	return nil
}

// prepare lists what there is to read.
func (r *Reading) prepare() error {
	for _, run := range r.chain.Runs {
		if run.Span.From >= r.span.To && len(r.runs) > 0 {
			break
		}
		set, whatIf, err := r.settings(run)
		if err != nil {
			return err
		}
		k := &readRun{Run: run, set: set, known: run.Links[0].From}
		for _, l := range run.Links {
			link := &readLink{Link: l}
			if !whatIf {
				limits := timeline.SumLimits(set)
				limits.Age = l.To - l.From + time.Hour
				link.timeline = timeline.NewTimeline(limits)
			}
			k.links = append(k.links, link)
			r.total += float64(l.Size)
		}
		r.runs = append(r.runs, k)
	}
	if n := r.runs[len(r.runs)-1].links; len(n) > 1 {
		r.total += float64(n[len(n)-1].Size)
	}
	return nil
}

// overview takes in what the rollups say, which other settings would change.
func (r *Reading) overview() error {
	var done sync.WaitGroup
	var mu sync.Mutex
	var failed error
	for _, run := range r.runs {
		for _, l := range run.links {
			done.Go(func() {
				err := crash.Survive(func() error {
					l.overview()
					return nil
				})
				mu.Lock()
				defer mu.Unlock()
				failed = errors.Join(failed, err)
			})
		}
	}
	done.Wait()
	return failed
}

func (l *readLink) overview() {
	if l.timeline == nil || l.view != nil {
		return
	}
	known := l.Overview(l.timeline)
	if known > l.From {
		l.view = l.timeline.View()
		l.stretches = append(l.stretches, timeline.Span{From: l.From, To: min(known, l.To)})
	}
}

// tail reads what came after the newest rollup: the stretch that a replay
// begins with. What is short and has no rollup is not worth it.
func (r *readRun) tail(until time.Duration) error {
	l := r.links[len(r.links)-1]
	from := max(l.From, l.To-session.MaxTail)
	if n := len(l.stretches); n > 0 {
		from = max(from, l.stretches[n-1].To)
	}
	if l.timeline == nil || from >= l.To || from == l.From || until < l.To+r.Shift {
		return nil
	}
	if err := l.Tail(l.timeline, from); err != nil {
		return fmt.Errorf("%s: %w", l.Name, err)
	}
	l.view = l.timeline.View()
	l.stretches = append(l.stretches, timeline.Span{From: from, To: l.To})
	return nil
}

// publish shows what is known.
func (r *Reading) publish() {
	var parts []timeline.Part
	for _, run := range r.runs {
		parts = run.parts(parts, r.chain, r.span.To)
	}
	newest := r.runs[len(r.runs)-1]
	r.shown.Store(&readSoFar{
		joined: timeline.Join(parts, newest.set), snapshot: newest.snap,
		progress: min(r.done/max(r.total, 1), 1), finished: r.done >= r.total,
	})
	r.published = time.Now()
}

// parts appends what is known of a run, until an instant.
func (r *readRun) parts(parts []timeline.Part, chain *session.Chain, until time.Duration) []timeline.Part {
	at := r.Span.From
	end := min(r.Span.To, until)
	add := func(to time.Duration, v *timeline.View, exact bool) {
		to = min(to, end)
		if to <= at && (len(parts) > 0 || to < at) {
			return
		}
		parts = append(parts, timeline.Part{
			Span: timeline.Span{From: at, To: to}, Shift: r.Shift, Wall: chain.Wall(at), View: v, Exact: exact,
		})
		at = to
	}
	if r.view != nil {
		add(r.known+r.Shift, r.view, true)
	}
	for _, l := range r.links {
		for _, s := range l.stretches {
			add(s.From+r.Shift, nil, false)
			add(s.To+r.Shift, l.view, l.exact)
		}
		add(l.To+r.Shift, nil, false)
	}
	return parts
}

// foldNewest folds the newest recording of a run alone: what people look at
// first should not wait for all that came before.
func (r *Reading) foldNewest(run *readRun, stop <-chan struct{}) error {
	l := run.links[len(run.links)-1]
	alone := &session.Run{Links: []*session.Link{l.Link}, Shift: run.Shift}
	return r.fold(alone, run.set, stop, func(v *timeline.View, s *fold.Snapshot, _ time.Duration) {
		if s == nil {
			return
		}
		l.view, l.exact = v, true
		l.stretches = []timeline.Span{{From: l.From, To: l.To}}
	})
}

// foldRun folds all of a run.
func (r *Reading) foldRun(run *readRun, stop <-chan struct{}) error {
	return r.fold(run.Run, run.set, stop, func(v *timeline.View, s *fold.Snapshot, until time.Duration) {
		run.view, run.known, run.snap = v, until, s
	})
}

// fold folds a run, and passes what it has found so far on: now and then, and
// at the end, with a snapshot.
func (r *Reading) fold(run *session.Run, set path.Settings, stop <-chan struct{}, found func(*timeline.View, *fold.Snapshot, time.Duration)) error {
	first, last := run.Links[0], run.Links[len(run.Links)-1]
	until := min(last.To, r.span.To-run.Shift)
	limits := Limits(set, until-first.From)
	past := timeline.NewTimeline(limits)
	driver := fold.NewDriver(set, past)
	before, n := r.done, 0
	for o, err := range run.All() {
		if err != nil {
			return fmt.Errorf("%s: %w", o.Link.Name, err)
		}
		if o.Mono > until {
			break
		}
		driver.Observe(o.Observation)
		if n++; n%1024 == 0 && time.Since(r.published) >= publishReadEvery {
			select {
			case <-stop:
				return nil
			default:
			}
			r.done = before + read(run, o.Link, o.Mono)
			found(past.View(), nil, o.Mono)
			r.publish()
		}
	}
	driver.Finish(until)
	snap := driver.Snapshot()
	past.Snapshot(snap)
	r.done = before
	for _, l := range run.Links {
		r.done += float64(l.Size)
	}
	found(past.View(), snap, until)
	r.publish()
	return nil
}

// read returns how many bytes of a run were read when at was.
func read(run *session.Run, link *session.Link, at time.Duration) float64 {
	n := 0.0
	for _, l := range run.Links {
		if l == link {
			return n + float64(l.Size)*float64(at-l.From)/float64(max(l.To-l.From, 1))
		}
		n += float64(l.Size)
	}
	return n
}

// Now implements ui.Feed: the end of what is replayed.
func (r *Reading) Now() (time.Time, time.Duration) { return r.chain.Wall(r.span.To), r.span.To }

// Snapshot implements ui.Feed.
func (r *Reading) Snapshot() *fold.Snapshot {
	if s := r.shown.Load(); s != nil {
		return s.snapshot
	}
	return nil
}

// Timeline implements ui.Feed.
func (r *Reading) Timeline() ui.Timeline {
	if s := r.shown.Load(); s != nil {
		return s.joined
	}
	return nil
}

// Recording is what the key bar and the header say.
func (r *Reading) Recording() ui.Recording {
	k := ui.Recording{Length: r.span.To - r.span.From, Reading: true}
	n := 0
	for _, run := range r.chain.Runs {
		for _, l := range run.Links {
			k.Size += l.Size
			k.File = filepath.Base(l.Name)
			n++
		}
	}
	if n > 1 {
		k.File = fmt.Sprintf("%d recordings", n)
	}
	if n := len(r.chain.LeftOut); n > 0 {
		k.File += fmt.Sprintf(", %d unreadable", n)
	}
	if s := r.shown.Load(); s != nil {
		k.Progress, k.Reading = s.progress, !s.finished
	}
	return k
}
