package watch

import (
	"context"
	"sync/atomic"
	"time"

	"flapscope/history/pattern"
	"flapscope/history/timeline"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/live"
	"flapscope/monitor/state"
	"flapscope/ui"
)

// A Feed is what the live screen reads from: it listens to the monitor,
// keeps the timeline, and publishes both as immutable values when there is
// something new, a few times a second at the most. The screen neither locks nor
// waits; nor does anything wait for it.
type Feed struct {
	clock    live.Clock
	timeline *timeline.Timeline
	// news tells Run that there is something to publish, and urgent that it is to
	// be published at once. What is counted is published at once too, for whenever
	// the screen draws next: it is read on the second, and nobody is woken up for it.
	news, urgent, counted chan struct{}
	// changed tells the screen.
	changed chan struct{}
	shown   atomic.Pointer[published]
}

type published struct {
	snapshot *fold.Snapshot
	view     *timeline.View
}

// publishEvery is how often changes reach the screen at the most, transitions of
// the machine and the families aside. Probes leave in slots at the beginning of
// such a stretch, so that the answers of all of them are one picture.
const publishEvery = 250 * time.Millisecond

// NewFeed returns a feed of the time that clock tells, with a timeline of limits.
// It is a listener of the monitor, and publishes while it runs.
func NewFeed(clock live.Clock, limits timeline.Limits) *Feed {
	signal := func() chan struct{} { return make(chan struct{}, 1) }
	return &Feed{
		clock: clock, timeline: timeline.NewTimeline(limits),
		news: signal(), urgent: signal(), counted: signal(), changed: signal(),
	}
}

// Observed implements fold.Listener.
func (f *Feed) Observed(o fact.Observation, s *state.State) {
	f.timeline.Observed(o, s)
	if _, ok := o.Fact.(*fact.Traffic); ok {
		notify(f.counted)
		return
	}
	notify(f.news)
}

// Happened implements fold.Listener.
func (f *Feed) Happened(e fold.Event, snapshot func() *fold.Snapshot) {
	f.timeline.Happened(e, snapshot)
	notify(f.news)
	if e.Transition != nil && e.Transition.Scope.Whole() {
		notify(f.urgent)
	}
}

// notify wakes up whoever waits for a signal, now or later.
func notify(signal chan<- struct{}) {
	select {
	case signal <- struct{}{}:
	default:
	}
}

// Run publishes what is new until ctx ends, and sleeps while nothing is: a
// program that wakes up for nothing drains the battery. The first path does
// not wait.
func (f *Feed) Run(ctx context.Context, m *live.Monitor) {
	pause := time.NewTimer(0)
	defer pause.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-f.counted:
			m.Sample(f.keep)
			continue
		case <-f.news:
		}
		if s := f.Snapshot(); s != nil && s.Raw != nil {
			_, now := f.clock()
			pause.Reset(publishEvery - now%publishEvery)
			select {
			case <-ctx.Done():
				return
			case <-pause.C:
			case <-f.urgent:
			}
		}
		m.Sample(f.publish)
	}
}

// publish runs under the monitor's lock.
func (f *Feed) publish(s *fold.Snapshot) {
	if old := f.shown.Load(); old != nil && old.snapshot == s {
		return
	}
	f.keep(s)
	notify(f.changed)
}

// keep makes what is known now what the screen reads.
func (f *Feed) keep(s *fold.Snapshot) {
	f.timeline.Snapshot(s)
	f.shown.Store(&published{s, f.timeline.View()})
}

// Pattern puts a regularity into the log. It runs under the monitor's lock.
func (f *Feed) Pattern(s *fold.Snapshot, p pattern.Pattern) {
	at, mono := f.clock()
	f.timeline.Note(timeline.Item{
		Time: at, Mono: mono, Mark: timeline.MarkNote, Kind: "pattern",
		Text: p.Text(), Severity: timeline.LevelDegraded,
	})
	f.keep(s)
	notify(f.changed)
}

// Published is sent to after something was published.
func (f *Feed) Published() <-chan struct{} { return f.changed }

// View returns the newest timeline, or nil.
func (f *Feed) View() *timeline.View {
	if p := f.shown.Load(); p != nil {
		return p.view
	}
	return nil
}

// Now implements ui.Feed.
func (f *Feed) Now() (time.Time, time.Duration) { return f.clock() }

// Snapshot implements ui.Feed.
func (f *Feed) Snapshot() *fold.Snapshot {
	if p := f.shown.Load(); p != nil {
		return p.snapshot
	}
	return nil
}

// Timeline implements ui.Feed.
func (f *Feed) Timeline() ui.Timeline {
	// A nil view in an interface would not be nil.
	if v := f.View(); v != nil {
		return v
	}
	return nil
}
