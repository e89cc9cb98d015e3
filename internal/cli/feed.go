package cli

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

// A liveFeed is what the live screen reads from: it listens to the monitor,
// keeps the timeline, and publishes both as immutable values several times a
// second. The screen neither locks nor waits; nor does anything wait for it.
type liveFeed struct {
	clock    live.Clock
	timeline *timeline.Timeline
	// news tells run that there is something to publish.
	news  chan struct{}
	shown atomic.Pointer[published]
}

type published struct {
	snapshot *fold.Snapshot
	view     *timeline.View
}

// publishEvery is how often changes reach the screen at the most: twice in
// each tick of the screen.
const publishEvery = 125 * time.Millisecond

func newLiveFeed(clock live.Clock, limits timeline.Limits) *liveFeed {
	return &liveFeed{clock: clock, timeline: timeline.NewTimeline(limits), news: make(chan struct{}, 1)}
}

// Observed implements fold.Listener.
func (f *liveFeed) Observed(o fact.Observation, s *state.State) {
	f.timeline.Observed(o, s)
	f.notify()
}

// Happened implements fold.Listener.
func (f *liveFeed) Happened(e fold.Event, snapshot func() *fold.Snapshot) {
	f.timeline.Happened(e, snapshot)
	f.notify()
}

func (f *liveFeed) notify() {
	select {
	case f.news <- struct{}{}:
	default:
	}
}

// run publishes what is new until ctx ends, and sleeps while nothing is: a
// program that wakes up for nothing drains the battery. The first path does
// not wait.
func (f *liveFeed) run(ctx context.Context, m *live.Monitor) {
	pause := time.NewTimer(0)
	defer pause.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-f.news:
		}
		m.Sample(f.publish)
		if s := f.Snapshot(); s == nil || s.Raw == nil {
			continue
		}
		pause.Reset(publishEvery)
		select {
		case <-ctx.Done():
			return
		case <-pause.C:
		}
	}
}

// publish runs under the monitor's lock.
func (f *liveFeed) publish(s *fold.Snapshot) {
	if old := f.shown.Load(); old != nil && old.snapshot == s {
		return
	}
	f.timeline.Snapshot(s)
	f.shown.Store(&published{s, f.timeline.View()})
}

// pattern puts a regularity into the log. It runs under the monitor's lock.
func (f *liveFeed) pattern(s *fold.Snapshot, p pattern.Pattern) {
	at, mono := f.clock()
	f.timeline.Note(timeline.Item{
		Time: at, Mono: mono, Mark: timeline.MarkNote, Kind: "pattern",
		Text: p.Text(), Severity: timeline.LevelDegraded,
	})
	f.timeline.Snapshot(s)
	f.shown.Store(&published{s, f.timeline.View()})
}

// view returns the newest timeline, or nil.
func (f *liveFeed) view() *timeline.View {
	if p := f.shown.Load(); p != nil {
		return p.view
	}
	return nil
}

// Now implements ui.Feed.
func (f *liveFeed) Now() (time.Time, time.Duration) { return f.clock() }

// Snapshot implements ui.Feed.
func (f *liveFeed) Snapshot() *fold.Snapshot {
	if p := f.shown.Load(); p != nil {
		return p.snapshot
	}
	return nil
}

// Timeline implements ui.Feed.
func (f *liveFeed) Timeline() ui.Timeline {
	// A nil view in an interface would not be nil.
	if v := f.view(); v != nil {
		return v
	}
	return nil
}
