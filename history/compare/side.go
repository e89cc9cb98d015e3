package compare

import (
	"time"

	"flapscope/history/timeline"
)

// blockFor is how long the shortest stretches are that count as one case, and
// mostBlocks into how many a recording is cut: longer ones say the same of what is
// slow.
const (
	blockFor   = 30 * time.Second
	mostBlocks = 192
)

// A Side is what of one recording is compared.
type Side struct {
	Span timeline.Span
	// Observed is when the path of the machine was known, Down when there was
	// none, and Offline when nothing got through, as probes found, Down included;
	// Probed is whether there were probes that could say.
	Observed, Down, Offline []timeline.Span
	Probed                  bool
	// Losses are when the path was lost, as it happened.
	Losses []time.Duration
	// Outages are those, as they were settled, that were seen from start to end.
	Outages []timeline.Span
	// Associated is when a radio had an access point, and Roams when it changed
	// from one to another.
	Associated []timeline.Span
	// Marked are the stretches that the user marked.
	Marked []timeline.Span
	Roams  []time.Duration

	legs, signals, rates []*series
}

func (s *Side) length() time.Duration { return s.Span.To - s.Span.From }

// A tally is how much of something was in the blocks of a recording.
type tally struct {
	blocks []mass
	// n is how often it happened, and grain the least that comes as one: events
	// come one by one, time comes in whole outages.
	n     int
	grain float64
}

// A mass is how much of something was in one block, and in how much of it that
// could be seen.
type mass struct{ of, in float64 }

// sum adds up the blocks.
func (t *tally) sum() (m mass) {
	for _, b := range t.blocks {
		m.of, m.in = m.of+b.of, m.in+b.in
	}
	return m
}

// cut returns how much of each block of a recording lies in spans, in seconds.
func (s *Side) cut(spans []timeline.Span, step time.Duration) []float64 {
	out := make([]float64, int((s.length()+step-1)/step))
	for _, k := range within(spans, s.Span) {
		for at := k.From; at < k.To; {
			i := int((at - s.Span.From) / step)
			end := min(s.Span.From+time.Duration(i+1)*step, k.To)
			out[i] += (end - at).Seconds()
			at = end
		}
	}
	return out
}

// time tallies seconds of some spans in the observed ones.
func (s *Side) time(spans []timeline.Span, step time.Duration) *tally {
	t := &tally{}
	of, in := s.cut(spans, step), s.cut(s.Observed, step)
	for i := range of {
		if in[i] > 0 {
			t.blocks = append(t.blocks, mass{min(of[i], in[i]), in[i]})
		}
	}
	var sum, squares float64
	for _, k := range within(spans, s.Span) {
		d := (k.To - k.From).Seconds()
		sum, squares = sum+d, squares+d*d
		t.n++
	}
	if sum > 0 {
		t.grain = squares / sum
	}
	return t
}

func (s *Side) down(step time.Duration) *tally    { return s.time(s.Down, step) }
func (s *Side) offline(step time.Duration) *tally { return s.time(s.Offline, step) }

// events tallies events by the hour of some spans.
func (s *Side) events(at []time.Duration, spans []timeline.Span, step time.Duration) *tally {
	t := &tally{grain: 1}
	in := s.cut(spans, step)
	of := make([]float64, len(in))
	for _, a := range at {
		if i := int((a - s.Span.From) / step); a >= s.Span.From && i < len(of) {
			of[i]++
			t.n++
		}
	}
	for i := range of {
		if in[i] > 0 || of[i] > 0 {
			t.blocks = append(t.blocks, mass{of[i], in[i] / 3600})
		}
	}
	return t
}

func (s *Side) losses(step time.Duration) *tally { return s.events(s.Losses, s.Observed, step) }
func (s *Side) roams(step time.Duration) *tally  { return s.events(s.Roams, s.Associated, step) }
