package fact

import "time"

// A Sequencer stamps observations the way a recording holds them, so that what
// is folded live is to the bit what a replay folds:
//
//   - Mono never runs back; the wall time moves with it.
//   - A probe result and any other sample is stamped in whole microseconds,
//     strictly after all before it, and so are the times in it, but for the round
//     trip of an answer, which the kernel stamped: a column of them takes half the
//     room of nanoseconds.
//   - A sample's wall time follows from the clocks' last common reading, as long
//     as that is right to a millisecond: it need not be recorded.
//
// Next applied to what Next returned changes nothing. The zero value is ready.
type Sequencer struct {
	last time.Duration
	// wall and mono are the last common reading of the clocks.
	wall time.Time
	mono time.Duration
}

// wallSlack is how far a sample's wall time may be from the one that the
// last common reading gives: far more than the two readings are apart, far
// less than a clock step.
const wallSlack = time.Millisecond

// Advance notes that time passed until mono: what is stamped earlier is from
// then. Call it where the fold was advanced.
func (s *Sequencer) Advance(mono time.Duration) { s.last = max(s.last, mono) }

// Next returns o with its stamps in order.
func (s *Sequencer) Next(o Observation) Observation {
	mono := max(o.Mono, s.last)
	_, sample := o.Fact.(Sampled)
	if r, ok := o.Fact.(*ProbeResult); ok {
		o.Fact, sample = r.micros(), true
	}
	if sample {
		mono = (max(o.Mono, s.last+1) + time.Microsecond - 1).Truncate(time.Microsecond)
	}
	// Both clocks move, or the difference would look like a step.
	o.Time, o.Mono = o.Time.Add(mono-o.Mono), mono
	s.last = mono
	_, clock := o.Fact.(*Clock)
	switch {
	case clock || !s.agrees(&o):
		s.wall, s.mono = o.Time, o.Mono
	case sample:
		o.Time = s.wall.Add(o.Mono - s.mono)
	}
	return o
}

// agrees reports whether the last common reading gives the wall time of o.
func (s *Sequencer) agrees(o *Observation) bool {
	if s.wall.IsZero() {
		return false
	}
	return o.Time.Sub(s.wall.Add(o.Mono-s.mono)).Abs() <= wallSlack
}

// micros returns the result in whole microseconds, but for the round trip of an
// answer: itself, if it is.
func (r *ProbeResult) micros() *ProbeResult {
	next := *r
	if r.Outcome != OutcomeOK || r.Uncertain {
		next.RTT = r.RTT.Truncate(time.Microsecond)
	}
	for _, d := range []*time.Duration{
		&next.Sent, &next.Phases.Resolve, &next.Phases.Connect,
		&next.Phases.TLS, &next.Phases.FirstByte, &next.Queue,
	} {
		*d = d.Truncate(time.Microsecond)
	}
	if next == *r {
		return r
	}
	return &next
}
