package fold

import (
	"fmt"
	"math"
	"slices"
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
// begin: one, to which nearly all keep; one and then another; or one to which most do,
// where something else made a few late. It is nil where they are irregular or too few.
func recurrence(lags []time.Duration, after string) *Recurrence {
	one := usual(slices.Sorted(slices.Values(lags)), after)
	if one.nearlyAll() {
		return &one
	}
	if first, then := twoRhythms(lags, after); then != nil {
		first.Then = then
		return first
	}
	if one.most() {
		return &one
	}
	return nil
}

// leastOfTwo is how many lags each of two rhythms has at least: fewer are found
// by chance wherever one looks for them.
const leastOfTwo = 8

// twoRhythms returns the two that the most lags keep to, one up to some lag and the
// other from there on, or nil. It looks at all beginnings and ends in order, so that
// the lags of each are sorted by inserting one.
func twoRhythms(lags []time.Duration, after string) (first, then *Recurrence) {
	ends := make([]Recurrence, len(lags)+1)
	sorted := make([]time.Duration, 0, len(lags))
	for i, l := range slices.Backward(lags) {
		sorted = insert(sorted, l)
		ends[i] = usual(sorted, after)
	}
	sorted = sorted[:0]
	for i, l := range lags[:max(0, len(lags)-leastOfTwo)] {
		sorted = insert(sorted, l)
		begin, end := usual(sorted, after), &ends[i+1]
		fits := i+1 >= leastOfTwo && begin.nearlyAll() && end.nearlyAll()
		if fits && (then == nil || begin.Hits+end.Hits > first.Hits+then.Hits) {
			first, then = &begin, end
		}
	}
	return first, then
}

// insert puts a lag into its place among sorted ones.
func insert(sorted []time.Duration, l time.Duration) []time.Duration {
	at, _ := slices.BinarySearch(sorted, l)
	return slices.Insert(sorted, at, l)
}

// usual is the time around the median of sorted lags, and how many keep to it: whether
// or not that is a rhythm.
func usual(sorted []time.Duration, after string) Recurrence {
	if len(sorted) == 0 {
		return Recurrence{}
	}
	median := sorted[len(sorted)/2]
	near := nearTo(median)
	from, _ := slices.BinarySearch(sorted, median-near)
	to, _ := slices.BinarySearch(sorted, median+near+1)
	return Recurrence{After: after, Lag: sorted[from+(to-from)/2], Hits: to - from, Of: len(sorted)}
}

// nearTo is how far a lag may be off a rhythm.
func nearTo(lag time.Duration) time.Duration { return max(lag/20, 300*time.Millisecond) }

// nearlyAll reports whether four in five lags keep to a rhythm, of three at least.
func (r *Recurrence) nearlyAll() bool { return r.Of >= 3 && r.Hits*5 >= r.Of*4 }

// most reports whether more than half of the lags keep to a rhythm, and so many that
// they would by chance once in a hundred times.
func (r *Recurrence) most() bool {
	return r.Hits*2 > r.Of && byChance(r.Hits-1, r.Of-1, float64(nearTo(r.Lag))/float64(r.Lag)) < 0.01
}

// byChance is the probability that of n lags without a rhythm, which come after
// exponential times, so many or more are within a share of the median. Each one is
// taken to be twice as likely, since the median is one of them.
func byChance(hits, n int, share float64) float64 {
	one := 2 * (math.Exp2(share-1) - math.Exp2(-share-1))
	if one >= 1 {
		return 1
	}
	// of is the probability of exactly k, from none on.
	of, least := math.Pow(1-one, float64(n)), 1.0
	for k := range hits {
		least -= of
		of *= float64(n-k) / float64(k+1) * one / (1 - one)
	}
	return least
}
