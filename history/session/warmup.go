package session

import (
	"math"
	"slices"
	"time"

	"flapscope/history/timeline"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
)

// What is known at an instant follows from what was observed before: since when
// something is wrong, what of it works, what is usual. A recording that begins in the
// middle therefore has the observations that lead there too, its warm-up, and
// Header.Begins says from when on it reports.
const (
	// warmUp is how long a warm-up is at least: what is asked seldom is asked in it,
	// and what is usual gets known.
	warmUp = 10 * time.Minute
	// maxWarmUp is how long it is at most. What began before that has the begin of the
	// warm-up for its own.
	maxWarmUp = 2 * time.Hour
	// maxWarmUpBytes is how many bytes of a full recording the next one begins with: a
	// trouble that never ends must not fill each one with the one before, and a storm goes
	// on while they are copied. Two hours have less where there is none.
	maxWarmUpBytes = 1 << 20
	// coldFor is how long a fold that begins takes to know what holds, and quietFor
	// for how long a trouble that is over may still come back as the same.
	coldFor  = 2 * time.Minute
	quietFor = time.Minute
)

// warmUpFrom returns where the warm-up of an instant begins, in recordings of which
// each continues the one behind it: at a moment in which all was calm that counts at
// that instant.
func warmUpFrom(parts []*Reader, at time.Duration) time.Duration {
	spans := troubled(parts)
	from, earliest := at-warmUp, at-maxWarmUp
	for again := true; again && from > earliest; {
		again = false
		for _, s := range spans {
			if s.From-coldFor < from && from < s.To+quietFor {
				from, again = s.From-coldFor, true
			}
		}
	}
	return max(from, earliest)
}

// warmUp returns where a warm-up begins that shall begin at from, at the begin of the
// recording at the earliest, and the rows of the state there, of which that begin needs
// none.
func (r *Reader) warmUp(from time.Duration) (at fact.Instant, rows []fact.Observation, err error) {
	if from <= r.start.Mono {
		return r.start, nil, nil
	}
	s, blind, err := r.stateAt(from - 1)
	if err != nil {
		return at, nil, err
	}
	s.Time, s.Mono = r.wall(from), from
	if blind == nil {
		rows = Rows(s)
	}
	return fact.Instant{Time: s.Time, Mono: s.Mono}, rows, nil
}

// newest returns from when on a recording takes at most so many bytes.
func (r *Reader) newest(bytes int64) time.Duration {
	for i := range slices.Backward(r.members) {
		if bytes -= int64(r.members[i].size); bytes < 0 {
			return r.members[i].last
		}
	}
	return r.start.Mono
}

// troubled returns when something was wrong: incidents, and episodes, since one of
// flapping begins before its incident.
func troubled(parts []*Reader) (spans []timeline.Span) {
	until := func(to time.Duration) time.Duration {
		if to == 0 {
			return math.MaxInt64 - quietFor
		}
		return to
	}
	var incidents fold.IncidentList
	for i, r := range slices.Backward(parts) {
		if list, ok := r.Incidents(); ok {
			for _, e := range list.Reported() {
				incidents.Add(e)
			}
		}
		closed, open := r.Episodes()
		if i == 0 {
			closed = append(closed, open...)
		}
		for _, e := range closed {
			spans = append(spans, timeline.Span{From: e.From, To: until(e.To)})
		}
	}
	for _, e := range incidents.Reported() {
		// Notes may last for as long as a machine has no IPv6.
		if !e.Incident.Note() {
			spans = append(spans, timeline.Span{From: e.Incident.From.Mono, To: until(e.Incident.To.Mono)})
		}
	}
	return spans
}

// over reports whether what ended at an instant, or goes on where that is 0, ended
// before the recording begins: it is of the warm-up.
func (r *Reader) over(to time.Duration) bool { return to != 0 && to < r.begin.Mono }
