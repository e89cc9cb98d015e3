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
	// classes are how many answers fell into each class of a quantiles'
	// histogram, those with any.
	classes []classCount
}

// A classCount is the class of a histogram, 10 bits from the top, and how many
// answers are in it.
type classCount uint32

const countBits = 22

func (c classCount) class() int    { return int(c >> countBits) }
func (c classCount) count() uint32 { return uint32(c & (1<<countBits - 1)) }

// sumUp makes the total of a full chunk.
func (c *chunk) sumUp() {
	t := total{from: math.MaxInt64, to: math.MinInt64}
	var counts [1 << (32 - countBits)]uint32
	for i := range c.summaries {
		b := &c.summaries[i]
		t.from, t.to = min(t.from, b.from()), max(t.to, b.to())
		t.answered += b.answered
		t.lost += b.lost
		if b.n == 0 {
			counts[class(b.median)] += b.answered
			continue
		}
		for _, v := range c.samples[i].rtt[:b.n] {
			if v != rttLost && v != rttNoData {
				counts[class(v)]++
			}
		}
	}
	n := 0
	for _, k := range counts {
		if k > 0 {
			n++
		}
	}
	t.classes = make([]classCount, 0, n)
	for i, k := range counts {
		if k > 0 {
			t.classes = append(t.classes, classCount(i)<<countBits|classCount(min(k, 1<<countBits-1)))
		}
	}
	c.total = t
}
