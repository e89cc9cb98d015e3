package session

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/state"
)

// All returns all observations from the beginning, in the order in which they
// were folded live: folding them gives the same events. A recording that began
// while the program was running begins with the state at that instant. Where
// the file is damaged a gap is among them, and what is known of the state
// after it. An error ends the sequence.
func (r *Reader) All() iter.Seq2[fact.Observation, error] {
	return r.Range(0, math.MaxInt64)
}

// Range returns the observations of [from, to). From the beginning of the
// recording it is All up to to.
func (r *Reader) Range(from, to time.Duration) iter.Seq2[fact.Observation, error] {
	return r.sequence(from, to, nil, nil)
}

// Reported is All without the warm-up: the state to which that leads, and what came
// after it.
func (r *Reader) Reported() iter.Seq2[fact.Observation, error] {
	if r.begin.Mono == r.start.Mono {
		return r.All()
	}
	return func(yield func(fact.Observation, error) bool) {
		s, err := r.StateAt(r.begin.Mono)
		if err != nil {
			yield(fact.Observation{}, err)
			return
		}
		s.Time, s.Mono = r.begin.Time, r.begin.Mono
		for _, o := range Rows(s) {
			if !yield(o, nil) {
				return
			}
		}
		r.Range(r.begin.Mono+1, math.MaxInt64)(yield)
	}
}

// A legacy is what a recording leaves to the one that continues it: the tables
// as far as they are known, or nil where there is none before, and whether they are.
type legacy struct {
	state *state.State
	blind bool
}

// enter makes ready to read what is from an instant on, and returns the member to begin
// with.
func (d *decoder) enter(from time.Duration, left *legacy) (first int) {
	r := d.reader
	d.from = from
	if left != nil && left.state != nil {
		d.state = left.state
		if left.blind {
			d.broken, d.blind = true, &blindness{from: from, since: from}
		}
		if first, ok := r.goesOn(); ok {
			return first
		}
		if !left.blind {
			d.from++
		}
	}
	if d.from <= r.start.Mono {
		// What was observed while the recorder was starting is from before it.
		d.from, d.fromStart = 0, true
		return 0
	}
	// The last samples of a member can be from before its successor's
	// first line only; but a member out of order by a clock that is not
	// ours is cheap to allow for.
	first = r.find(d.from)
	d.fromStart = first == 0
	if m := &r.members[first]; d.blind == nil && (m.flags&flagSnapshot == 0 || d.from <= m.first || !r.readable(first)) {
		d.blind = r.blindBefore(first)
	}
	return first
}

// goesOn returns the member in which a recording goes on from the one before: the first
// that begins with a snapshot of the state that this one left. What precedes it is the
// warm-up, which that one has too, up to the same instant; what follows it is new,
// though it be of that instant.
func (r *Reader) goesOn() (first int, ok bool) {
	first = slices.IndexFunc(r.members, func(m member) bool { return m.first == r.begin.Mono && m.flags&flagSnapshot != 0 })
	return first, first >= 0
}

// A Mapping returns what stands for an observation that was read. It is called in
// another goroutine than that which takes what it returns.
type Mapping func(fact.Observation) fact.Observation

// sequence is Range, through a mapping unless that is nil. In left, if it is not
// nil, it finds what the recording before this one left, and leaves what this one
// does.
func (r *Reader) sequence(from, to time.Duration, left *legacy, through Mapping) iter.Seq2[fact.Observation, error] {
	var d decoder
	return ahead(func() int { return d.taken }, func(yield func(fact.Observation, error) bool) {
		if through != nil {
			next := yield
			yield = func(o fact.Observation, err error) bool {
				if err == nil {
					o = through(o)
				}
				return next(o, err)
			}
		}
		zip := inflaters.Get().(*inflater)
		defer inflaters.Put(zip)
		d = decoder{reader: r, zip: zip, state: state.NewState(), yield: yield, to: to}
		first := d.enter(from, left)
		for i := first; i < len(r.members) && r.members[i].first < to && !d.done; i++ {
			d.member(i)
		}
		if left != nil {
			left.state, left.blind = d.state, d.blind != nil
		}
		d.endBlind()
	})
}

// StateAt returns the state as it was at an instant: the fold of the tables,
// and of the results of probes since the nearest snapshot before.
//
// Where the file is damaged between the two it is the state before that; see
// BlindAt.
func (r *Reader) StateAt(mono time.Duration) (*state.State, error) {
	s, _, err := r.stateAt(mono)
	return s, err
}

// stateAt is StateAt, with since when nothing is known at that instant, or nil.
func (r *Reader) stateAt(mono time.Duration) (*state.State, *blindness, error) {
	for i := r.find(mono); ; i-- {
		i = r.snapshotBefore(i)
		s, blind, err := r.stateFrom(i, mono)
		// Only now that its lines were read is it known whether they can be.
		if i == 0 || r.condition(i) != memberDamaged {
			return s, blind, err
		}
	}
}

// stateFrom is stateAt, from the snapshot in member first on.
func (r *Reader) stateFrom(first int, mono time.Duration) (*state.State, *blindness, error) {
	s := state.NewState()
	var failed error
	zip := inflaters.Get().(*inflater)
	defer inflaters.Put(zip)
	d := decoder{reader: r, zip: zip, state: state.NewState(), fromStart: true, to: mono + 1, yield: func(o fact.Observation, err error) bool {
		if err != nil {
			failed = err
			return false
		}
		s.Apply(o)
		return true
	}}
	for i := first; i < len(r.members) && !d.done && r.members[i].first <= mono; i++ {
		d.member(i)
	}
	return s, d.blind, failed
}

// snapshotBefore returns the nearest member up to i that begins with a snapshot
// and is not known to be damaged, or the first one.
func (r *Reader) snapshotBefore(i int) int {
	for i > 0 && (r.members[i].flags&flagSnapshot == 0 || r.condition(i) == memberDamaged) {
		i--
	}
	return i
}

// A decoder turns members into observations, in order.
type decoder struct {
	reader   *Reader
	yield    func(fact.Observation, error) bool
	from, to time.Duration
	// fromStart is whether the next snapshot is where the state comes from,
	// rather than a repetition of it.
	fromStart bool
	seen      bool
	done      bool
	zip       *inflater
	// group collects the lines up to the next samples, which are from between
	// them, grouped is how many bytes these lines have, and taken how many all have.
	group   []fact.Observation
	grouped int
	taken   int
	samples []fact.Observation
	parser  sampleParser
	targets map[string]bool
	// state is the fold of the tables so far, to find what changed unseen where
	// the file is damaged.
	state   *state.State
	applied int
	rows    rowLimit
	// broken is whether something was lost since the last snapshot, and blind
	// what is not known since, or nil. After a loss that the recorder reported
	// the state is known; after damage it is not.
	broken bool
	blind  *blindness
	// latest is the last instant of the member: nothing in it is later.
	latest time.Duration
	// absurd is whether something claimed to be.
	absurd bool
	last   fact.Observation
}

// member yields the observations of member i.
func (d *decoder) member(i int) {
	m := &d.reader.members[i]
	if i > 0 && !m.follows(&d.reader.members[i-1]) {
		d.damage(m, d.last.Mono, m.first, errors.New("members are missing before this one"))
	}
	if m.flags&flagRollup != 0 {
		return
	}
	lines, err := d.reader.lines(i, d.zip)
	if err != nil && !m.torn {
		// What a cut leaves is good; what a flipped bit leaves may not be.
		lines = nil
	}
	d.latest = m.last
	d.lines(m, lines)
	if err == nil && m.torn {
		err = errTorn
	}
	if err == nil && d.absurd {
		err = errors.New("times beyond the end of their minute")
	}
	d.absurd = false
	if err != nil && !d.done && m.flags != flagHeader {
		d.damage(m, max(d.last.Mono, m.first), m.last, err)
	}
}

// lines yields what the lines of a member say.
func (d *decoder) lines(m *member, lines []byte) {
	var rows []fact.Observation
	bytesOfRows := 0
	for len(lines) > 0 && !d.done {
		line, rest, _ := bytes.Cut(lines, []byte{'\n'})
		lines = rest
		if len(line) > maxLine {
			d.fail(fmt.Errorf("%w: a line of %d bytes", ErrLimit, len(line)))
			return
		}
		kind, _ := peek(line)
		if kind == kindSnapshot {
			if !d.wants(m) {
				continue
			}
			if bytesOfRows += len(line); bytesOfRows > maxSnapshot || len(rows) > maxRows {
				d.fail(fmt.Errorf("%w: a snapshot of more than %d bytes or %d rows", ErrLimit, maxSnapshot, maxRows))
				return
			}
			if o, err := parseSnapshot(line); err == nil {
				rows = append(rows, o)
			}
			continue
		}
		if len(rows) > 0 {
			d.snapshot(rows)
			rows = nil
		}
		d.line(kind, line)
	}
	d.snapshot(rows)
	d.flush(nil)
}

// wants reports whether the snapshot of a member is needed: for the state to
// begin with, or for what was missed. One that is not whole says neither.
func (d *decoder) wants(m *member) bool {
	return m.flags&flagSnapshot != 0 && (d.broken || d.fromStart && !d.seen)
}

// line takes one line that is not of a snapshot.
func (d *decoder) line(kind string, line []byte) {
	if kind == kindSamples {
		samples, err := d.parser.parse(d.samples[:0], line)
		d.samples = samples
		if err != nil {
			d.broken = true
		}
		d.flush(samples)
		return
	}
	if !observes(kind) || len(line) > maxObservation {
		return
	}
	o, err := fact.ParseObservation(line)
	if err != nil {
		// Of a later version, or damaged where gzip did not notice.
		return
	}
	if o.Fact.Row() {
		if err := d.rows.check(d.state, len(line)); err != nil {
			d.fail(err)
			return
		}
	}
	d.group = append(d.group, o)
	d.taken += len(line)
	if d.grouped += len(line); len(d.group) >= maxGroup || d.grouped >= maxGroupBytes {
		d.flush(nil)
	}
}

// observes reports whether a line of a kind is an observation: not of the file itself,
// nor what was concluded, which whoever reads concludes again.
func observes(kind string) bool {
	switch kind {
	case "", kindSession, kindMember, kindSnapshot, kindSamples, kindRollup, kindEnd,
		string(fold.KindPath), string(fold.KindEpisode), string(fold.KindIncident), string(fold.KindViability), string(fold.KindBetterPath):
		return false
	}
	return true
}

// flush yields the group with the samples merged in: at the same instant a
// sample comes first, because the sequencer never lets it come second.
func (d *decoder) flush(samples []fact.Observation) {
	for _, o := range d.group {
		for len(samples) > 0 && samples[0].Mono <= o.Mono {
			d.put(samples[0])
			samples = samples[1:]
		}
		d.put(o)
	}
	for _, o := range samples {
		d.put(o)
	}
	clear(d.group)
	d.group, d.grouped = d.group[:0], 0
}

// put yields one observation, if it is within the range.
func (d *decoder) put(o fact.Observation) {
	if o.Mono > d.latest {
		d.absurd = true
		return
	}
	if d.done || !d.admit(o.Fact) {
		return
	}
	if d.blind != nil && !standsAlone(o.Fact) {
		d.blind.hidden++
		return
	}
	d.seen = true
	d.last = o
	switch f := o.Fact.(type) {
	case *fact.ProbeResult:
	case *fact.Gap:
		// The recorder knew what it had missed; what it then took for the state
		// is reported by the next snapshot.
		d.broken = d.broken || f.Reason == fact.GapRecorder
	default:
		d.apply(o)
	}
	if d.done || o.Mono < d.from || o.Mono >= d.to {
		return
	}
	d.done = !d.yield(o, nil)
}

// admit bounds the number of targets.
func (d *decoder) admit(f fact.Fact) bool {
	r, ok := f.(*fact.ProbeResult)
	if !ok || d.targets[r.Target] {
		return true
	}
	if len(d.targets) >= maxTargets {
		d.fail(fmt.Errorf("%w: more than %d targets", ErrLimit, maxTargets))
		return false
	}
	if d.targets == nil {
		d.targets = map[string]bool{}
	}
	d.targets[r.Target] = true
	return true
}

func (d *decoder) fail(err error) {
	if !d.done {
		d.done = true
		d.yield(fact.Observation{}, err)
	}
}

// snapshot takes the rows of a snapshot: the state to begin with, or, after
// damage, what says what was missed.
func (d *decoder) snapshot(rows []fact.Observation) {
	if len(rows) == 0 {
		return
	}
	d.flush(nil)
	switch {
	case d.broken:
		d.see(rows[0].Mono)
		d.broken = false
		to := state.NewState()
		for _, o := range rows {
			to.Apply(o)
		}
		for _, o := range Difference(d.state, to) {
			d.put(o)
		}
	case d.fromStart && !d.seen:
		for _, o := range rows {
			d.put(o)
		}
	}
}

// parseSnapshot returns the row of a snapshot's line.
func parseSnapshot(line []byte) (fact.Observation, error) {
	_, row, ok := bytes.Cut(line, snapshotKey)
	if !ok {
		return fact.Observation{}, ErrNoRecording
	}
	return fact.ParseObservation(bytes.TrimSuffix(row, []byte{'}'}))
}

var snapshotKey = []byte(`"snapshot":`)
