package monitor

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestTargetStateIsShared: a result never changes what a snapshot holds.
func TestTargetStateIsShared(t *testing.T) {
	s := healthState(60, []burst{{id: hPing, to: 60}, {id: hPing, from: 20, to: 30, outcome: OutcomeTimeout}})
	before := s.Targets[hPing]
	recent := append([]Sample(nil), before.Recent...)
	first := before.after(2*time.Hour, &ProbeResult{Target: hPing, Outcome: OutcomeOK, RTT: 1})
	second := before.after(2*time.Hour, &ProbeResult{Target: hPing, Outcome: OutcomeTimeout})
	if diff := cmp.Diff(recent, before.Recent); diff != "" {
		t.Errorf("the old state changed:\n%s", diff)
	}
	if first.Recent[len(first.Recent)-1].Lost || !second.Recent[len(second.Recent)-1].Lost {
		t.Error("two futures of one state share their samples")
	}
}

func TestTargetStateForgetsSilenceAcrossSuspend(t *testing.T) {
	s := healthState(3700, []burst{
		{id: hPing, to: 10},
		{id: hPing, from: 10, to: 11, outcome: OutcomeTimeout},
		{id: hPing, from: 3600, to: 3602, outcome: OutcomeTimeout},
	})
	if got := s.Targets[hPing]; got.Lost != 2 || got.LostSince != time.Hour+3600*time.Second {
		t.Errorf("lost %d since %v, want 2 since the resume", got.Lost, got.LostSince)
	}
}

func TestTargetStateKeepsSilenceThroughNoData(t *testing.T) {
	s := healthState(30, []burst{
		{id: hPing, to: 10},
		{id: hPing, from: 10, to: 20, outcome: OutcomeTimeout},
		{id: hPing, from: 23, to: 25, outcome: OutcomeNoData},
	})
	if v, _ := s.Targets[hPing].Verdict(time.Hour + 25*time.Second); v != VerdictDown {
		t.Errorf("verdict %s, want down: no data is no answer", v)
	}
}

func TestTargetStateIgnoresLateLoss(t *testing.T) {
	// Sent at 10 and 11 and lost, but 11.5 was answered before that was known.
	s := healthState(30, []burst{{id: hPing, from: 10, to: 12, outcome: OutcomeTimeout}, {id: hPing, from: 11.5, to: 12}})
	if got := s.Targets[hPing]; got.Lost != 0 {
		t.Errorf("lost %d since the newest answer, want 0", got.Lost)
	}
	if lost, total := s.Targets[hPing].Loss(); lost != 2 || total != 3 {
		t.Errorf("loss %d of %d, want 2 of 3", lost, total)
	}
}

// TestTargetStateWindow: what a state keeps of its samples is what those of the
// whole history say, and no state changes once it is made.
func TestTargetStateWindow(t *testing.T) {
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 3))
		state := &TargetState{Target: healthTarget(hPing)}
		var all []Sample
		var states, copies []TargetState
		at := time.Hour
		for range 400 {
			at += time.Duration(1+r.IntN(1500)) * time.Millisecond
			if r.IntN(100) == 0 {
				at += time.Minute
			}
			// Some results come out of the order of sending.
			sent := at - time.Duration(r.IntN(2000))*time.Millisecond
			res := &ProbeResult{Target: hPing, Outcome: OutcomeOK, Sent: sent, RTT: time.Duration(1+r.IntN(int(1+seed%3*300))) * time.Millisecond}
			if r.IntN(12) == 0 {
				res.Outcome, res.RTT = OutcomeTimeout, 0
			}
			state = state.after(at, res)
			if sent < state.Well {
				continue
			}
			all = append(all, Sample{Sent: sent, At: at, RTT: res.RTT, Lost: res.Outcome != OutcomeOK})
			slices.SortStableFunc(all, func(a, b Sample) int { return int(a.Sent - b.Sent) })
			if n := len(state.Recent); n > len(all) || !slices.Equal(state.Recent, all[len(all)-n:]) {
				t.Fatalf("seed %d: at %v the samples are %v, not the newest of %v", seed, at, state.Recent, all)
			}
			m := state.Median()
			if slow := m >= slowFactor*state.Baseline && m >= state.Baseline+slowLeast; state.slowNow() != slow {
				t.Fatalf("seed %d: at %v slow %v with a median of %v above %v", seed, at, state.slowNow(), m, state.Baseline)
			}
			c := *state
			c.Recent = slices.Clone(c.Recent)
			states, copies = append(states, *state), append(copies, c)
		}
		for i := range states {
			if !slices.Equal(states[i].Recent, copies[i].Recent) {
				t.Fatalf("seed %d: state %d changed", seed, i)
			}
		}
	}
}

func BenchmarkApplyResult(b *testing.B) {
	s := healthState(60, []burst{{id: hPing, to: 60}})
	b.ReportAllocs()
	at := time.Hour + time.Minute
	for b.Loop() {
		at += time.Second
		s.Apply(Observation{Op: Put, Mono: at, Fact: &ProbeResult{Target: hPing, Outcome: OutcomeOK, Sent: at, RTT: 1e6}})
	}
}
