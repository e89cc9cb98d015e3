package pattern

import (
	"cmp"
	"math"
	"slices"
	"time"

	"flapscope/history/timeline"
	"flapscope/monitor/fact"
)

const (
	// patternSignificance is the probability, over everything that is looked
	// at in one call, below which a regularity is reported: it is silent above.
	patternSignificance = 1e-3
	// patternCases is how many cases a pattern has at least. Two make a line,
	// not a pattern.
	patternCases = 3
	// patternLosses bounds the work: of more losses only the newest are used.
	patternLosses = 1000
	// lagEqual is the difference of spreads that says nothing: what the kernel
	// and daemons take to pass an event on.
	lagEqual = 50 * time.Millisecond
	// patternSame is the share of losses from which two patterns that explain
	// the same losses are one.
	patternSame = 0.8
)

// An Anchor is something that happened, after which the path may be lost.
type Anchor struct {
	// Kind is what happened, as it follows "after": "association",
	// "recovery", "DHCP renewal".
	Kind      string
	Interface fact.Untrusted
	// At is when, on the CLOCK_BOOTTIME axis.
	At time.Duration
}

// AnchorRecovery is the kind of anchor of a path that came back.
const AnchorRecovery = "recovery"

// An Input is what patterns are looked for in. Order does not matter.
type Input struct {
	// Up are the stretches in which the path was up and observed, so that it
	// could be lost. Without them, all time is taken to be such.
	Up []timeline.Span
	// Losses are the instants at which it was lost.
	Losses  []time.Duration
	Anchors []Anchor
	// Epoch is the wall clock at zero of the CLOCK_BOOTTIME axis, to tell
	// times of the day; zero when unknown.
	Epoch time.Time
}

// NewPatternInput returns the up time, losses and recoveries of a scope's raw
// segments, to which other anchors can be added.
func NewPatternInput(segments []timeline.Segment) Input {
	var in Input
	last, end := timeline.ConditionBlind, time.Duration(0)
	for _, s := range segments {
		c := timeline.ConditionOf(s.Level)
		if s.From > end {
			last = timeline.ConditionBlind
		}
		switch {
		case c == timeline.ConditionUp && last == timeline.ConditionUp:
			in.Up[len(in.Up)-1].To = s.To
		case c == timeline.ConditionUp:
			in.Up = append(in.Up, s.Span)
			if last == timeline.ConditionDown {
				in.Anchors = append(in.Anchors, Anchor{Kind: AnchorRecovery, At: s.From})
			}
		case c == timeline.ConditionDown && last == timeline.ConditionUp:
			in.Losses = append(in.Losses, s.From)
		}
		last, end = c, s.To
	}
	return in
}

// A Kind tells the two kinds of patterns apart.
type Kind string

// The kinds of patterns.
const (
	// PatternLag is a loss that follows something after a constant time.
	PatternLag Kind = "lag"
	// PatternPeriod is a loss that keeps to a clock of its own.
	PatternPeriod Kind = "period"
)

// A Pattern is a regularity in when a path is lost.
type Pattern struct {
	Kind Kind `json:"kind"`
	// Anchor and Interface name what the lag is measured from.
	Anchor    string         `json:"anchor,omitempty"`
	Interface fact.Untrusted `json:"interface,omitempty"`
	// Lag is the median time from anchor to loss.
	Lag time.Duration `json:"lag_ns,omitempty"`
	// Period is the time between losses, where that is constant too.
	Period time.Duration `json:"period_ns,omitempty"`
	// Spread is how far the lag, or the loss from its clock, typically is off:
	// 1.4826 times the median absolute deviation, one sigma where it is normal.
	Spread time.Duration `json:"spread_ns"`
	// N is how many times it came true, of Of times that it could have: anchors
	// that were neither followed by another nor lost from sight before the lag,
	// or ticks of the clock at which the path was up.
	N  int `json:"n"`
	Of int `json:"of"`
	// Losses is the number of losses in all.
	Losses int `json:"losses"`
	// Strength is -log10 of an upper bound on the probability that chance makes
	// something this regular anywhere in the input; at least 3.
	Strength float64 `json:"strength"`
	// OnTheClock is whether the period is a round one of the wall clock and
	// falls on it, as timers of cron and servers do.
	OnTheClock bool `json:"on_the_clock,omitempty"`

	// hits are the losses that the pattern explains, sorted.
	hits []time.Duration
}

// Patterns returns the regularities in when the path was lost, the strongest
// first; none when chance explains all there is.
//
// Measured over 400 made-up recordings of each kind (TestPatternRates prints it).
// False patterns: 0 in ten random losses within 100 s, whatever their schedule; 0
// in days of 5 to 204 random losses; 3 in storms of losses, 2 where up times are
// of all scales. Found: all of losses 8 s after each of ten re-ups, of a quarter
// of 60 re-ups amid other losses, of a clock that hits half of 48 ticks amid 40
// other losses; 385 of five ticks of a clock alone, and 366 of five losses 3.1 s
// ± 0.1 s after a rare event, the fewest of which it says anything.
func Patterns(in Input) []Pattern {
	in = in.normal()
	if len(in.Losses) < patternCases {
		return nil
	}
	lags, periods := distinct(findLags(&in)), findPeriods(&in)
	found := merge(lags, periods)
	slices.SortStableFunc(found, Pattern.compare)
	return found
}

// normal returns the input sorted, without overlaps and bounded.
func (in Input) normal() Input {
	in.Losses = slices.Compact(slices.Sorted(slices.Values(in.Losses)))
	if drop := len(in.Losses) - patternLosses; drop > 0 {
		from := in.Losses[drop-1]
		in.Losses = in.Losses[drop:]
		in.Anchors = slices.DeleteFunc(slices.Clone(in.Anchors), func(a Anchor) bool { return a.At < from })
		in.Up = after(in.Up, from)
	}
	in.Anchors = slices.SortedStableFunc(slices.Values(in.Anchors), func(a, b Anchor) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Interface, b.Interface), cmp.Compare(a.At, b.At))
	})
	if len(in.Up) == 0 {
		in.Up = []timeline.Span{in.extent()}
	}
	in.Up = timeline.Union(in.Up)
	return in
}

// after returns the parts of spans that are later than from.
func after(spans []timeline.Span, from time.Duration) []timeline.Span {
	var kept []timeline.Span
	for _, s := range spans {
		if s.To > from {
			kept = append(kept, timeline.Span{From: max(s.From, from), To: s.To})
		}
	}
	return kept
}

// extent returns the span from the first thing in the input to the last.
func (in *Input) extent() timeline.Span {
	var s timeline.Span
	if n := len(in.Losses); n > 0 {
		s = timeline.Span{From: in.Losses[0], To: in.Losses[n-1]}
	}
	for _, a := range in.Anchors {
		s.From, s.To = min(s.From, a.At), max(s.To, a.At)
	}
	return s
}

// upAt reports whether the path was up and observed at the time given.
func (in *Input) upAt(at time.Duration) bool {
	i, _ := slices.BinarySearchFunc(in.Up, at, func(s timeline.Span, at time.Duration) int { return cmp.Compare(s.To, at) })
	return i < len(in.Up) && in.Up[i].From <= at
}

// compare orders patterns: stronger first, then by name.
func (p Pattern) compare(q Pattern) int {
	return cmp.Or(
		cmp.Compare(q.Strength, p.Strength),
		cmp.Compare(p.Kind, q.Kind),
		cmp.Compare(p.Anchor, q.Anchor),
		cmp.Compare(p.Interface, q.Interface),
		cmp.Compare(p.Lag, q.Lag),
		cmp.Compare(p.Period, q.Period),
	)
}

// distinct leaves, of lags that explain the same losses, the one that says
// most. One re-connection is an association, a carrier, an address and a
// recovery within a second: what most losses keep the best time with is what
// started the clock, and of equals the earliest is.
func distinct(lags []Pattern) []Pattern {
	slices.SortStableFunc(lags, func(p, q Pattern) int {
		return cmp.Or(
			cmp.Compare(q.N, p.N),
			cmp.Compare(p.Spread.Round(lagEqual), q.Spread.Round(lagEqual)),
			cmp.Compare(q.Lag, p.Lag),
		)
	})
	var kept []Pattern
	for _, p := range lags {
		if !slices.ContainsFunc(kept, func(k Pattern) bool { return p.same(k) }) {
			kept = append(kept, p)
		}
	}
	return kept
}

// same reports whether two patterns explain mostly the same losses.
func (p Pattern) same(q Pattern) bool {
	return float64(common(p.hits, q.hits)) >= patternSame*float64(min(len(p.hits), len(q.hits)))
}

// common counts what two sorted lists share.
func common(a, b []time.Duration) int {
	n := 0
	for len(a) > 0 && len(b) > 0 {
		switch c := cmp.Compare(a[0], b[0]); {
		case c < 0:
			a = a[1:]
		case c > 0:
			b = b[1:]
		default:
			n++
			a, b = a[1:], b[1:]
		}
	}
	return n
}

// merge joins lags and periods that explain the same losses. A device that is
// lost 8 s after it came back, for 2 s, is lost every 10 s too; a clock that
// cuts it every 10 s for 2 s makes it be lost 8 s after it came back. What comes
// true more often or keeps the better time is the cause. Of equals it is the
// lag, which says more, and it says the period along.
func merge(lags, periods []Pattern) []Pattern {
	for _, p := range periods {
		explained := false
		lags = slices.DeleteFunc(lags, func(l Pattern) bool { return p.same(l) && p.beats(l) })
		for i, l := range lags {
			if l.Kind == PatternLag && p.same(l) {
				explained = true
				lags[i].Period, lags[i].OnTheClock = p.Period, p.OnTheClock
			}
		}
		if !explained {
			lags = append(lags, p)
		}
	}
	return lags
}

// beats reports whether a period explains better than a lag what both explain.
func (p Pattern) beats(l Pattern) bool {
	often, lOften := float64(p.N)/float64(p.Of), float64(l.N)/float64(l.Of)
	return l.Kind == PatternLag &&
		(often > 1.1*lOften || often > 0.9*lOften && l.Spread > 2*p.Spread+lagEqual)
}

// tailBound returns an upper bound of the probability that n trials, each with
// a chance of q on average, succeed k times or more (Hoeffding 1963, theorem 1).
func tailBound(k, n int, q float64) float64 {
	x := float64(k) / float64(n)
	switch {
	case n == 0 || x <= q:
		return 1
	case k == n:
		return math.Pow(q, float64(n))
	}
	kl := x*math.Log(x/q) + (1-x)*math.Log((1-x)/(1-q))
	return math.Exp(-float64(n) * kl)
}

// poissonBound returns an upper bound of the probability that a Poisson
// variable with the mean given comes out as k or more (Chernoff's).
func poissonBound(k int, mean float64) float64 {
	x := float64(k)
	if x <= mean {
		return 1
	}
	return math.Exp(x - mean - x*math.Log(x/mean))
}

// strength returns -log10 of p, to one decimal: further ones are noise.
func strength(p float64) float64 {
	return math.Round(10*min(-math.Log10(max(p, 1e-300)), 300)) / 10
}

// center returns the median of values and 1.4826 times their median absolute
// deviation from it.
func center(values []time.Duration) (median, spread time.Duration) {
	sorted := slices.Sorted(slices.Values(values))
	median = middle(sorted)
	for i, v := range sorted {
		sorted[i] = max(v-median, median-v)
	}
	slices.Sort(sorted)
	return median, time.Duration(1.4826 * float64(middle(sorted)))
}

// middle returns the median of sorted values, half-way between the middle two.
func middle(sorted []time.Duration) time.Duration {
	n := len(sorted)
	if n == 0 {
		return 0
	}
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}
