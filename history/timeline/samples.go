package timeline

import (
	"math"
	"slices"
	"time"

	"flapscope/monitor/fact"
)

const (
	// blockLen is how many samples share one summary. Sixteen keeps the edges
	// of a bucket cheap to scan and the summaries at a third of the memory.
	blockLen = 16
	// chunkLen is how many blocks are allocated at a time.
	chunkLen = 64
	// The column of round trips has microseconds. From rttLost on they are of a
	// probe that was lost, and from rttNoData on of one that came to nothing: how
	// long after it was sent that was known.
	rttLost   = 1 << 31
	rttNoData = rttLost + 1<<30
)

// A summary is what a query needs to know of a whole block. Times are
// microseconds since base.
type summary struct {
	base                   time.Duration
	lo, hi                 int32
	answered, lost, noData uint32
	min, median, max       uint32
	// n is the number of samples, or 0 where there is only a summary: in a
	// recording's rollups.
	n uint8
}

// samples are the columns of a block.
type samples struct {
	sent [blockLen]int32
	rtt  [blockLen]uint32
}

// A block is up to blockLen consecutive samples of one target; samples is nil
// where there is only a summary, and what a rollup says.
type block struct {
	*summary
	*samples
	rolled *rolled
}

// A chunk holds summaries and samples apart, because far zooms read the
// summaries alone. Samples is nil while all blocks are summaries alone.
type chunk struct {
	summaries [chunkLen]summary
	samples   *[chunkLen]samples
	// rolled is nil while no block is of a rollup.
	rolled *[chunkLen]*rolled
	// total is of all blocks; it is made when the chunk is full.
	total total
}

// A series is the samples of one target in the order in which their outcomes
// were known. It is append-only: a reader holds the chunks up to a length and
// a copy of the block being filled, so that neither ever waits.
type series struct {
	target *fact.Target
	chunks []*chunk
	// full counts the blocks in chunks, and trimmed those that were dropped.
	full        int
	trimmed     int
	tail        summary
	tailSamples samples
	// newest is the latest time at which a sample was sent.
	newest time.Duration
	// oddities are the newest answers of which there is more to say than how long
	// they took.
	oddities []oddity
	// outcomes are how the samples are to be read, in their order.
	outcomes []outcome
}

// maxOddities bounds the oddities of a target.
const maxOddities = 4096

// An oddity is an answer that came late, some that came more than once, or one
// that was known later than it came: the name of its host had to be looked up
// first, or this machine had other things to do.
type oddity struct {
	sent             time.Duration
	late, duplicates uint32
	lag              time.Duration
}

// mostLag is how much later than it came an answer may be known without being odd.
const mostLag = 100 * time.Millisecond

// note keeps an oddity. Readers have the list as it was.
func (s *series) note(o oddity) {
	if len(s.oddities) >= 2*maxOddities {
		s.oddities = slices.Clone(s.oddities[len(s.oddities)-maxOddities:])
	}
	s.oddities = append(s.oddities, o)
}

// lost reports whether a value of the column of round trips is of a lost probe.
func lost(v uint32) bool { return v >= rttLost && v < rttNoData }

// append adds a sample of which the outcome was known at an instant.
func (s *series) append(r *fact.ProbeResult, known time.Duration) {
	if r.Duplicates > 0 {
		s.note(oddity{sent: r.Sent, duplicates: uint32(min(r.Duplicates, math.MaxUint16))})
	}
	if s.tail.n > 0 && !fits(r.Sent-s.tail.base) {
		s.seal()
	}
	b := &s.tail
	if b.n == 0 {
		*b = summary{base: r.Sent}
	}
	at := int32((r.Sent - b.base) / time.Microsecond)
	if b.n == 0 {
		b.lo, b.hi = at, at
	}
	b.lo, b.hi = min(b.lo, at), max(b.hi, at)
	v := encodeRTT(r, known)
	if lag := known - r.Sent - r.RTT; v < rttLost && lag > mostLag {
		s.note(oddity{sent: r.Sent, lag: lag})
	}
	s.tailSamples.sent[b.n], s.tailSamples.rtt[b.n] = at, v
	s.noteOutcome(r, s.number(s.full, int(b.n)))
	b.n++
	s.newest = max(s.newest, r.Sent)
	if b.n == blockLen {
		s.seal()
	}
}

// fits reports whether a distance from a block's base can be stored.
func fits(d time.Duration) bool {
	return d.Abs() < math.MaxInt32*time.Microsecond
}

func encodeRTT(r *fact.ProbeResult, known time.Duration) uint32 {
	switch {
	case r.Outcome == fact.OutcomeOK || r.Outcome == fact.OutcomePortal:
		return encode(r.RTT)
	case r.Outcome.Lost():
		return rttLost + encode(known-r.Sent)
	}
	return rttNoData + encode(known-r.Sent)
}

// encode returns a duration as the column of round trips has it: up to 17 minutes,
// which no probe takes.
func encode(d time.Duration) uint32 {
	return uint32(min(max(d/time.Microsecond, 0), rttNoData-rttLost-1))
}

// correct takes in that a probe which was lost was answered later.
func (s *series) correct(r *fact.ProbeResult) {
	for i := s.blocks() - 1; i >= 0; i-- {
		b := s.block(i)
		if b.samples == nil || b.to() < r.Sent-disorder {
			return
		}
		for k := range int(b.n) {
			if !lost(b.rtt[k]) || (b.at(b.sent[k])-r.Sent).Abs() >= time.Microsecond {
				continue
			}
			s.note(oddity{sent: r.Sent, late: 1})
			s.change(i).rtt[k] = encode(r.RTT)
			s.summary(i).sum(s.block(i).rtt[:b.n])
			if full := i/chunkLen < len(s.chunks) && (i/chunkLen+1)*chunkLen <= s.full; full {
				s.chunks[i/chunkLen].sumUp(s.interval())
			}
			return
		}
	}
}

// change returns the samples of a block to write to: readers have the old ones.
func (s *series) change(i int) *samples {
	if i == s.full {
		return &s.tailSamples
	}
	n := i / chunkLen
	c := *s.chunks[n]
	kept := *c.samples
	c.samples = &kept
	s.chunks = slices.Clone(s.chunks)
	s.chunks[n] = &c
	return &kept[i%chunkLen]
}

// seal sums up the block being filled and moves it to the chunks.
func (s *series) seal() {
	s.tail.sum(s.tailSamples.rtt[:s.tail.n])
	s.push(s.tail, &s.tailSamples, nil)
	s.tail = summary{}
}

// newChunk returns an empty chunk for blocks with samples, or of a rollup.
func newChunk(sampled, rolledUp bool) *chunk {
	c := new(chunk)
	if sampled {
		c.samples = new([chunkLen]samples)
	}
	if rolledUp {
		c.rolled = new([chunkLen]*rolled)
	}
	return c
}

// push adds a finished block: of samples, or of what a rollup says.
func (s *series) push(sum summary, of *samples, from *rolled) {
	if s.full == len(s.chunks)*chunkLen {
		s.chunks = append(s.chunks, newChunk(of != nil, from != nil))
	}
	last, i := s.full/chunkLen, s.full%chunkLen
	if of != nil && s.chunks[last].samples == nil {
		// A copy: readers have the one without.
		s.chunks = slices.Clone(s.chunks)
		s.chunks[last] = &chunk{summaries: s.chunks[last].summaries, rolled: s.chunks[last].rolled, samples: new([chunkLen]samples)}
	}
	if from != nil && s.chunks[last].rolled == nil {
		s.chunks = slices.Clone(s.chunks)
		s.chunks[last] = &chunk{summaries: s.chunks[last].summaries, samples: s.chunks[last].samples, rolled: new([chunkLen]*rolled)}
	}
	c := s.chunks[last]
	c.summaries[i] = sum
	if of != nil {
		c.samples[i] = *of
	}
	if from != nil {
		c.rolled[i] = from
	}
	if i == chunkLen-1 {
		c.sumUp(s.interval())
	}
	s.full++
}

// interval is how often the target is probed, as far as that is known.
func (s *series) interval() time.Duration {
	if s.target == nil {
		return 0
	}
	return s.target.Interval
}

// sum sums up at most blockLen round trips.
func (b *summary) sum(rtts []uint32) {
	var values [blockLen]uint32
	n := 0
	b.answered, b.lost, b.noData = 0, 0, 0
	for _, v := range rtts {
		switch {
		case v < rttLost:
			values[n%blockLen] = v
			n++
		case v >= rttNoData:
			b.noData++
		default:
			b.lost++
		}
	}
	b.answered = uint32(n)
	if n > 0 {
		b.min, b.median, b.max = spread(values[:n])
	}
}

// spread returns the least, the lower median and the greatest of a few values.
// It counts how many are below each rather than sorting them: branches that
// nobody can predict cost more than that.
func spread(values []uint32) (least, median, greatest uint32) {
	least = math.MaxUint32
	for i, v := range values {
		least, greatest = min(least, v), max(greatest, v)
		rank := 0
		for _, w := range values[:i] {
			if w <= v {
				rank++
			}
		}
		for _, w := range values[i+1:] {
			if w < v {
				rank++
			}
		}
		if rank == (len(values)-1)/2 {
			median = v
		}
	}
	return least, median, greatest
}

// from and to bound the times at which the block's samples were sent.
func (b *summary) from() time.Duration { return b.at(b.lo) }
func (b *summary) to() time.Duration   { return b.at(b.hi) }

func (b *summary) at(us int32) time.Duration {
	return b.base + time.Duration(us)*time.Microsecond
}

// micros returns the first microsecond of the block's axis that is not before
// an instant.
func (b *summary) micros(at time.Duration) int32 {
	d := at - b.base
	us := d / time.Microsecond
	if d%time.Microsecond > 0 {
		us++
	}
	return int32(min(max(us, math.MinInt32), math.MaxInt32))
}

// trim drops the chunks in which everything is older than limit.
func (s *series) trim(limit time.Duration) {
	k := 0
	for ; (k+1)*chunkLen <= s.full; k++ {
		if s.chunks[k].summaries[chunkLen-1].to() >= limit {
			break
		}
	}
	if k > 0 {
		// A copy, so that the array behind does not keep the dropped ones.
		s.chunks = slices.Clone(s.chunks[k:])
		s.full -= k * chunkLen
		s.trimmed += k * chunkLen
	}
}

// blocks returns how many blocks there are, the one being filled included.
func (s *series) blocks() int {
	if s.tail.n > 0 {
		return s.full + 1
	}
	return s.full
}

func (s *series) summary(i int) *summary {
	if i == s.full {
		return &s.tail
	}
	return &s.chunks[i/chunkLen].summaries[i%chunkLen]
}

func (s *series) block(i int) block {
	if i == s.full {
		return block{&s.tail, &s.tailSamples, nil}
	}
	c := s.chunks[i/chunkLen]
	b := block{summary: &c.summaries[i%chunkLen], rolled: c.rolledUp(i % chunkLen)}
	if c.samples != nil {
		b.samples = &c.samples[i%chunkLen]
	}
	return b
}

// view returns what a reader may keep.
func (s *series) view() *series {
	c := *s
	c.tail.sum(c.tailSamples.rtt[:c.tail.n])
	return &c
}

// disorder bounds how much later than its successors a sample can have been
// sent: the longest timeout of a probe.
const disorder = time.Minute

// seek returns the index of the first block that may hold samples sent at or
// after from.
func (s *series) seek(from time.Duration) int {
	lo, hi := 0, s.blocks()
	for lo < hi {
		m := int(uint(lo+hi) >> 1)
		if s.summary(m).to() < from-disorder {
			lo = m + 1
		} else {
			hi = m
		}
	}
	return lo
}

// within calls fn for every block that may hold samples of span.
func (s *series) within(span Span, fn func(b block)) {
	for i, n := s.seek(span.From), s.blocks(); i < n; i++ {
		b := s.summary(i)
		if b.from() >= span.To+disorder {
			return
		}
		if b.from() < span.To && b.to() >= span.From {
			fn(s.block(i))
		}
	}
}
