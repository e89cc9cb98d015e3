package timeline

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"flapscope/monitor/fact"
)

func TestHistogramText(t *testing.T) {
	counts := make([]uint32, classes)
	counts[10], counts[11], counts[13], counts[classes-1] = 3, 4, 1, 2
	h := newHistogram(counts)
	text := string(h.appendText(nil))
	if want := "6.7,1,441.2"; text != want {
		t.Errorf("got %q, want %q", text, want)
	}
	got, ok := parseHistogram(text)
	want := histogram{newClassCount(10, 7), newClassCount(12, 1), newClassCount(classes-2, 2)}
	if diff := cmp.Diff(want, got); !ok || diff != "" {
		t.Errorf("read back: %v (-want +got):\n%s", ok, diff)
	}
	for _, bad := range []string{",", "0", "1,", "x", "1.0", "1.", "449", "1.99999999", "-1", "1,0"} {
		if h, ok := parseHistogram(bad); ok {
			t.Errorf("%q is read as %v", bad, h)
		}
	}
}

// FuzzHistogram checks that what is read can be counted, and is written again as
// it was.
func FuzzHistogram(f *testing.F) {
	for _, s := range []string{"", "1", "6.7,1,435.2", "448.4194303", "1;2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		h, ok := parseHistogram(s)
		if !ok {
			return
		}
		var q quantiles
		q.addAll(h)
		q.quantile(0.99)
		again, ok := parseHistogram(string(h.appendText(nil)))
		if !ok || !slices.Equal(h, again) {
			t.Errorf("%q is %v, and again %v", s, h, again)
		}
	})
}

// TestPercentilesOfRollups checks that the percentiles of a day of rollups are
// those of its probes, which the mean of the minutes' is not, and that losses,
// bursts and jitter are the same.
func TestPercentilesOfRollups(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	target := &fact.Target{ID: "ping:192.0.2.1", Interval: time.Second}
	whole := NewTimeline(DefaultLimits())
	rolled := NewTimeline(DefaultLimits())
	observe := func(at time.Duration, f fact.Fact) {
		whole.Observed(fact.Observation{Mono: at, Time: time.Unix(0, 0).Add(at), Op: fact.Put, Fact: f}, nil)
	}
	observe(time.Second, target)
	const hours = 6
	for i := range hours * 3600 {
		at := time.Hour + time.Duration(i)*time.Second
		r := &fact.ProbeResult{Target: target.ID, Sent: at, Outcome: fact.OutcomeOK, RTT: time.Duration(20_000+rng.IntN(2000)) * time.Microsecond}
		switch {
		case i%3600 < 60: // A bad minute an hour.
			r.RTT += time.Duration(rng.IntN(400_000)) * time.Microsecond
		case rng.IntN(50) == 0:
			r.Outcome, r.RTT = fact.OutcomeTimeout, 0
		}
		observe(at, r)
	}
	v := whole.View()
	for i := range hours {
		span := Span{time.Duration(i+1) * time.Hour, time.Duration(i+2) * time.Hour}
		rolled.AddRollup(v.Rollup(span), time.Unix(0, 0).Add(span.To))
	}
	span := Span{time.Hour, (hours + 1) * time.Hour}
	want, got := v.Stats(target.ID, span), rolled.View().Stats(target.ID, span)
	if want.P99 < 22*time.Millisecond || want.Bursts == 0 || want.Jitter == 0 {
		t.Fatalf("nothing to compare: %+v", want)
	}
	near := func(name string, got, want float64, share float64) {
		if got < want*(1-share) || got > want*(1+share) {
			t.Errorf("%s is %.0f, want %.0f", name, got, want)
		}
	}
	near("p50", float64(got.P50), float64(want.P50), 0.045)
	near("p95", float64(got.P95), float64(want.P95), 0.045)
	near("p99", float64(got.P99), float64(want.P99), 0.045)
	near("answered", float64(got.Answered), float64(want.Answered), 0.001)
	near("lost", float64(got.Lost), float64(want.Lost), 0.001)
	near("bursts", float64(got.Bursts), float64(want.Bursts), 0.03)
	near("jitter", float64(got.Jitter), float64(want.Jitter), 0.03)
}

// TestFewAnswersHaveNoP99 checks that the maximum is not called a percentile.
func TestFewAnswersHaveNoP99(t *testing.T) {
	for n, want := range map[int]bool{299: false, 300: true} {
		var k statsTally
		for i := range n {
			k.span = Span{0, time.Hour}
			k.sample(time.Duration(i)*time.Second, uint32(i))
		}
		if got := k.stats(); (got.P99 != 0) != want || got.P95 == 0 {
			t.Errorf("of %d answers p99 is %v and p95 %v", n, got.P99, got.P95)
		}
	}
}

// TestPercentilesOfFewAreExact compares with all values sorted, each as often as it
// counts, and checks that those of more values are near.
func TestPercentilesOfFewAreExact(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	for _, n := range []int{1, 2, 7, 100, exactStats, exactStats + 1} {
		var q quantiles
		var all []uint32
		for range n {
			v, weight := uint32(rng.ExpFloat64()*20_000), uint32(1+rng.IntN(3))
			q.add(v, weight)
			all = append(all, slices.Repeat([]uint32{v}, int(weight))...)
		}
		slices.Sort(all)
		for _, f := range []float64{0.5, 0.95, 0.99} {
			got, want := q.quantile(f), all[int(f*float64(len(all))+1-1e-9)-1]
			if exact := n <= exactStats; exact && got != want || got > want || got < want-want/32-1 {
				t.Errorf("quantile %v of %d values is %d, want %d", f, n, got, want)
			}
		}
	}
}
