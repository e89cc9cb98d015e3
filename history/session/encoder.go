package session

import (
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

const (
	// memberFor is how much time one member holds, and memberSize how many
	// bytes of lines, snapshot aside, whichever comes first.
	memberFor  = time.Minute
	memberSize = 1 << 20
	// maxSnapshot bounds a snapshot in bytes of lines. A machine with more
	// than some hundred thousand routes is read from the last smaller one.
	maxSnapshot = 32 << 20
	// snapshotShare says how many bytes of other lines must follow a snapshot
	// before the next one, as a multiple of its own: so snapshots are at most
	// a third of a file. snapshotFor overrides it.
	snapshotShare = 2
	snapshotFor   = time.Hour
)

// An encoder turns observations into the lines of one member at a time. It
// reads no clock and writes nothing.
type encoder struct {
	// lines are those of the member so far.
	lines  []byte
	member member
	// begun is how long they were when the member began: its snapshot.
	begun int
	chunk sampleChunk
	// state is the fold of the tables in what was written.
	state *state.State
	// rows are those of the last snapshot.
	rows rowList
	// lastMono is the newest instant that was written or is in the chunk.
	lastMono time.Duration
	lastTime time.Time
	started  bool
	// since counts bytes of lines after the last snapshot, which had snapshot
	// bytes and was taken at snapshotAt.
	since, snapshot int
	snapshotAt      time.Duration
	events          int
}

func newEncoder() *encoder { return &encoder{state: state.NewState()} }

// headed makes the header's line a member of its own, so that zcat FILE | head
// -1 shows it from the first second on.
func (e *encoder) headed(header []byte, t time.Time, mono time.Duration) {
	e.started = true
	e.lines = append(append(e.lines, header...), '\n')
	e.member = member{flags: flagHeader, first: mono, last: mono, wall: t}
}

// begin starts a member, with a snapshot if it is worth its room.
func (e *encoder) begin(t time.Time, mono time.Duration) {
	e.start(t, mono, nil, e.since >= snapshotShare*e.snapshot || mono-e.snapshotAt >= snapshotFor)
}

// resume starts a member after a loss: with what reports it, and with the
// state that it led to.
func (e *encoder) resume(t time.Time, mono time.Duration, gap *fact.Observation) {
	e.start(t, mono, gap, true)
}

// start starts a member with an observation, which may be nil, and with a
// snapshot if asked.
func (e *encoder) start(t time.Time, mono time.Duration, first *fact.Observation, snapshot bool) {
	number := e.member.number
	if e.started {
		number++
	}
	e.started = true
	e.member = member{number: number, first: mono, last: mono, wall: t}
	var rows []row
	if snapshot && (len(e.state.Synced) > 0 || len(e.state.Links) > 0) {
		e.state.Time, e.state.Mono = t, mono
		rows = e.rows.of(e.state)
	}
	e.heading(t, mono, len(rows), first)
	if len(rows) > 0 && !e.addSnapshot(t, mono, rows) {
		e.heading(t, mono, 0, first)
	}
	e.begun = len(e.lines)
}

// heading writes what comes before the snapshot. How many rows that has says
// a reader whether it is whole: a process can be killed in the middle.
func (e *encoder) heading(t time.Time, mono time.Duration, rows int, first *fact.Observation) {
	e.lines = appendStamp(e.lines[:0], t, mono, kindMember)
	e.lines = append(e.lines, `{"number":`...)
	e.lines = appendUint(e.lines, e.member.number)
	if rows > 0 {
		e.lines = append(e.lines, `,"rows":`...)
		e.lines = appendUint(e.lines, uint32(rows))
	}
	e.lines = append(e.lines, "}}\n"...)
	if first != nil {
		e.lines = append(fact.AppendObservation(e.lines, first), '\n')
	}
}

// addSnapshot writes the rows of the state, unless they are too many.
func (e *encoder) addSnapshot(t time.Time, mono time.Duration, rows []row) bool {
	start := len(e.lines)
	for _, r := range rows {
		e.lines = appendStamp(e.lines, t, mono, kindSnapshot)
		e.lines = append(e.lines, r.line...)
		e.lines = append(e.lines, "}\n"...)
		if len(e.lines)-start > maxSnapshot {
			// Not again before an hour.
			e.snapshot, e.since, e.snapshotAt = maxSnapshot, 0, mono
			return false
		}
	}
	e.member.flags |= flagSnapshot
	e.snapshot, e.since, e.snapshotAt = len(e.lines)-start, 0, mono
	return true
}

// skip follows an observation that is not written.
func (e *encoder) skip(o *fact.Observation) {
	e.lastTime, e.lastMono = o.Time, max(e.lastMono, o.Mono)
	if _, ok := o.Fact.(*fact.ProbeResult); !ok {
		e.state.Apply(*o)
	}
}

// due reports whether the member is long enough for a new one to begin with
// something at mono.
func (e *encoder) due(mono time.Duration) bool {
	return e.started && (mono-e.member.first >= memberFor || len(e.lines)-e.begun >= memberSize)
}

// observe appends an observation. Samples are kept back until the chunk is
// flushed.
func (e *encoder) observe(o *fact.Observation) {
	e.touch(o.Time, o.Mono)
	if e.chunk.takes(o) {
		if e.chunk.full(o) {
			e.flush()
		}
		e.chunk.put(o)
		return
	}
	if o.Mono < e.lastMono {
		// Out of order, so its place is given by that of its line.
		e.flush()
	}
	e.lastMono = max(e.lastMono, o.Mono)
	start := len(e.lines)
	e.lines = append(fact.AppendObservation(e.lines, o), '\n')
	e.since += len(e.lines) - start
	e.events++
	if _, ok := o.Fact.(*fact.ProbeResult); !ok {
		e.state.Apply(*o)
	}
}

// touch notes that something happened.
func (e *encoder) touch(t time.Time, mono time.Duration) {
	e.lastTime = t
	e.member.last = max(e.member.last, mono)
}

// flush appends the samples collected so far.
func (e *encoder) flush() {
	start := len(e.lines)
	e.lines = e.chunk.appendLine(e.lines)
	e.since += len(e.lines) - start
}

// line appends a finished line.
func (e *encoder) line(t time.Time, mono time.Duration, line []byte) {
	e.touch(t, mono)
	e.lines = append(append(e.lines, line...), '\n')
	e.since += len(line) + 1
}
