package state

import (
	"testing"
	"time"

	"flapscope/monitor/fact"
)

// TestLateAnswers: a target that answers after the time-out is there, and slow;
// what was lost until then was not.
func TestLateAnswers(t *testing.T) {
	s := &TargetState{Target: pinged()}
	result := func(sent time.Duration, o fact.Outcome, rtt time.Duration) {
		at := sent + rtt
		if o == fact.OutcomeTimeout {
			at = sent + 2*time.Second
		}
		s = s.after(time.Hour+at, &fact.ProbeResult{Outcome: o, Sent: time.Hour + sent, RTT: rtt})
	}
	for i := range 10 {
		result(time.Duration(i)*time.Second, fact.OutcomeOK, 10*time.Millisecond)
	}
	result(10*time.Second, fact.OutcomeTimeout, 0)
	before := s
	if s.Lost != 1 || !s.Recent[10].Lost {
		t.Fatalf("%+v: not lost yet", s)
	}
	result(12*time.Second, fact.OutcomeOK, 10*time.Millisecond)
	newest := s.Last
	result(10*time.Second, fact.OutcomeLate, 2500*time.Millisecond)
	if s.Lost != 0 || s.Recent[10].Lost || s.Recent[10].RTT != 2500*time.Millisecond || s.Last != newest {
		t.Errorf("after the late answer: %d lost, %+v, last %+v", s.Lost, s.Recent[10], s.Last)
	}
	if !before.Recent[10].Lost {
		t.Error("the state before was changed")
	}
	// All of them are late from here on.
	for i := 13; i < 60; i++ {
		at := time.Duration(i) * time.Second
		result(at-2*time.Second, fact.OutcomeTimeout, 0)
		result(at-3*time.Second, fact.OutcomeLate, 2700*time.Millisecond)
		if v, _ := s.Verdict(time.Hour + at); v == VerdictDown {
			t.Fatalf("down after %v: %d lost since %v", at, s.Lost, s.LostSince)
		}
	}
	if s.Lossy != nil || s.Slow == nil || s.Last.Outcome != fact.OutcomeLate {
		t.Errorf("lossy %v, slow %v, last %s; want slow", s.Lossy != nil, s.Slow != nil, s.Last.Outcome)
	}
	// A late answer from before a recovery says nothing of what comes after.
	well := *s
	well.Well = time.Hour + 2*time.Minute
	if next := well.after(time.Hour+3*time.Minute, &fact.ProbeResult{Outcome: fact.OutcomeLate, Sent: time.Hour + time.Minute, RTT: time.Minute}); next.Answered != s.Answered {
		t.Error("an answer from before the recovery counts")
	}
}

// TestWaitedAnswers: packets that waited until a silence was over, here for the
// gateway's hardware address, do not make the target slow.
func TestWaitedAnswers(t *testing.T) {
	s := &TargetState{Target: pinged()}
	result := func(at, sent time.Duration, o fact.Outcome) {
		r := &fact.ProbeResult{Outcome: o, Sent: time.Hour + sent}
		if o != fact.OutcomeTimeout {
			r.RTT = at - sent
		}
		s = s.after(time.Hour+at, r)
	}
	const second = time.Second
	for i := range 20 {
		result(time.Duration(i)*second+time.Millisecond, time.Duration(i)*second, fact.OutcomeOK)
	}
	for i := 20; i < 40; i++ {
		result(time.Duration(i+2)*second, time.Duration(i)*second, fact.OutcomeTimeout)
	}
	// The gateway is back: what was queued for it is answered at once.
	back := 42*second + 100*time.Millisecond
	for _, sent := range []time.Duration{39 * second, 40 * second, 41 * second, 42 * second} {
		outcome := fact.OutcomeOK
		if back-sent >= 2*second {
			outcome = fact.OutcomeLate
		}
		result(back, sent, outcome)
		if s.Slow != nil {
			t.Fatalf("slow by the answer to what was sent at %v", sent)
		}
	}
	// One that is slow after that is.
	for i := 43; i < 60; i++ {
		result(time.Duration(i+1)*second, time.Duration(i)*second, fact.OutcomeOK)
	}
	if s.Slow == nil || s.Slow.Since < time.Hour+back {
		t.Errorf("slow %v since %v, want since the silence was over", s.Slow != nil, s.Slow.Since-time.Hour)
	}
}
