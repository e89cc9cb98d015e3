package fold

import (
	"testing"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

func TestTargetStateForgetsSilenceAcrossSuspend(t *testing.T) {
	s := healthState(3700, []burst{
		{id: hPing, to: 10},
		{id: hPing, from: 10, to: 11, outcome: fact.OutcomeTimeout},
		{id: hPing, from: 3600, to: 3602, outcome: fact.OutcomeTimeout},
	})
	if got := s.Targets[hPing]; got.Lost != 2 || got.LostSince != time.Hour+3600*time.Second {
		t.Errorf("lost %d since %v, want 2 since the resume", got.Lost, got.LostSince)
	}
}

func TestTargetStateKeepsSilenceThroughNoData(t *testing.T) {
	s := healthState(30, []burst{
		{id: hPing, to: 10},
		{id: hPing, from: 10, to: 20, outcome: fact.OutcomeTimeout},
		{id: hPing, from: 23, to: 25, outcome: fact.OutcomeNoData},
	})
	if v, _ := s.Targets[hPing].Verdict(time.Hour + 25*time.Second); v != state.VerdictDown {
		t.Errorf("verdict %s, want down: no data is no answer", v)
	}
}

func TestTargetStateIgnoresLateLoss(t *testing.T) {
	// Sent at 10 and 11 and lost, but 11.5 was answered before that was known.
	s := healthState(30, []burst{{id: hPing, from: 10, to: 12, outcome: fact.OutcomeTimeout}, {id: hPing, from: 11.5, to: 12}})
	if got := s.Targets[hPing]; got.Lost != 0 {
		t.Errorf("lost %d since the newest answer, want 0", got.Lost)
	}
	if lost, total := s.Targets[hPing].Loss(); lost != 2 || total != 3 {
		t.Errorf("loss %d of %d, want 2 of 3", lost, total)
	}
}

func BenchmarkApplyResult(b *testing.B) {
	s := healthState(60, []burst{{id: hPing, to: 60}})
	b.ReportAllocs()
	at := time.Hour + time.Minute
	for b.Loop() {
		at += time.Second
		s.Apply(fact.Observation{Op: fact.Put, Mono: at, Fact: &fact.ProbeResult{Target: hPing, Outcome: fact.OutcomeOK, Sent: at, RTT: 1e6}})
	}
}

// A connection that was answered at the second SYN was not yet possible at the
// first.
func TestTargetStateDatesTheSynThatWasAnswered(t *testing.T) {
	var results []fact.Observation
	s := state.NewState()
	check := &fact.Target{ID: "tcp:192.0.2.9:443", Method: fact.MethodTCP, Role: fact.RoleInternet, Interval: time.Second}
	results = append(results, fact.Observation{Mono: time.Hour, Op: fact.Put, Fact: check})
	for n := range 7 {
		sent := time.Hour + time.Duration(n)*time.Second
		r := &fact.ProbeResult{Target: check.ID, Outcome: fact.OutcomeTimeout, Sent: sent}
		if n == 6 {
			r.Outcome, r.RTT, r.Phases.Connect = fact.OutcomeOK, time.Millisecond, 1025*time.Millisecond
		}
		results = append(results, fact.Observation{Mono: sent + 1025*time.Millisecond, Op: fact.Put, Fact: r})
	}
	for _, o := range results {
		s.Apply(o)
	}
	got := s.Targets[check.ID]
	if want := time.Hour + 6*time.Second + 1024*time.Millisecond; got.Well != want || got.Asked != want {
		t.Errorf("well since %v, asked at %v, want %v", got.Well, got.Asked, want)
	}
}
