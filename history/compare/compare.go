package compare

import (
	"flapscope/history/timeline"
	"flapscope/monitor/fact"
)

// Confidence is that of every interval. A comparison has some twenty lines: with
// the usual 95 %, one of them would be wrong in most comparisons of what is the
// same.
const Confidence = 0.99

// z is the quantile of the normal distribution for Confidence, and power that for
// seeing a change in four of five cases.
const (
	z     = 2.575829
	power = 0.841621
)

// A Word says what became of a measure.
type Word string

// The words. More and Fewer are of what is good or bad by circumstance.
const (
	Better     Word = "better"
	Worse      Word = "worse"
	More       Word = "more"
	Fewer      Word = "fewer"
	NoEvidence Word = "no_evidence"
)

// A What is what was measured.
type What string

// What is compared.
const (
	Availability What = "availability"
	Online       What = "online"
	Losses       What = "losses"
	Recovery     What = "recovery"
	RTT          What = "rtt"
	Loss         What = "loss"
	Signal       What = "signal"
	Rate         What = "rate"
	Roams        What = "roams"
)

// Units are the units of the figures, by what is measured.
var Units = map[What]string{
	Availability: "share", Online: "share", Losses: "per_hour", Recovery: "seconds", RTT: "seconds", Loss: "share",
	Signal: "dbm", Rate: "bit_per_second", Roams: "per_hour",
}

// A Figure is a measure of one recording.
type Figure struct {
	Value float64 `json:"value"`
	// N is how many cases are behind it: losses, outages, roams, answers.
	N int `json:"n"`
}

// A Difference is after less before, with its interval.
type Difference struct {
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

// A Measure is one line of a comparison.
type Measure struct {
	What What `json:"measure"`
	// Of is what it was measured at: a target, an interface; empty for the machine.
	Of   fact.Untrusted `json:"of,omitempty"`
	Unit string         `json:"unit"`
	// Before and After are nil where one recording has nothing of it.
	Before *Figure `json:"before,omitempty"`
	After  *Figure `json:"after,omitempty"`
	// Difference is nil where there is too little for an interval.
	Difference *Difference `json:"difference,omitempty"`
	Word       Word        `json:"word"`
	// More is how many times as long recordings would show a change of a fifth;
	// 1 or less: these would have. It is nil where that is not known.
	More *float64 `json:"more_for_20_percent,omitempty"`
}

// A Comparison is what differs between two recordings.
type Comparison struct {
	Measures []Measure `json:"measures"`
}

// Compare compares two recordings.
func Compare(before, after *Side) *Comparison {
	step := max(blockFor, (max(before.length(), after.length())+mostBlocks-1)/mostBlocks)
	k := int((step + blockFor - 1) / blockFor)
	c := &Comparison{Measures: []Measure{}}
	add := func(m Measure) { c.Measures = append(c.Measures, m) }
	add(lostTime(Availability, before.down(step), after.down(step)))
	if before.Probed && after.Probed {
		add(lostTime(Online, before.offline(step), after.offline(step)))
	}
	add(counted(Losses, before.losses(step), after.losses(step)))
	add(recovery(before.Outages, after.Outages))
	for _, p := range pairs(before.legs, after.legs) {
		add(located(RTT, p, k))
	}
	for _, p := range pairs(before.legs, after.legs) {
		add(lossOf(p, k))
	}
	for _, p := range pairs(before.signals, after.signals) {
		add(located(Signal, p, k))
	}
	for _, p := range pairs(before.rates, after.rates) {
		add(located(Rate, p, k))
	}
	if len(before.Associated)+len(after.Associated) > 0 {
		add(counted(Roams, before.roams(step), after.roams(step)))
	}
	return c
}

// A pair is a series of both recordings; one may be nil.
type pair struct {
	key           Key
	before, after *series
}

// pairs joins what was measured at the same place.
func pairs(before, after []*series) (out []pair) {
	for _, b := range before {
		p := pair{key: b.key, before: b}
		for _, a := range after {
			if a.key == b.key {
				p.after = a
			}
		}
		out = append(out, p)
	}
	for _, a := range after {
		known := false
		for _, b := range before {
			known = known || b.key == a.key
		}
		if !known {
			out = append(out, pair{key: a.key, after: a})
		}
	}
	return out
}

// measure begins a line: without a difference there is no evidence.
func measure(what What, of fact.Untrusted, before, after *Figure) Measure {
	return Measure{What: what, Of: of, Unit: Units[what], Before: before, After: after, Word: NoEvidence}
}

// differ puts a difference into a line, and what it means. Fifth is what a fifth
// of the figure before would be, or 0 if that is not known.
func (m *Measure) differ(d *Difference, fifth float64) {
	if d == nil {
		return
	}
	m.Difference = d
	better, worse := Better, Worse
	switch m.What {
	case Availability, Online, Signal, Rate:
		better, worse = Worse, Better
	case Roams:
		better, worse = Fewer, More
	}
	switch {
	case d.High < 0:
		m.Word = better
	case d.Low > 0:
		m.Word = worse
	case fifth > 0:
		sigma := (d.High - d.Low) / (2 * z)
		more := (z + power) * sigma / fifth
		more *= more
		m.More = &more
	}
}

// Named returns the measures that have a word.
func (c *Comparison) Named(w Word) (out []Measure) {
	for _, m := range c.Measures {
		if m.Word == w {
			out = append(out, m)
		}
	}
	return out
}

// within cuts spans to one.
func within(spans []timeline.Span, s timeline.Span) (out []timeline.Span) {
	for _, k := range spans {
		k.From, k.To = max(k.From, s.From), min(k.To, s.To)
		if k.From < k.To {
			out = append(out, k)
		}
	}
	return out
}
