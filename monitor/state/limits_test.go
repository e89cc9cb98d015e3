package state

import (
	"testing"
	"time"

	"flapscope/monitor/fact"
)

// TestRecentIsBounded: one result more than a state has room for within its window
// makes the oldest go.
func TestRecentIsBounded(t *testing.T) {
	s := &TargetState{Target: pinged()}
	const apart = LossWindow / (4 * maxRecent)
	for i := range maxRecent + 1 {
		at := time.Hour + time.Duration(i)*apart
		s = s.after(at, &fact.ProbeResult{Outcome: fact.OutcomeOK, Sent: at, RTT: time.Millisecond})
		if want := min(i+1, maxRecent); len(s.Recent) != want {
			t.Fatalf("after %d results: got %d, want %d", i+1, len(s.Recent), want)
		}
	}
	if first, last := s.Recent[0].Sent, s.Recent[maxRecent-1].Sent; first != time.Hour+apart || last != time.Hour+maxRecent*apart {
		t.Errorf("got the results of %v to %v, want the newest %d", first, last, maxRecent)
	}
}
