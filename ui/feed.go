package ui

import (
	"time"

	"flapscope/history/timeline"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
)

// A Feed is where the screen reads from. Its methods never block, may be
// called from any goroutine, and return immutable values.
type Feed interface {
	// Now returns the instant at the right edge of a live screen: wall clock
	// and CLOCK_BOOTTIME. A recording returns its end.
	Now() (time.Time, time.Duration)
	// Snapshot returns the newest state, or nil before the first observation.
	// The same pointer is returned while nothing changed.
	Snapshot() *fold.Snapshot
	// Timeline returns a view of the past up to the newest observation, or nil
	// before the first. The same value is returned while nothing changed.
	Timeline() Timeline
}

// A Timeline answers what happened when. Instants are on the CLOCK_BOOTTIME
// axis. It is immutable: two equal questions have equal answers.
type Timeline interface {
	// Bounds returns the stretch of which anything is known, gaps included; the
	// zero Span while nothing is.
	Bounds() timeline.Span
	// Exact reports whether everything is known of a span. Where a recording is
	// still being read At knows nothing, Items and Stats not all.
	Exact(span timeline.Span) bool
	// Clock returns the wall time of an instant, with clock steps taken into
	// account; outside Bounds it goes on evenly.
	Clock(mono time.Duration) time.Time
	// At returns the state at an instant. Its snapshot is nil before the first
	// observation.
	At(mono time.Duration) timeline.Moment

	// Strip returns the worst level of scope in each of n columns of equal
	// width over span. After Bounds().To the newest level goes on: the caller
	// knows whether time has gone on too.
	Strip(scope path.ScopeName, span timeline.Span, n int) []timeline.Level
	// Segments returns the stretches of scope that overlap span and are at
	// least atLeast long, oldest first, not cut to span, so that a label can
	// say how long an outage really was. Neighbours of the same level, label
	// and note are one segment; a gap is a segment of LevelGap labelled with
	// its reason. The newest one ends at Bounds().To.
	Segments(scope path.ScopeName, span timeline.Span, atLeast time.Duration) []timeline.Segment
	// Settled returns the stretches of scope that overlap span as they were
	// settled, oldest first.
	Settled(scope path.ScopeName, span timeline.Span) []timeline.Segment
	// Lanes returns the interfaces that existed within span, in order of
	// preference: in use first, then usable, then candidates, then the hidden.
	Lanes(span timeline.Span) []timeline.Lane

	// Rates returns what the interface of a scope carried in each of n columns of
	// equal width over span.
	Rates(scope path.ScopeName, span timeline.Span, n int) []timeline.Rate

	// Air returns how the association of the interface of a scope did in each of n
	// columns of equal width over span.
	Air(scope path.ScopeName, span timeline.Span, n int) []timeline.Air
	// Radio returns what became of the radio of the interface of a scope within
	// span, oldest first, and before it the last word on its association.
	Radio(scope path.ScopeName, span timeline.Span) []timeline.RadioEvent

	// Heard returns which access points the interface of a scope had heard of last
	// at an instant, or nothing.
	Heard(scope path.ScopeName, at time.Duration) timeline.Hearing
	// Airtime returns how the channel of the interface of a scope was used in the
	// sample before an instant, or nothing.
	Airtime(scope path.ScopeName, at time.Duration) timeline.Airtime

	// Targets returns the targets probed within span, in a stable order:
	// gateways, resolvers, internet, portal, custom.
	Targets(span timeline.Span) []*fact.Target
	// Latency returns what the probes of the target (by ID) did in each of n
	// columns of equal width over span.
	Latency(target string, span timeline.Span, n int) []timeline.Bucket
	// Stats sums up the probes of the target over span.
	Stats(target string, span timeline.Span) timeline.Stats

	// Items returns the newest items within span, newest first, at most limit.
	Items(span timeline.Span, limit int) []timeline.Item
	// Count returns how many items lie within span.
	Count(span timeline.Span) int
	// Nearest returns the item nearest to from that is strictly after it
	// (forward) or strictly before it, of at least the given severity.
	Nearest(from time.Duration, forward bool, atLeast timeline.Level) (timeline.Item, bool)
	// Marks returns the items in each of n columns of equal width over span.
	Marks(span timeline.Span, n int) []timeline.Marker
	// Settings returns what the path was settled by.
	Settings() path.Settings
	// Incidents returns the incidents that overlap span, the notes among them,
	// oldest first, as they are to be shown at an instant: what was known by
	// then of those that had begun, and all that is known of those to come.
	Incidents(span timeline.Span, at time.Duration) []*fold.Incident
	// Evidence returns how the machine was at the onset of an incident, a line
	// for each fact that begins with its kind: "link", "gateway", "route".
	Evidence(i *fold.Incident) []string
}
