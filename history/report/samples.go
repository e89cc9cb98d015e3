package report

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"flapscope/monitor/fact"
)

// buckets is how many sizes of round trips are told apart, each 3 % larger than
// the one before it, from a microsecond on.
const (
	buckets = 768
	growth  = 1.03
)

// samples are the results of one target.
type samples struct {
	rtts   []uint32
	blocks []block
	noData int
	// scanned counts the answers of which the round trip is left out.
	scanned int
	// failed is whether the newest one did; bursts counts how often that began.
	failed bool
	bursts int
	lost   int
	n      int
}

// A block is what was found in one stretch of blockFor.
type block struct {
	n, lost uint32
	// first is where its round trips begin.
	first int
}

// maxBlocks bounds the blocks of a target: a year.
const maxBlocks = 1 << 20

// add adds a result, sent some time after the begin. What was sent while the radio
// scanned says nothing of how fast the network is.
func (s *samples) add(f *fact.ProbeResult, at time.Duration, scanned bool) {
	if f.Outcome == fact.OutcomeNoData {
		s.noData++
		return
	}
	for i := int(at / blockFor); len(s.blocks) <= i && len(s.blocks) < maxBlocks; {
		s.blocks = append(s.blocks, block{first: len(s.rtts)})
	}
	b := &s.blocks[len(s.blocks)-1]
	s.n++
	b.n++
	if f.Outcome.Lost() {
		s.lost++
		b.lost++
		if !s.failed {
			s.bursts++
		}
		s.failed = true
		return
	}
	s.failed = false
	if scanned {
		s.scanned++
		return
	}
	s.rtts = append(s.rtts, uint32(min(max(f.RTT/time.Microsecond, 0), math.MaxUint32)))
}

// resamples is how often figures are resampled, and mostBlocks into how many
// blocks at most: fewer and longer ones say the same of what is slow.
const (
	resamples   = 200
	mostBlocks  = 60
	fewestBlock = 6
)

// summed sums up: shares, bursts and quantiles with their intervals.
func (s *samples) summed(c Check) Check {
	c.N, c.NoData, c.Failed, c.Bursts, c.Scanned = s.n, s.noData, s.lost, s.bursts, s.scanned
	if s.n == 0 {
		return c
	}
	c.Share = float64(s.lost) / float64(s.n)
	if s.bursts > 0 {
		c.Burst = float64(s.lost) / float64(s.bursts)
		if c.Share < 1 {
			c.Ratio = c.Burst * (1 - c.Share)
		}
	}
	sorted := slices.Clone(s.rtts)
	slices.Sort(sorted)
	for q, to := range map[float64]*Quantile{0.5: &c.P50, 0.95: &c.P95, 0.99: &c.P99} {
		if n := len(sorted); n > 0 {
			rank := min(max(int(math.Ceil(q*float64(n)-1e-9)), 1), n)
			to.Value = time.Duration(sorted[rank-1]) * time.Microsecond
		}
	}
	s.intervals(&c)
	return c
}

// A histogram is the round trips of a block by size, and what was lost.
type histogram struct {
	of []uint32
	// timed is how many they are.
	n, lost, timed int
}

// histograms joins blocks until they are few.
func (s *samples) histograms() (out []histogram) {
	per := (len(s.blocks) + mostBlocks - 1) / mostBlocks
	for i := 0; i < len(s.blocks); i += per {
		h := histogram{of: make([]uint32, buckets)}
		end := min(i+per, len(s.blocks))
		for _, b := range s.blocks[i:end] {
			h.n, h.lost = h.n+int(b.n), h.lost+int(b.lost)
		}
		last := len(s.rtts)
		if end < len(s.blocks) {
			last = s.blocks[end].first
		}
		for _, r := range s.rtts[s.blocks[i].first:last] {
			h.of[bucketOf(r)]++
			h.timed++
		}
		if h.n > 0 {
			out = append(out, h)
		}
	}
	return out
}

func bucketOf(micros uint32) int {
	if micros < 1 {
		return 0
	}
	return min(int(math.Log(float64(micros))/math.Log(growth)), buckets-1)
}

// sizeOf is the middle of a bucket.
func sizeOf(bucket int) time.Duration {
	return time.Duration(math.Pow(growth, float64(bucket)+0.5) * float64(time.Microsecond))
}

// intervals resamples blocks.
func (s *samples) intervals(c *Check) {
	all := s.histograms()
	if len(all) < fewestBlock {
		return
	}
	// The same recording gives the same report.
	rng := rand.New(rand.NewPCG(1, uint64(s.n)))
	shares := make([]float64, resamples)
	quantiles := [3][]int{}
	total := make([]uint32, buckets)
	for i := range shares {
		clear(total)
		n, lost, timed := 0, 0, 0
		for range all {
			h := &all[rng.IntN(len(all))]
			n, lost, timed = n+h.n, lost+h.lost, timed+h.timed
			for k, v := range h.of {
				total[k] += v
			}
		}
		shares[i] = float64(lost) / float64(n)
		for k, q := range [3]float64{0.5, 0.95, 0.99} {
			if timed > 0 {
				quantiles[k] = append(quantiles[k], quantileOf(total, timed, q))
			}
		}
	}
	low, high := middle(shares)
	c.ShareLow = &Bound{low, high}
	for k, to := range [3]*Quantile{&c.P50, &c.P95, &c.P99} {
		if len(quantiles[k]) == resamples {
			l, h := middle(quantiles[k])
			from, until := min(sizeOf(l), to.Value), max(sizeOf(h), to.Value)
			to.Low, to.High = &from, &until
		}
	}
}

func quantileOf(of []uint32, n int, q float64) int {
	rank := uint32(max(int(math.Ceil(q*float64(n))), 1))
	for i, v := range of {
		if v >= rank {
			return i
		}
		rank -= v
	}
	return len(of) - 1
}

// middle returns what bounds 95 % of values.
func middle[T int | float64](values []T) (low, high T) {
	slices.Sort(values)
	n := len(values)
	return values[n/40], values[n-1-n/40]
}
