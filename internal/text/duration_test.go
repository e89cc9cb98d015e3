package text

import (
	"math"
	"testing"
	"time"
)

// TestDurationOfAnything: a recording can claim any length.
func TestDurationOfAnything(t *testing.T) {
	for _, d := range []time.Duration{math.MinInt64, math.MinInt64 + 1, -1, math.MaxInt64} {
		for _, s := range []string{Duration(d), DurationAs(d, d), DurationAs(d, time.Second), Compact(d), Age(d)} {
			if s == "" {
				t.Errorf("%d is nothing", d)
			}
		}
	}
	if got, want := Duration(math.MinInt64), "-106751 d 23 h"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
