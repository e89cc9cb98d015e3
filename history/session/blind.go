package session

import (
	"fmt"
	"time"

	"flapscope/monitor/fact"
)

// A blindness is a stretch in which the tables are not known, because a part
// of the recording is damaged: from there to the next snapshot. What changed
// meanwhile can't be told from what the tables were before, so rows in it are
// left out rather than taken for the truth.
type blindness struct {
	// from is where it begins, and since the instant up to which gaps report
	// it.
	from, since time.Duration
	// hidden counts the observations that were left out.
	hidden int
}

// standsAlone reports whether a fact is true whatever the tables are.
func standsAlone(f fact.Fact) bool {
	switch f.(type) {
	case *fact.ProbeResult, *fact.Target, *fact.Gap, *fact.Mark, *fact.Clock:
		return true
	}
	return false
}

// follows reports whether no member is missing between two.
func (m *member) follows(before *member) bool { return m.number == before.number+1 }

// damage yields a gap for a stretch of a member that could not be read, and
// makes what follows blind.
func (d *decoder) damage(m *member, from, to time.Duration, err error) {
	d.broken = true
	if d.blind != nil {
		// One stretch, of two damages.
		from = d.blind.since
	}
	from = max(from, d.reader.start.Mono)
	to = max(from, to)
	d.latest = max(d.latest, to)
	d.gap(m, from, to, &fact.Gap{Text: fact.Untrusted("recording damaged: " + err.Error())})
	if d.blind == nil {
		d.blind = &blindness{from: from}
	}
	d.blind.since = to
}

// see ends a blindness at an instant: of a snapshot, or of the end of what is
// read.
func (d *decoder) see(at time.Duration) {
	b := d.blind
	d.blind = nil
	if b == nil || at <= b.since {
		return
	}
	text := "recording damaged: what held is not known until the next snapshot"
	if b.hidden > 0 {
		text = fmt.Sprintf("%s; %d observations are left out", text, b.hidden)
	}
	d.latest = max(d.latest, at)
	d.gap(&d.reader.members[d.reader.find(at)], b.since, at, &fact.Gap{Count: b.hidden, Text: fact.Untrusted(text)})
}

// endBlind ends a blindness at the end of what is read.
func (d *decoder) endBlind() {
	if d.blind == nil || d.done {
		return
	}
	_, end := d.reader.Bounds()
	d.see(max(d.last.Mono, min(end, d.to-1)))
}

// gap yields a gap of the file itself.
func (d *decoder) gap(m *member, from, to time.Duration, g *fact.Gap) {
	g.Reason, g.Source, g.From, g.To = fact.GapRecorder, "recording", from, to
	d.put(fact.Observation{Time: m.wall.Add(to - m.first), Mono: to, Op: fact.Put, Fact: g})
}

// blindBefore returns the blindness in which the member at index first begins,
// or nil: something between it and the snapshot before it is damaged.
func (r *Reader) blindBefore(first int) *blindness {
	if first == 0 {
		return nil
	}
	var b *blindness
	for i := r.readableBefore(first - 1); i < first; i++ {
		m := &r.members[i]
		if m.flags == flagHeader {
			continue
		}
		if !r.readable(i) && m.flags&flagRollup == 0 || m.torn || i > 0 && !m.follows(&r.members[i-1]) && m.flags&flagSnapshot == 0 {
			b = &blindness{from: m.first, since: m.last}
		}
	}
	if m := &r.members[first]; b == nil && !m.follows(&r.members[first-1]) && m.flags&flagSnapshot == 0 {
		b = &blindness{from: m.first, since: m.first}
	}
	return b
}

// readableBefore is snapshotBefore, of members that can be read.
func (r *Reader) readableBefore(i int) int {
	for i = r.snapshotBefore(i); i > 0 && !r.readable(i); {
		i = r.snapshotBefore(i - 1)
	}
	return i
}

// BlindAt returns since when the tables are not known at an instant, because
// the recording is damaged, and whether that is so.
func (r *Reader) BlindAt(mono time.Duration) (since time.Duration, blind bool) {
	_, b, err := r.stateAt(mono)
	if b == nil || err != nil {
		return 0, false
	}
	return b.from, true
}
