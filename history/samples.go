package history

import (
	"math"
	"slices"
	"time"

	"flapscope/monitor"
)

const (
	// blockLen is how many samples share one summary. Sixteen keeps the edges
	// of a bucket cheap to scan and the summaries at a third of the memory.
	blockLen = 16
	// chunkLen is how many blocks are allocated at a time.
	chunkLen = 64
	// rttLost and rttNoData stand in the column of round trips; the others are
	// microseconds.
	rttLost   = math.MaxUint32
	rttNoData = math.MaxUint32 - 1
)

// A block is up to blockLen consecutive samples of one target and their
// summary. Times are microseconds since base. A block from a recording's
// rollups has a summary and no samples.
type block struct {
	base                   time.Duration
	lo, hi                 int32
	answered, lost, noData uint32
	min, median, max       uint32
	n                      uint8
	sent                   [blockLen]int32
	rtt                    [blockLen]uint32
}

type chunk [chunkLen]block

// A series is the samples of one target in the order in which their outcomes
// were known. It is append-only: a reader holds the chunks up to a length and
// a copy of the block being filled, so that neither ever waits.
type series struct {
	target *monitor.Target
	chunks []*chunk
	// full counts the blocks in chunks.
	full int
	tail block
	// newest is the latest time at which a sample was sent.
	newest time.Duration
}

// append adds a sample.
func (s *series) append(r *monitor.ProbeResult) {
	if s.tail.n > 0 && !fits(r.Sent-s.tail.base) {
		s.seal()
	}
	b := &s.tail
	if b.n == 0 {
		*b = block{base: r.Sent}
	}
	at := int32((r.Sent - b.base) / time.Microsecond)
	if b.n == 0 {
		b.lo, b.hi = at, at
	}
	b.lo, b.hi = min(b.lo, at), max(b.hi, at)
	b.sent[b.n], b.rtt[b.n] = at, encodeRTT(r)
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

func encodeRTT(r *monitor.ProbeResult) uint32 {
	switch {
	case r.Outcome == monitor.OutcomeOK || r.Outcome == monitor.OutcomePortal:
		return uint32(min(max(r.RTT/time.Microsecond, 0), rttNoData-1))
	case r.Outcome.Lost():
		return rttLost
	}
	return rttNoData
}

// seal sums up the block being filled and moves it to the chunks.
func (s *series) seal() {
	s.tail.sum()
	s.push(s.tail)
	s.tail = block{}
}

// push adds a finished block.
func (s *series) push(b block) {
	if s.full == len(s.chunks)*chunkLen {
		s.chunks = append(s.chunks, new(chunk))
	}
	s.chunks[s.full/chunkLen][s.full%chunkLen] = b
	s.full++
}

// sum computes the summary of the samples.
func (b *block) sum() {
	var values [blockLen]uint32
	n := 0
	b.answered, b.lost, b.noData = 0, 0, 0
	for _, v := range b.rtt[:b.n] {
		switch v {
		case rttLost:
			b.lost++
		case rttNoData:
			b.noData++
		default:
			values[n] = v
			n++
		}
	}
	b.answered = uint32(n)
	if n > 0 {
		slices.Sort(values[:n])
		b.min, b.median, b.max = values[0], values[(n-1)/2], values[n-1]
	}
}

// from and to bound the times at which the block's samples were sent.
func (b *block) from() time.Duration { return b.at(b.lo) }
func (b *block) to() time.Duration   { return b.at(b.hi) }

func (b *block) at(us int32) time.Duration {
	return b.base + time.Duration(us)*time.Microsecond
}

// trim drops the chunks in which everything is older than limit.
func (s *series) trim(limit time.Duration) {
	k := 0
	for ; (k+1)*chunkLen <= s.full; k++ {
		if s.chunks[k][chunkLen-1].to() >= limit {
			break
		}
	}
	if k > 0 {
		// A copy, so that the array behind does not keep the dropped ones.
		s.chunks = slices.Clone(s.chunks[k:])
		s.full -= k * chunkLen
	}
}

// blocks returns how many blocks there are, the one being filled included.
func (s *series) blocks() int {
	if s.tail.n > 0 {
		return s.full + 1
	}
	return s.full
}

func (s *series) block(i int) *block {
	if i == s.full {
		return &s.tail
	}
	return &s.chunks[i/chunkLen][i%chunkLen]
}

// view returns what a reader may keep.
func (s *series) view() *series {
	c := *s
	c.tail.sum()
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
		if s.block(m).to() < from-disorder {
			lo = m + 1
		} else {
			hi = m
		}
	}
	return lo
}

// within calls fn for every block that may hold samples of span.
func (s *series) within(span Span, fn func(b *block)) {
	for i, n := s.seek(span.From), s.blocks(); i < n; i++ {
		b := s.block(i)
		if b.from() >= span.To+disorder {
			return
		}
		if b.from() < span.To && b.to() >= span.From {
			fn(b)
		}
	}
}
