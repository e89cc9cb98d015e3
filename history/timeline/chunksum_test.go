package timeline

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestStatsOfWholeChunks compares what totals say with what every sample does.
func TestStatsOfWholeChunks(t *testing.T) {
	v := day().View()
	b := v.Bounds()
	rng := rand.New(rand.NewPCG(61, 62))
	for range 200 {
		span := Span{From: b.From + time.Duration(rng.Int64N(int64(b.To-b.From)))}
		span.To = span.From + time.Duration(rng.Int64N(int64(b.To-span.From)+int64(time.Hour)))
		s := v.series[rng.IntN(len(v.series))]
		k := statsTally{span: span, runs: newRuns(s.interval())}
		s.within(span, k.block)
		k.course.add(k.runs.end())
		want, got := k.stats(), s.stats(span)
		// A run across the border of two chunks is counted in both.
		if d := int(got.Bursts) - int(want.Bursts); d < 0 || d > 3 {
			t.Fatalf("bursts of %v: %d, want %d", span, got.Bursts, want.Bursts)
		}
		if d := (got.Jitter - want.Jitter).Abs(); d > want.Jitter/100 {
			t.Fatalf("jitter of %v: %v, want %v", span, got.Jitter, want.Jitter)
		}
		got.Bursts, got.Jitter = want.Bursts, want.Jitter
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("stats of %v (-each +totals)\n%s", span, diff)
		}
	}
}
