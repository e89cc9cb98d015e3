package stats

import (
	"math"
	"testing"
	"time"

	"flapscope/history/timeline"
	"flapscope/monitor/fact"
)

// TestProportion compares with published values of the Wilson score interval.
func TestProportion(t *testing.T) {
	for _, tt := range []struct {
		k, n      int
		low, high float64
	}{{0, 60, 0, 0.0602}, {0, 300, 0, 0.0126}, {5, 10, 0.2366, 0.7634}, {81, 263, 0.2553, 0.3662}, {15, 148, 0.0624, 0.1605}, {60, 60, 0.9398, 1}, {0, 0, 0, 1}} {
		p := NewProportion(tt.k, tt.n)
		if math.Abs(p.Low-tt.low) > 0.0001 || math.Abs(p.High-tt.high) > 0.0001 {
			t.Errorf("%d of %d: %.4f to %.4f, want %.4f to %.4f", tt.k, tt.n, p.Low, p.High, tt.low, tt.high)
		}
	}
}

// TestSummarizeTargets sums up five minutes of one probe a second, with a burst
// of 30 losses in the third minute, in which there are ten probes a second.
func TestSummarizeTargets(t *testing.T) {
	tl := timeline.NewTimeline(timeline.DefaultLimits())
	observe := func(at time.Duration, f fact.Fact) {
		tl.Observed(fact.Observation{Mono: at, Time: time.Unix(0, 0).Add(at), Op: fact.Put, Fact: f}, nil)
	}
	target := &fact.Target{ID: "ping:192.0.2.1", Name: "gateway", Method: fact.MethodPing, Role: fact.RoleGateway, Interval: time.Second}
	observe(time.Second, target)
	probe := func(at time.Duration, lost bool) {
		r := &fact.ProbeResult{Target: target.ID, Sent: at, Outcome: fact.OutcomeOK, RTT: 20 * time.Millisecond}
		if lost {
			r.Outcome, r.RTT = fact.OutcomeTimeout, 0
		}
		observe(at, r)
	}
	for s := range 300 {
		at := time.Hour + time.Duration(s)*time.Second
		if s/60 != 2 {
			probe(at, false)
			continue
		}
		for i := range 10 {
			probe(at+time.Duration(i)*100*time.Millisecond, s < 123)
		}
	}
	got := SummarizeTargets(tl.View(), timeline.Span{From: time.Hour, To: time.Hour + 5*time.Minute})
	if len(got) != 1 {
		t.Fatalf("%d targets, want 1", len(got))
	}
	g := got[0]
	if g.Loss.K != 30 || g.Loss.N != 840 || g.Bursts != 1 || g.Burst != 30 {
		t.Errorf("loss %+v, %d bursts of %v, want 30 of 840 in one", g.Loss, g.Bursts, g.Burst)
	}
	if want := 0.05 / 5; math.Abs(g.ByTime-want) > 1e-9 {
		t.Errorf("loss by time %v, want %v", g.ByTime, want)
	}
	if want := 1 / (1 - 30.0/840); math.Abs(g.Independent-want) > 1e-9 {
		t.Errorf("independent bursts of %v, want %v", g.Independent, want)
	}
	if g.P50 != 20*time.Millisecond || g.P99 != 20*time.Millisecond || g.Jitter != 0 {
		t.Errorf("p50 %v, p99 %v, jitter %v", g.P50, g.P99, g.Jitter)
	}
}
