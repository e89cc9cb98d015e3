package fold

import (
	"fmt"
	"time"

	"flapscope/internal/text"
	"flapscope/monitor/fact"
	"flapscope/monitor/path"
)

// An Incident is one trouble as a person would count it: everything that fails
// because of one root, from its first fact until all of it works again, and
// again if it comes back within the quiet time.
type Incident struct {
	// ID counts incidents from 1 within a session.
	ID int
	// Phase is what an event says of it: that it is open, that something about
	// it is new, or that it is closed. One that comes back within the quiet time
	// is open again.
	Phase Phase
	// From and To are when it began and ended; To is zero while it is open.
	From, To fact.Instant
	// Earliest is the earliest instant at which it can have begun, and
	// EndEarliest that at which it can have ended, where that lies between two
	// checks; zero where From and To are exact.
	Earliest, EndEarliest fact.Instant
	// Duration is To less From (or the time so far), without gaps.
	Duration time.Duration
	Severity Severity
	Root     path.Root
	// Count is how many times it came, Shortest and Longest how long it lasted,
	// and Down all of them together.
	Count    int
	Shortest time.Duration
	Longest  time.Duration
	Down     time.Duration
	// Works is what was seen to work meanwhile: "gateway", "dns", "ipv4", "ipv6".
	Works []string
	// Standby are the interfaces that could have carried it.
	Standby []Standby
	// Pattern is the rhythm in which it came, or nil.
	Pattern *Recurrence
	// Cause is the chain of facts that began it, Recovery that which ended it.
	Cause    []path.Step
	Recovery []path.Step
	// Cells are the access points that ended associations or refused them, in the
	// order in which they were met.
	Cells []Cell
	// Episodes are the IDs of the episodes that it explains.
	Episodes []int
	// Text says it in one sentence.
	Text fact.Untrusted
}

// Open reports whether the incident goes on.
func (i *Incident) Open() bool { return i.To == fact.Instant{} }

// Note reports whether it is worth knowing but no trouble.
func (i *Incident) Note() bool { return i.Severity == SeverityNote }

// A Severity says how bad an incident is.
type Severity string

// The severities: in an outage nothing gets through in at least one family.
const (
	SeverityOutage   Severity = "outage"
	SeverityDegraded Severity = "degraded"
	SeverityNote     Severity = "note"
)

// The phases of an incident.
const (
	PhaseOpen   Phase = "open"
	PhaseUpdate Phase = "update"
	PhaseClosed Phase = "closed"
)

// A Recurrence is a constant time between the end of a trouble and its return.
type Recurrence struct {
	// After is what it follows, in words: "the carrier was back".
	After string `json:"after"`
	// Lag is the median of the time in between.
	Lag time.Duration `json:"lag_ns"`
	// Hits are how many of Of returns kept to it.
	Hits int `json:"hits"`
	Of   int `json:"of"`
	// Then is the rhythm that followed, or nil.
	Then *Recurrence `json:"then,omitempty"`
}

// Text says the rhythm: "8.0 s after the carrier was back, 6 of 6".
func (r *Recurrence) Text() string {
	out := fmt.Sprintf("%s after %s, %d of %d", text.Duration(r.Lag), r.After, r.Hits, r.Of)
	if r.Then != nil {
		out += fmt.Sprintf(", then %s, %d of %d", text.Duration(r.Then.Lag), r.Then.Hits, r.Then.Of)
	}
	return out
}

// KindIncident is the kind of the event of an incident.
const KindIncident fact.Kind = "incident"

// quietTime is how long a root must be quiet for its next trouble to be another
// incident.
const quietTime = 60 * time.Second

// recurrence finds the constant time among the lags between an end and the next
// begin: one, or one and then another; nil where they are irregular or too few.
func recurrence(lags []time.Duration, after string) *Recurrence {
	if one := constant(lags, after); one != nil {
		return one
	}
	var best *Recurrence
	for i := leastOfTwo; i <= len(lags)-leastOfTwo; i++ {
		first := constant(lags[:i], after)
		if first == nil {
			continue
		}
		first.Then = constant(lags[i:], after)
		if first.Then != nil && (best == nil || first.Hits+first.Then.Hits > best.Hits+best.Then.Hits) {
			best = first
		}
	}
	return best
}

// leastOfTwo is how many lags each of two rhythms has at least: fewer are found
// by chance wherever one looks for them.
const leastOfTwo = 8

// constant finds the one constant time among lags.
func constant(lags []time.Duration, after string) *Recurrence {
	if len(lags) < 3 {
		return nil
	}
	median := medianOf(lags)
	near := max(median/20, 300*time.Millisecond)
	hits := 0
	for _, l := range lags {
		if l-median <= near && median-l <= near {
			hits++
		}
	}
	if hits*5 < len(lags)*4 {
		return nil
	}
	return &Recurrence{After: after, Lag: median, Hits: hits, Of: len(lags)}
}
