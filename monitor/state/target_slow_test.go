package state

import (
	"testing"
	"time"

	"flapscope/monitor/fact"
)

// TestSlowBound: what takes a tenth of a second longer is slow, but for a name
// server, which takes as long for a name that it must ask others for.
func TestSlowBound(t *testing.T) {
	for _, tt := range []struct {
		role fact.Role
		took time.Duration
		want bool
	}{
		{fact.RoleGateway, 90 * time.Millisecond, false},
		{fact.RoleGateway, 150 * time.Millisecond, true},
		{fact.RoleInternet, 150 * time.Millisecond, true},
		{fact.RoleResolver, 150 * time.Millisecond, false},
		{fact.RoleResolver, 250 * time.Millisecond, true},
	} {
		s := &TargetState{Target: &fact.Target{ID: "x", Role: tt.role, Interval: 5 * time.Second}}
		at := time.Hour
		ask := func(n int, took time.Duration) {
			for range n {
				at += 5 * time.Second
				s = s.after(at+took, &fact.ProbeResult{Outcome: fact.OutcomeOK, Sent: at, RTT: took})
			}
		}
		ask(12, 3*time.Millisecond)
		if ask(3, tt.took); (s.Slow != nil) != tt.want {
			t.Errorf("%s of 3 ms takes %v: slow %v, want %v", tt.role, tt.took, s.Slow != nil, tt.want)
		}
	}
}
