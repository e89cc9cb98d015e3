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
		k := statsTally{span: span}
		s.within(span, k.block)
		if diff := cmp.Diff(k.stats(), s.stats(span)); diff != "" {
			t.Fatalf("stats of %v (-each +totals)\n%s", span, diff)
		}
	}
}
