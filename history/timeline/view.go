package timeline

import (
	"cmp"
	"slices"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
)

// A Level is how well a scope did during a stretch. A larger level wins when a
// bucket holds several, so that a short outage never disappears in a wide
// bucket.
type Level uint8

// The levels, from "nothing known" to worst.
const (
	// LevelNone is no data: not recording yet, or the interface did not exist.
	LevelNone Level = iota
	// LevelIdle is an interface that exists but is not usable and not expected
	// to be: never had carrier, administratively down.
	LevelIdle
	// LevelStandby is an interface that is usable and not in use.
	LevelStandby
	// LevelGood is satisfied (machine, family) or usable and in use (interface).
	LevelGood
	// LevelGap is a stretch in which nothing can be claimed.
	LevelGap
	// LevelWaiting is requires_connection.
	LevelWaiting
	// LevelDegraded is satisfied with health below online, or flapping.
	LevelDegraded
	// LevelBad is unsatisfied.
	LevelBad
)

// A Span is a half-open stretch [From, To) of the CLOCK_BOOTTIME axis.
type Span struct{ From, To time.Duration }

// Union returns the spans sorted, and as one where they overlap or touch.
func Union(spans []Span) []Span {
	sorted := slices.SortedStableFunc(slices.Values(spans), func(a, b Span) int { return cmp.Compare(a.From, b.From) })
	var out []Span
	for _, s := range sorted {
		if n := len(out); n > 0 && s.From <= out[n-1].To {
			out[n-1].To = max(out[n-1].To, s.To)
		} else if s.To > s.From {
			out = append(out, s)
		}
	}
	return out
}

// A Segment is a stretch in which a scope's level and label did not change.
// Short stretches are segments of their own: raw flaps are always there.
type Segment struct {
	Span
	Level Level
	// Label is the interface that carried the path, or the reason there was
	// none ("no_carrier").
	Label fact.Untrusted
	// Note is a short attribute: "metered", "tunnel".
	Note string
}

// A Bucket is what one target's probes did during one column of a chart.
type Bucket struct {
	// Answered, Lost and NoData count probes by the time they were sent.
	Answered, Lost, NoData uint32
	// Portal counts the answers that were the page of a captive portal.
	Portal uint32
	// Min, Median and Max are of the answered ones, zero when there are none.
	Min, Median, Max time.Duration
}

// Stats sums up one target's probes over a span.
type Stats struct {
	Answered, Lost uint32
	// Late counts the answers after the time-out, which Answered does too, and
	// Duplicates those that came once more. Rollups do not know them.
	Late, Duplicates uint32
	// Scanned counts the answers to what was sent while a radio on the way scanned,
	// of which InScans is the median: of P50, P95 and P99 they are no part, since
	// they are late because of this machine. It is known of spans of two hours.
	Scanned uint32
	InScans time.Duration
	// Last is the newest answer's RTT, zero when the newest probe was lost.
	Last     time.Duration
	P50, P95 time.Duration
	// P99 is zero where there are too few answers for it, 300.
	P99 time.Duration
	// Jitter is the mean difference of consecutive round trips, without those
	// around a loss or a gap.
	Jitter time.Duration
	// Bursts are the runs of losses in a row.
	Bursts       uint32
	LossFraction float64 // of Answered+Lost, 0 to 1
}

// A Mark is the shape of an item on the timeline and in the log.
type Mark rune

// The marks.
const (
	MarkUp       Mark = '▲'
	MarkDown     Mark = '▼'
	MarkRoute    Mark = '◆'
	MarkAddress  Mark = '○'
	MarkProbe    Mark = '!'
	MarkRecovery Mark = '✓'
	MarkGap      Mark = '~'
	MarkNote     Mark = '*'
)

// An Item is one line of the event log.
type Item struct {
	// Seq numbers the items of a session from 1, in the order of the log.
	Seq  int
	Time time.Time
	Mono time.Duration
	Mark Mark
	// Kind is the short word of the second column: "path", "link", "addr",
	// "route", "dns"…
	Kind string
	// Text is the line; safe to print.
	Text string
	// Detail are further lines, such as the steps of a cause chain.
	Detail []string
	// Severity orders items by how loud they should be: a LevelGood item is
	// calm, LevelBad is red.
	Severity Level
}

// A Lane is one interface on the timeline.
type Lane struct {
	Name  fact.Untrusted
	Index int
	Type  fact.LinkType
	Scope path.ScopeName
	// Hidden is whether the interface is noise by default: loopback, a port of
	// a bridge, a container's veth; a switch shows it.
	Hidden bool
}

// A Marker is the items of one column of the timeline.
type Marker struct {
	// Count is how many items there are; 0 leaves the column empty.
	Count int
	// Mark and Severity are those of the loudest item, the newest of equals.
	Mark     Mark
	Severity Level
}

// A Moment is the state at one instant, for the panes beside the timeline.
type Moment struct {
	Time     time.Time
	Mono     time.Duration
	Snapshot *fold.Snapshot
}
