package timeline

import (
	"math"
	"time"
)

// A total sums up a chunk, so that the statistics of a day need not look at
// each of its samples.
type total struct {
	// from and to bound the times at which its samples were sent.
	from, to       time.Duration
	answered, lost uint32
	histogram
	course
}

// A classCount is the class of a histogram, 10 bits from the top, and how many
// answers are in it.
type classCount uint32

const countBits = 22

func newClassCount(class int, n uint32) classCount {
	return classCount(class)<<countBits | classCount(min(n, 1<<countBits-1))
}

func (c classCount) class() int    { return int(c >> countBits) }
func (c classCount) count() uint32 { return uint32(c & (1<<countBits - 1)) }

// sumUp makes the total of a full chunk of a series whose probes are sent so
// often. Chunks of rollups have none: they are summed up already.
func (c *chunk) sumUp(interval time.Duration) {
	t := total{from: math.MaxInt64, to: math.MinInt64}
	if c.rolled != nil {
		c.total = total{from: math.MinInt64, to: math.MaxInt64}
		return
	}
	var counts [classes]uint32
	runs := newRuns(interval)
	for i := range c.summaries {
		b := &c.summaries[i]
		t.from, t.to = min(t.from, b.from()), max(t.to, b.to())
		t.answered += b.answered
		t.lost += b.lost
		if b.n == 0 {
			counts[class(b.median)] += b.answered
			continue
		}
		for j, v := range c.samples[i].rtt[:b.n] {
			runs.sample(b.at(c.samples[i].sent[j]), v)
			if v < rttLost {
				counts[class(v)]++
			}
		}
	}
	t.histogram = newHistogram(counts[:])
	t.course.add(runs.end())
	c.total = t
}

// A rolled is what a rollup says of all its blocks together.
type rolled struct {
	Span
	course
	histogram
}

// rolledUp returns what the rollup of a block says, nil if there is none.
func (c *chunk) rolledUp(i int) *rolled {
	if c.rolled == nil {
		return nil
	}
	return c.rolled[i]
}
