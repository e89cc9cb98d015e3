package timeline

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"flapscope/monitor/fact"
)

// naiveBuckets is Latency by definition: every sample looked at in every
// column.
func naiveBuckets(samples []*fact.ProbeResult, c columns) []Bucket {
	out := make([]Bucket, c.n)
	for i := range out {
		var rtts []time.Duration
		for _, r := range samples {
			if r.Sent < c.start(i) || r.Sent >= c.start(i+1) {
				continue
			}
			switch {
			case r.Outcome == fact.OutcomeOK:
				rtts = append(rtts, r.RTT)
			case r.Outcome.Lost():
				out[i].Lost++
			default:
				out[i].NoData++
			}
		}
		slices.Sort(rtts)
		if n := len(rtts); n > 0 {
			out[i].Answered = uint32(n)
			out[i].Min, out[i].Median, out[i].Max = rtts[0], rtts[(n-1)/2], rtts[n-1]
		}
	}
	return out
}

// randomSamples are probes of which some are lost and reported late, as timeouts
// are.
func randomSamples(rng *rand.Rand, n int) []*fact.ProbeResult {
	type known struct {
		at time.Duration
		r  *fact.ProbeResult
	}
	var all []known
	sent := boot
	for range n {
		sent += time.Duration(rng.IntN(3000)) * time.Millisecond
		r := &fact.ProbeResult{
			Target: "t", Sent: sent, Outcome: fact.OutcomeOK,
			RTT: time.Duration(rng.IntN(2_000_000)) * time.Microsecond,
		}
		k := known{sent + r.RTT, r}
		switch rng.IntN(10) {
		case 0:
			r.Outcome, r.RTT, k.at = fact.OutcomeTimeout, 0, sent+5*time.Second
		case 1:
			r.Outcome, r.RTT, k.at = fact.OutcomeNoData, 0, sent
		}
		all = append(all, k)
	}
	slices.SortStableFunc(all, func(a, b known) int { return int(a.at - b.at) })
	var out []*fact.ProbeResult
	for _, k := range all {
		out = append(out, k.r)
	}
	return out
}

func TestLatencyAgainstDefinition(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for round := range 60 {
		samples := randomSamples(rng, 1+rng.IntN(3000))
		tl := NewTimeline(DefaultLimits())
		for _, r := range samples {
			tl.Observed(fact.Observation{Time: epoch, Mono: r.Sent + r.RTT, Fact: r}, nil)
		}
		v := tl.View()
		from := boot + time.Duration(rng.Int64N(int64(time.Hour)))
		span := Span{from, from + time.Duration(1+rng.Int64N(int64(time.Hour)))}
		n := 1 + rng.IntN(300)
		got, want := v.Latency("t", span, n), naiveBuckets(samples, columns{span, n})
		for i := range want {
			// Where a column holds whole blocks, its median is that of their
			// medians; everything else is exact.
			if got[i].Median < want[i].Min || got[i].Median > want[i].Max {
				t.Fatalf("round %d column %d: median %v out of [%v,%v]", round, i, got[i].Median, want[i].Min, want[i].Max)
			}
			if want[i].Answered <= 2 && got[i].Median != want[i].Median {
				t.Fatalf("round %d column %d: median %v, want %v", round, i, got[i].Median, want[i].Median)
			}
			got[i].Median = want[i].Median
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("round %d: (-want +got)\n%s", round, diff)
		}
	}
}

func TestMedianOfBlocksIsClose(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	tl := NewTimeline(DefaultLimits())
	for i := range 36_000 {
		rtt := time.Duration(10_000+rng.ExpFloat64()*5_000) * time.Microsecond
		tl.Observed(probeAt(time.Duration(i)*100*time.Millisecond, rtt, fact.OutcomeOK), nil)
	}
	got := tl.View().Latency("t", Span{boot, boot + time.Hour}, 1)[0].Median
	// The true median is 10 ms + 5 ms·ln 2 = 13.466 ms.
	if d := (got - 13466*time.Microsecond).Abs(); d > 400*time.Microsecond {
		t.Errorf("median of an hour is off by %v", d)
	}
}

func TestStats(t *testing.T) {
	tl := NewTimeline(DefaultLimits())
	for i := 1; i <= 100; i++ {
		tl.Observed(probeAt(time.Duration(i)*time.Second, time.Duration(i)*time.Millisecond, fact.OutcomeOK), nil)
	}
	for i := 101; i <= 125; i++ {
		tl.Observed(probeAt(time.Duration(i)*time.Second, 0, fact.OutcomeTimeout), nil)
	}
	s := tl.View().Stats("t", Span{boot, boot + time.Hour})
	if s.Answered != 100 || s.Lost != 25 || s.LossFraction != 0.2 || s.Last != 0 {
		t.Errorf("counts are %+v", s)
	}
	if s.P50 != 50*time.Millisecond || s.P95 != 95*time.Millisecond || s.P99 != 0 {
		t.Errorf("p50 %v p95 %v p99 %v", s.P50, s.P95, s.P99)
	}
	if s.Jitter != time.Millisecond || s.Bursts != 1 {
		t.Errorf("jitter %v, %d bursts", s.Jitter, s.Bursts)
	}
	if last := tl.View().Stats("t", Span{boot, boot + 100*time.Second + 1}).Last; last != 100*time.Millisecond {
		t.Errorf("last of a span ending early is %v", last)
	}
}

func TestQuantileClasses(t *testing.T) {
	for v := uint32(0); v < 1<<20; v += 1 + v/97 {
		lo, next := lowest(class(v)), lowest(class(v)+1)
		if lo > v || next <= v || float64(v-lo) > float64(v)/32 {
			t.Fatalf("value %d is in class [%d,%d)", v, lo, next)
		}
	}
}

func TestColumns(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for range 2000 {
		from := time.Duration(rng.Int64N(1 << 50))
		c := columns{Span{from, from + 1 + time.Duration(rng.Int64N(1<<uint(1+rng.IntN(52))))}, 1 + rng.IntN(2000)}
		i := rng.IntN(c.n)
		if s := c.start(i); s < c.To && c.start(i+1) > s && c.of(s) != i {
			t.Fatalf("%+v: column %d starts at %d, which is in column %d", c, i, s, c.of(s))
		}
		if s := c.start(i+1) - 1; s >= c.start(i) && c.of(s) != i {
			t.Fatalf("%+v: column %d ends with %d, which is in column %d", c, i, s, c.of(s))
		}
	}
}
