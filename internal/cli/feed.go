package cli

import (
	"context"
	"sync/atomic"
	"time"

	"flapscope/history"
	"flapscope/monitor"
	"flapscope/monitor/live"
	"flapscope/ui"
)

// A liveFeed is what the live screen reads from: it listens to the monitor,
// keeps the timeline, and publishes both as immutable values several times a
// second. The screen neither locks nor waits; nor does anything wait for it.
type liveFeed struct {
	clock    live.Clock
	timeline *history.Timeline
	shown    atomic.Pointer[published]
}

type published struct {
	snapshot *monitor.Snapshot
	view     *history.View
}

// publishEvery is how often a change reaches the screen at the latest: twice
// in each tick of the screen.
const publishEvery = 125 * time.Millisecond

// publishFirst is how often it is tried until there is a path to show: the
// first frame waits for it.
const publishFirst = 2 * time.Millisecond

func newLiveFeed(clock live.Clock, limits history.Limits) *liveFeed {
	return &liveFeed{clock: clock, timeline: history.NewTimeline(limits)}
}

// Observed implements live.Listener.
func (f *liveFeed) Observed(o monitor.Observation, s *monitor.State) { f.timeline.Observe(o, s) }

// Happened implements live.Listener.
func (f *liveFeed) Happened(e monitor.Event, snapshot func() *monitor.Snapshot) {
	f.timeline.Event(e, snapshot())
}

// run publishes until ctx ends.
func (f *liveFeed) run(ctx context.Context, m *live.Monitor) {
	tick := time.NewTicker(publishFirst)
	defer tick.Stop()
	for first := true; ; {
		m.Sample(f.publish)
		if s := f.Snapshot(); first && s.Raw != nil {
			first = false
			tick.Reset(publishEvery)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// publish runs under the monitor's lock.
func (f *liveFeed) publish(s *monitor.Snapshot) {
	if old := f.shown.Load(); old != nil && old.snapshot == s {
		return
	}
	f.timeline.Snapshot(s)
	f.shown.Store(&published{s, f.timeline.View()})
}

// pattern puts a regularity into the log. It runs under the monitor's lock.
func (f *liveFeed) pattern(s *monitor.Snapshot, p history.Pattern) {
	at, mono := f.clock()
	f.timeline.Note(history.Item{
		Time: at, Mono: mono, Mark: history.MarkNote, Kind: "pattern",
		Text: p.Text(), Severity: history.LevelDegraded,
	})
	f.timeline.Snapshot(s)
	f.shown.Store(&published{s, f.timeline.View()})
}

// view returns the newest timeline, or nil.
func (f *liveFeed) view() *history.View {
	if p := f.shown.Load(); p != nil {
		return p.view
	}
	return nil
}

// Now implements ui.Feed.
func (f *liveFeed) Now() (time.Time, time.Duration) { return f.clock() }

// Snapshot implements ui.Feed.
func (f *liveFeed) Snapshot() *monitor.Snapshot {
	if p := f.shown.Load(); p != nil {
		return p.snapshot
	}
	return nil
}

// Timeline implements ui.Feed.
func (f *liveFeed) Timeline() ui.Timeline {
	if p := f.shown.Load(); p != nil {
		return p.view
	}
	return nil
}
