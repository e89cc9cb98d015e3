package history

import (
	"math/bits"
	"slices"
	"time"
)

// buckets sums up the samples sent within each column.
func (s *series) buckets(c columns) []Bucket {
	out := make([]Bucket, c.n)
	m := medians{end: make([]uint32, c.n+1)}
	s.walk(c, func(i int, b *block) {
		out[i].add(b)
		if b.answered > 0 {
			m.end[i+1]++
		}
	})
	m.prepare()
	s.walk(c, func(i int, b *block) {
		if b.answered > 0 {
			m.put(i, weighted{b.median, b.answered})
		}
	})
	for i := range out {
		out[i].Median = micros(m.of(i))
	}
	return out
}

// walk calls fn with everything sent within the columns: whole blocks where
// one falls into a single column, else its samples one by one as blocks of
// their own. The block is only valid during the call.
func (s *series) walk(c columns, fn func(i int, b *block)) {
	// Samples are nearly in order, so the column of the last one is mostly
	// that of the next and saves a division.
	from, to, col := c.To, c.From, 0
	find := func(at time.Duration) int {
		if at < from || at >= to {
			col = c.of(at)
			from, to = c.start(col), c.start(col+1)
		}
		return col
	}
	var one block
	s.within(c.Span, func(b *block) {
		lo, hi := b.from(), b.to()
		if b.n == 0 {
			// Only a summary: its middle stands for all of it.
			lo += (hi - lo) / 2
			hi = lo
		}
		if lo >= c.From && hi < c.To {
			if i := find(lo); hi < to {
				fn(i, b)
				return
			}
		}
		for k := range b.n {
			if at := b.at(b.sent[k]); at >= c.From && at < c.To {
				one.single(b.rtt[k])
				fn(find(at), &one)
			}
		}
	})
}

// single makes b the summary of one sample.
func (b *block) single(rtt uint32) {
	b.answered, b.lost, b.noData = 0, 0, 0
	switch rtt {
	case rttLost:
		b.lost = 1
	case rttNoData:
		b.noData = 1
	default:
		b.answered = 1
		b.min, b.median, b.max = rtt, rtt, rtt
	}
}

func (k *Bucket) add(b *block) {
	if b.answered > 0 {
		if k.Answered == 0 || micros(b.min) < k.Min {
			k.Min = micros(b.min)
		}
		k.Max = max(k.Max, micros(b.max))
	}
	k.Answered += b.answered
	k.Lost += b.lost
	k.NoData += b.noData
}

func micros(us uint32) time.Duration { return time.Duration(us) * time.Microsecond }

// A weighted value stands for several: the median of a block for its samples.
type weighted struct{ value, weight uint32 }

// medians collects the values of each column in one array, column by column.
type medians struct {
	// end holds the number of values of column i at i+1, then, once prepared,
	// where the values of column i end so far.
	end    []uint32
	start  []uint32
	values []weighted
}

func (m *medians) prepare() {
	for i := 1; i < len(m.end); i++ {
		m.end[i] += m.end[i-1]
	}
	m.values = make([]weighted, m.end[len(m.end)-1])
	m.start = slices.Clone(m.end)
}

func (m *medians) put(i int, v weighted) {
	m.values[m.end[i]] = v
	m.end[i]++
}

// of returns the weighted median of column i: exact where the column was
// scanned sample by sample, and within the spread of the blocks' medians
// where it was not.
func (m *medians) of(i int) uint32 {
	v := m.values[m.start[i]:m.end[i]]
	switch len(v) {
	case 0:
		return 0
	case 1:
		return v[0].value
	}
	slices.SortFunc(v, func(a, b weighted) int { return int(int64(a.value) - int64(b.value)) })
	total := uint64(0)
	for _, w := range v {
		total += uint64(w.weight)
	}
	half := (total + 1) / 2
	for _, w := range v {
		if half <= uint64(w.weight) {
			return w.value
		}
		half -= uint64(w.weight)
	}
	return v[len(v)-1].value
}

// exactStats is up to how many answers percentiles come from sorting; beyond,
// from a histogram that is within 1/32 of the value.
const exactStats = 4096

// stats sums up the samples sent within span.
func (s *series) stats(span Span) Stats {
	var out Stats
	h := newQuantiles()
	var last, lastAt, previous time.Duration
	jitter := 0.0
	s.within(span, func(b *block) {
		if b.n == 0 && b.from() >= span.From && b.to() < span.To {
			out.Answered += b.answered
			out.Lost += b.lost
			h.add(b.median, b.answered)
		}
		for k := range b.n {
			at, v := b.at(b.sent[k]), b.rtt[k]
			if at < span.From || at >= span.To || v == rttNoData {
				continue
			}
			rtt := micros(v)
			if v == rttLost {
				out.Lost++
				rtt = 0
			} else {
				if out.Answered > 0 {
					jitter += (float64((rtt - previous).Abs()) - jitter) / 16
				}
				previous = rtt
				out.Answered++
				h.add(v, 1)
			}
			if at >= lastAt {
				last, lastAt = rtt, at
			}
		}
	})
	out.Last, out.Jitter = last, time.Duration(jitter)
	out.P50, out.P99 = micros(h.quantile(0.50)), micros(h.quantile(0.99))
	if n := out.Answered + out.Lost; n > 0 {
		out.LossFraction = float64(out.Lost) / float64(n)
	}
	return out
}

// quantiles holds few values as they are and many as a histogram with 32
// classes per octave.
type quantiles struct {
	few     []weighted
	classes []uint32
	total   uint64
}

func newQuantiles() *quantiles { return &quantiles{few: make([]weighted, 0, 64)} }

func (q *quantiles) add(v, weight uint32) {
	if weight == 0 {
		return
	}
	q.total += uint64(weight)
	if q.classes == nil && len(q.few) < exactStats {
		q.few = append(q.few, weighted{v, weight})
		return
	}
	if q.classes == nil {
		q.classes = make([]uint32, class(rttNoData)+1)
		for _, w := range q.few {
			q.classes[class(w.value)] += w.weight
		}
	}
	q.classes[class(v)] += weight
}

// class returns the histogram class of a value: itself below 64, then the
// exponent and the five bits below the leading one.
func class(v uint32) int {
	if v < 64 {
		return int(v)
	}
	e := bits.Len32(v) - 6
	return e*32 + int(v>>e)
}

// lowest returns the lowest value of a class.
func lowest(c int) uint32 {
	if c < 64 {
		return uint32(c)
	}
	e := c/32 - 1
	return uint32(c-e*32) << e
}

// quantile returns the nearest-rank quantile (0 to 1), or 0 without values.
func (q *quantiles) quantile(f float64) uint32 {
	rank := uint64(f*float64(q.total) + 1 - 1e-9)
	if q.classes == nil {
		slices.SortFunc(q.few, func(a, b weighted) int { return int(int64(a.value) - int64(b.value)) })
		for _, w := range q.few {
			if rank <= uint64(w.weight) {
				return w.value
			}
			rank -= uint64(w.weight)
		}
		return 0
	}
	for c, n := range q.classes {
		if rank <= uint64(n) {
			return lowest(c)
		}
		rank -= uint64(n)
	}
	return 0
}
