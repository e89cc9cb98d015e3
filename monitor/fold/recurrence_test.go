package fold

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"flapscope/monitor/fact"
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
		// What a busy machine makes of a rhythm.
		"some-are-late": {[]time.Duration{8270 * time.Millisecond, 9520 * time.Millisecond, 8630 * time.Millisecond, 8240 * time.Millisecond, 10900 * time.Millisecond, 8330 * time.Millisecond}, "8.3 s after x, 4 of 6"},
		"half":          {append(rhythm(r, 3, 8*s), 2*s, 30*s, 14*s), ""},
		"two":           {append(append(rhythm(r, 19, 1700*time.Millisecond), 30*s), rhythm(r, 9, 8*s)...), "1.7 s after x, 19 of 19, then 8.0 s, 9 of 10"},
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
	for _, least := range []int{6, 16} {
		r := rand.New(rand.NewPCG(3, 4))
		found, runs := 0, 2000
		for range runs {
			var lags []time.Duration
			for range least + r.IntN(least*3/2) {
				lags = append(lags, time.Duration((0.3+5*r.ExpFloat64())*float64(time.Second)))
			}
			if recurrence(lags, "x") != nil {
				found++
			}
		}
		if found*100 > runs {
			t.Errorf("%d of %d irregular series of %d lags and more have a rhythm", found, runs, least)
		}
	}
}

// TestTwoRhythms: sorting by insertion finds what looking at each pair of a beginning
// and an end finds.
func TestTwoRhythms(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	found := 0
	for range 300 {
		lags := append(rhythm(r, r.IntN(30), 2*time.Second), rhythm(r, r.IntN(30), 9*time.Second)...)
		for i := range lags {
			if r.IntN(8) == 0 {
				lags[i] = time.Duration(r.Int64N(int64(20 * time.Second)))
			}
		}
		var first, then Recurrence
		for i := leastOfTwo; i <= len(lags)-leastOfTwo; i++ {
			a, b := usual(slices.Sorted(slices.Values(lags[:i])), "x"), usual(slices.Sorted(slices.Values(lags[i:])), "x")
			if a.nearlyAll() && b.nearlyAll() && a.Hits+b.Hits > first.Hits+then.Hits {
				first, then = a, b
			}
		}
		gotFirst, gotThen := twoRhythms(lags, "x")
		if gotThen == nil {
			gotFirst, gotThen = &Recurrence{}, &Recurrence{}
		}
		if *gotFirst != first || *gotThen != then {
			t.Fatalf("%v: got %v and %v, want %v and %v", lags, *gotFirst, *gotThen, first, then)
		}
		if then.Of > 0 {
			found++
		}
	}
	if found < 50 {
		t.Errorf("%d of the series have two rhythms: this shows little", found)
	}
}

// TestRhythmIsFoundOnce: an open incident is in every picture, several a second and one
// with each event. What came back hundreds of times without a rhythm costs no search
// in each.
func TestRhythmIsFoundOnce(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	cable := &trouble{declared: true, state: troubleOver}
	for range keepLags {
		at := cable.To.Mono + time.Duration(r.ExpFloat64()*float64(time.Minute))
		cable.add(&trouble{began: fact.Instant{Mono: at}, Incident: Incident{To: fact.Instant{Mono: at}}})
	}
	cable.form(fact.Instant{}, PhaseUpdate)
	if n := testing.AllocsPerRun(10, func() { cable.form(fact.Instant{}, PhaseUpdate) }); n > 60 {
		t.Errorf("a picture takes %.0f allocations", n)
	}
}
