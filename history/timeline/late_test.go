package timeline

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"flapscope/monitor/fact"
)

// TestLateAnswersCorrect: a series in which some answers come late is in the end
// the one in which they were answers from the start, and what a reader has does
// not change.
func TestLateAnswersCorrect(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for round := range 30 {
		corrected, plain := NewTimeline(DefaultLimits()), NewTimeline(DefaultLimits())
		observe := func(tl *Timeline, r fact.ProbeResult) {
			tl.Observed(fact.Observation{Time: epoch, Mono: r.Sent + r.RTT, Fact: &r}, nil)
		}
		n := 1 + rng.IntN(3*blockLen*chunkLen)
		span := Span{boot, boot + time.Duration(n+100)*time.Second}
		var later []fact.ProbeResult
		count := 0
		for i := range n {
			r := fact.ProbeResult{Target: "t", Sent: boot + time.Duration(i)*time.Second, Outcome: fact.OutcomeOK, RTT: time.Duration(rng.IntN(9000)) * time.Millisecond}
			observe(plain, r)
			if rng.IntN(8) == 0 {
				late := r
				late.Outcome = fact.OutcomeLate
				later = append(later, late)
				count++
				r.Outcome, r.RTT = fact.OutcomeTimeout, 0
			}
			observe(corrected, r)
			for len(later) > 0 && later[0].Sent < r.Sent-10*time.Second {
				before := corrected.View()
				old := before.Latency("t", span, 7)
				observe(corrected, later[0])
				if i%500 == 0 {
					if diff := cmp.Diff(old, before.Latency("t", span, 7)); diff != "" {
						t.Fatalf("what a reader has changed:\n%s", diff)
					}
				}
				later = later[1:]
			}
		}
		for _, r := range later {
			observe(corrected, r)
		}
		if got := corrected.View().Stats("t", span); got.Late != uint32(count) || got.Lost != 0 {
			t.Errorf("%d late and %d lost, want %d late", got.Late, got.Lost, count)
		}
		for _, columns := range []int{1, 7, 300} {
			if diff := cmp.Diff(plain.View().Latency("t", span, columns), corrected.View().Latency("t", span, columns)); diff != "" {
				t.Fatalf("round %d, %d samples in %d columns (-want +got):\n%s", round, n, columns, diff)
			}
		}
	}
}

// TestOddities: late and double answers are counted, and not without bound.
func TestOddities(t *testing.T) {
	tl := NewTimeline(DefaultLimits())
	for i := range 3 * maxOddities {
		r := &fact.ProbeResult{Target: "t", Sent: boot + time.Duration(i)*time.Second, Outcome: fact.OutcomeOK, RTT: 1, Duplicates: 2}
		tl.Observed(fact.Observation{Time: epoch, Mono: r.Sent, Fact: r}, nil)
	}
	if n := len(tl.View().seriesOf("t").oddities); n > 2*maxOddities {
		t.Errorf("%d are kept, want %d at most", n, 2*maxOddities)
	}
	last := boot + time.Duration(3*maxOddities)*time.Second
	if got := tl.View().Stats("t", Span{last - 10*time.Second, last}); got.Duplicates != 20 || got.Late != 0 {
		t.Errorf("%+v, want 20 duplicates", got)
	}
}

// TestLateAnswerOfNothing: what corrects nothing changes nothing.
func TestLateAnswerOfNothing(t *testing.T) {
	tl := NewTimeline(DefaultLimits())
	r := &fact.ProbeResult{Target: "t", Sent: boot, Outcome: fact.OutcomeLate, RTT: time.Second}
	tl.Observed(fact.Observation{Time: epoch, Mono: boot + time.Second, Fact: r}, nil)
	for _, b := range tl.View().Latency("t", Span{boot, boot + time.Minute}, 1) {
		if b.Answered != 0 || b.Lost != 0 {
			t.Errorf("%+v of nothing", b)
		}
	}
}
