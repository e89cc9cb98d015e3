package timeline

import (
	"math/bits"
	"slices"
	"sync"
	"time"
)

// buckets sums up the samples sent within each column: from the summary where
// a block falls into a single column, else from its samples.
func (s *series) buckets(c columns) []Bucket {
	k := newBucketing(c)
	k.series(s)
	return k.finish()
}

// bucketing is buckets at work.
type bucketing struct {
	columns
	// clip is the stretch of the columns whose samples count.
	clip Span
	out  []Bucket
	// Samples are nearly in order, so the column of the last one, [from, to),
	// is mostly that of the next and saves a division.
	column   int
	from, to time.Duration
	// parts are the medians of what went into each column.
	parts []part
}

// bucketings and tallies are those that are done: what they grew to is used again,
// since a screen asks many times a second.
var (
	bucketings = sync.Pool{New: func() any { return new(bucketing) }}
	tallies    = sync.Pool{New: func() any { return new(statsTally) }}
)

func newBucketing(c columns) *bucketing {
	k := bucketings.Get().(*bucketing)
	*k = bucketing{columns: c, clip: c.Span, out: make([]Bucket, c.n), from: c.To, to: c.From, parts: k.parts[:0]}
	return k
}

// move changes to an axis on which the columns are at span and the samples
// that count at clip.
func (k *bucketing) move(span, clip Span) {
	k.Span, k.clip = span, clip
	k.from, k.to = span.To, span.From
}

// finish returns the buckets, and ends the work.
func (k *bucketing) finish() []Bucket {
	k.medians()
	out := k.out
	k.out = nil
	bucketings.Put(k)
	return out
}

// series takes in what a series has within the clip.
func (k *bucketing) series(s *series) {
	k.portals(s)
	first, n := s.seek(k.clip.From), s.blocks()
	if len(k.parts) == 0 {
		// As if none were split, and all were within.
		k.parts = slices.Grow(k.parts, n-first+2*k.n)
	}
	for i := first; i < n; i++ {
		b := s.summary(i)
		lo, hi := b.from(), b.to()
		switch {
		case b.n > 0 && lo >= k.from && hi < k.to:
			k.add(b)
		case lo >= k.clip.To+disorder:
			return
		case lo < k.clip.To && hi >= k.clip.From:
			k.block(s.block(i))
		}
	}
}

// A part is the median of some samples of one column: from the top, 20 bits of
// column, 32 bits of median and 12 bits of how many it stands for, so that
// parts sort as plain numbers. A rollup that stands for more is as heavy as
// 4095 samples.
type part uint64

const (
	maxColumns = 1 << 20
	maxWeight  = 1<<12 - 1
)

func newPart(column int, median, weight uint32) part {
	return part(column)<<44 | part(median)<<12 | part(min(weight, maxWeight))
}

func (p part) column() int    { return int(p >> 44) }
func (p part) median() uint32 { return uint32(p >> 12) }
func (p part) weight() uint64 { return uint64(p & maxWeight) }

// find makes the column of an instant within the clip the current one.
func (k *bucketing) find(at time.Duration) {
	if at < k.from || at >= k.to {
		k.column = k.of(at)
		k.from, k.to = max(k.start(k.column), k.clip.From), min(k.start(k.column+1), k.clip.To)
	}
}

func (k *bucketing) block(b block) {
	lo, hi := b.summary.from(), b.summary.to()
	if b.n == 0 {
		// Only a summary: its middle stands for all of it.
		lo += (hi - lo) / 2
		hi = lo
	}
	if lo >= k.clip.From && hi < k.clip.To {
		if k.find(lo); hi < k.to {
			k.add(b.summary)
			return
		}
	}
	k.split(b)
}

// split adds runs of samples of one column each.
func (k *bucketing) split(b block) {
	if b.n == 0 {
		return
	}
	start, inside := 0, false
	var from, to int32
	for i, u := range b.sent[:b.n] {
		if u >= from && u < to {
			continue
		}
		if inside {
			k.run(b, start, i)
		}
		start, from, to = i, u, u+1
		if inside = b.at(u) >= k.clip.From && b.at(u) < k.clip.To; inside {
			k.find(b.at(u))
			from, to = b.micros(k.from), b.micros(k.to)
		}
	}
	if inside {
		k.run(b, start, int(b.n))
	}
}

// run adds samples i to j to the current column.
func (k *bucketing) run(b block, i, j int) {
	var sum summary
	sum.sum(b.rtt[i:j])
	k.add(&sum)
}

// add adds to the current column.
func (k *bucketing) add(b *summary) {
	o := &k.out[k.column]
	if b.answered > 0 {
		if o.Answered == 0 || micros(b.min) < o.Min {
			o.Min = micros(b.min)
		}
		o.Max = max(o.Max, micros(b.max))
		k.parts = append(k.parts, newPart(k.column, b.median, b.answered))
	}
	o.Answered += b.answered
	o.Lost += b.lost
	o.NoData += b.noData
}

func micros(us uint32) time.Duration { return time.Duration(us) * time.Microsecond }

// medians makes each column's median the weighted median of its parts: exact
// for one part, else within the spread of their medians.
func (k *bucketing) medians() {
	sortParts(k.parts, k.n)
	for i := 0; i < len(k.parts); {
		first, total := i, uint64(0)
		for ; i < len(k.parts) && k.parts[i].column() == k.parts[first].column(); i++ {
			total += k.parts[i].weight()
		}
		half := (total + 1) / 2
		m := first
		for ; k.parts[m].weight() < half; m++ {
			half -= k.parts[m].weight()
		}
		k.out[k.parts[m].column()].Median = micros(k.parts[m].median())
	}
}

// sortParts sorts the parts of n columns. They come nearly in order of column,
// which insertion makes the most of while columns hold few each.
func sortParts(parts []part, n int) {
	if len(parts) > 16*n {
		slices.Sort(parts)
		return
	}
	for i, p := range parts {
		for ; i > 0 && parts[i-1] > p; i-- {
			parts[i] = parts[i-1]
		}
		parts[i] = p
	}
}

// exactStats is up to how many answers percentiles are exact; beyond, they come
// from a histogram that is within 1/32 of the value.
const exactStats = 4096

// enoughForP99 is how many answers a 99th percentile takes: of fewer it is one of
// the two greatest, which chance decides.
const enoughForP99 = 300

// stats sums up the samples sent within span.
func (s *series) stats(span Span) Stats {
	k := newTally()
	k.series(s, span)
	return k.stats()
}

// series takes in what a series has within span.
func (k *statsTally) series(s *series, span Span) {
	k.span, k.lastAt = span, 0
	for _, o := range s.oddities {
		if o.sent >= span.From && o.sent < span.To {
			k.Late += o.late
			k.Duplicates += o.duplicates
		}
	}
	k.runs = newRuns(s.interval())
	defer func() { k.course.add(k.runs.end()) }()
	first, past := s.seek(span.From), s.seek(span.To+disorder)
	whole := 0
	if past-first >= wholeStats {
		// What is newest comes from single samples.
		whole = past - chunkLen
	}
	for i, n := first, s.blocks(); i < n; i++ {
		if i%chunkLen == 0 && i+chunkLen <= whole {
			if t := &s.chunks[i/chunkLen].total; t.from >= span.From && t.to < span.To && !touched(k.scans, t.from, t.to) {
				k.total(t)
				i += chunkLen - 1
				continue
			}
		}
		b := s.summary(i)
		if b.from() >= span.To+disorder {
			return
		}
		if b.from() < span.To && b.to() >= span.From {
			k.block(s.block(i))
		}
	}
}

// wholeStats is from how many blocks on whole chunks are taken at once: there are
// too many samples for exact percentiles then, without those at the edges.
const wholeStats = exactStats/blockLen + chunkLen

// total takes in all of a chunk.
func (k *statsTally) total(t *total) {
	k.Answered += t.answered
	k.Lost += t.lost
	k.quantiles.addAll(t.histogram)
	k.course.add(k.runs.end())
	k.runs.course = course{}
	k.course.add(t.course)
}

// stats returns the sums, and ends the work.
func (k *statsTally) stats() Stats {
	out, all := k.Stats, &k.quantiles
	if all.total == 0 {
		all = &k.scanned // better than nothing
	}
	out.P50, out.InScans = micros(all.quantile(0.50)), micros(k.scanned.quantile(0.50))
	if !k.rough {
		out.P95 = micros(all.quantile(0.95))
	}
	if out.Answered-out.Scanned >= enoughForP99 && !k.rough {
		out.P99 = micros(all.quantile(0.99))
	}
	out.Jitter, out.Bursts = k.course.jitter(), k.course.bursts
	if n := out.Answered + out.Lost; n > 0 {
		out.LossFraction = float64(out.Lost) / float64(n)
	}
	tallies.Put(k)
	return out
}

func newTally() *statsTally {
	k := tallies.Get().(*statsTally)
	*k = statsTally{quantiles: quantiles{few: k.few[:0], same: k.same}, scanned: quantiles{few: k.scanned.few[:0], same: k.scanned.same}}
	return k
}

// statsTally is stats at work.
type statsTally struct {
	Stats
	quantiles
	course
	runs   runs
	span   Span
	lastAt time.Duration
	// taken is the rollup whose course and histogram were added last.
	taken *rolled
	// rough is whether some of the quantiles are of medians.
	rough bool
	// scans are when a radio visited other channels, and scanned the answers then.
	scans   []Span
	scanned quantiles
}

// rolled takes in the round trips of a block without samples. What is said of a
// whole rollup counts where all of it is within the span.
func (k *statsTally) rolled(b block) {
	switch r := b.rolled; {
	case r == nil || r.From < k.span.From || r.To > k.span.To:
		// Medians say nothing of the tail.
		k.quantiles.add(b.median, b.answered)
		k.rough = true
	case r != k.taken:
		k.taken = r
		k.course.add(r.course)
		k.quantiles.addAll(r.histogram)
	}
}

func (k *statsTally) block(b block) {
	if b.n == 0 && b.summary.from() >= k.span.From && b.summary.to() < k.span.To {
		k.Answered += b.answered
		k.Lost += b.lost
		k.rolled(b)
		return
	}
	for i := range b.n {
		if at := b.at(b.sent[i]); at >= k.span.From && at < k.span.To {
			k.sample(at, b.rtt[i])
		}
	}
}

func (k *statsTally) sample(at time.Duration, v uint32) {
	k.runs.sample(at, v)
	if v >= rttNoData {
		return
	}
	newest := at >= k.lastAt
	if newest {
		k.lastAt, k.Last = at, 0
	}
	if lost(v) {
		k.Lost++
		return
	}
	if newest {
		k.Last = micros(v)
	}
	k.Answered++
	if len(k.scans) > 0 && among(k.scans, at) {
		k.Scanned++
		k.scanned.add(v, 1)
		return
	}
	k.quantiles.add(v, 1)
}

// A weighted value stands for several. It is one number, the value above its
// weight, which is sorted faster than two.
type weighted uint64

func weigh(value, weight uint32) weighted { return weighted(value)<<32 | weighted(weight) }

func (w weighted) value() uint32  { return uint32(w >> 32) }
func (w weighted) weight() uint32 { return uint32(w) }

// quantiles holds how many values are in each of 32 classes per octave, and few
// values also as they are.
type quantiles struct {
	few     []weighted
	classes [classes]uint32
	total   uint64
	// many is whether not all values are among the few.
	many bool
	// same is room for those of one class.
	same []weighted
}

func (q *quantiles) add(v, weight uint32) {
	q.total += uint64(weight)
	q.classes[class(v)] += weight
	switch {
	case weight == 0 || q.many:
	case len(q.few) < exactStats:
		q.few = append(q.few, weigh(v, weight))
	default:
		q.many = true
	}
}

// addAll adds the answers of a histogram.
func (q *quantiles) addAll(h histogram) {
	q.many = true
	for _, k := range h {
		q.total += uint64(k.count())
		q.classes[k.class()] += k.count()
	}
}

// histogram returns all of them.
func (q *quantiles) histogram() histogram { return newHistogram(q.classes[:]) }

// classes is how many classes there are.
const classes = 28 * 32

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
	for c, n := range q.classes {
		if rank <= uint64(n) {
			return q.within(c, rank)
		}
		rank -= uint64(n)
	}
	return 0
}

// within returns the value of a rank among those of a class: only these are sorted.
func (q *quantiles) within(c int, rank uint64) uint32 {
	if q.many {
		return lowest(c)
	}
	from, past := weigh(lowest(c), 0), weigh(lowest(c+1), 0)
	q.same = slices.Grow(q.same[:0], len(q.few))[:len(q.few)]
	n := 0
	for _, w := range q.few {
		q.same[n] = w
		if w-from < past-from {
			n++
		}
	}
	same := q.same[:n]
	slices.Sort(same)
	for _, w := range same {
		if rank <= uint64(w.weight()) {
			return w.value()
		}
		rank -= uint64(w.weight())
	}
	return lowest(c)
}
