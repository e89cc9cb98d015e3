package state

import (
	"testing"
	"time"

	"flapscope/monitor/fact"
)

// TestEndOfSilence: a probe that waited for the end of a silence was sent before that.
func TestEndOfSilence(t *testing.T) {
	const second = time.Second
	for _, tt := range []struct {
		name string
		rtt  time.Duration
		want time.Duration
	}{
		{"usual", 2 * time.Millisecond, 20 * second},
		{"a-little-late", 50 * time.Millisecond, 20 * second},
		{"waited", 900 * time.Millisecond, 20*second + 900*time.Millisecond},
	} {
		target := &TargetState{Target: &fact.Target{ID: "a", Role: fact.RoleGateway, Interval: second}}
		for sent := second; sent < 20*second; sent += second {
			r := &fact.ProbeResult{Target: "a", Outcome: fact.OutcomeOK, Sent: sent, RTT: 2 * time.Millisecond}
			if sent >= 10*second {
				r.Outcome, r.RTT = fact.OutcomeTimeout, 0
			}
			target = target.after(sent+second/2, r)
		}
		target = target.after(20*second+tt.rtt, &fact.ProbeResult{Target: "a", Outcome: fact.OutcomeOK, Sent: 20 * second, RTT: tt.rtt})
		if target.Lost != 0 || target.Well != tt.want {
			t.Errorf("%s: %d lost, well since %v, want %v", tt.name, target.Lost, target.Well, tt.want)
		}
	}
}
