package fold

import (
	"math/rand/v2"
	"testing"
	"time"
)

// rhythm makes lags around a time, each up to a share of it off.
func rhythm(r *rand.Rand, n int, lag time.Duration) (out []time.Duration) {
	for range n {
		out = append(out, lag+time.Duration(r.Int64N(int64(lag/1000)))-lag/2000)
	}
	return out
}

func TestRecurrence(t *testing.T) {
	const s = time.Second
	r := rand.New(rand.NewPCG(1, 2))
	for name, tt := range map[string]struct {
		lags []time.Duration
		want string
	}{
		"too-few":         {rhythm(r, 2, 8*s), ""},
		"one":             {rhythm(r, 6, 8*s), "8.0 s after x, 6 of 6"},
		"one-with-a-rest": {append(rhythm(r, 9, 8*s), 30*s), "8.0 s after x, 9 of 10"},
		"two":             {append(append(rhythm(r, 19, 1700*time.Millisecond), 30*s), rhythm(r, 9, 8*s)...), "1.7 s after x, 19 of 19, then 8.0 s, 9 of 10"},
	} {
		t.Run(name, func(t *testing.T) {
			got := ""
			if p := recurrence(tt.lags, "x"); p != nil {
				got = p.Text()
			}
			if got != tt.want {
				t.Errorf("%v: got %q, want %q", tt.lags, got, tt.want)
			}
		})
	}
}

// TestRecurrenceIsSilent: what is irregular has no rhythm, but for one in a
// hundred by chance.
func TestRecurrenceIsSilent(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	found, runs := 0, 2000
	for range runs {
		var lags []time.Duration
		for range 16 + r.IntN(24) {
			lags = append(lags, time.Duration((0.3+5*r.ExpFloat64())*float64(time.Second)))
		}
		if recurrence(lags, "x") != nil {
			found++
		}
	}
	if found*100 > runs {
		t.Errorf("%d of %d irregular series have a rhythm", found, runs)
	}
}
