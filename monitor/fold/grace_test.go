package fold

import (
	"net/netip"
	"testing"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/path"
)

// TestGrace: after a resume and after an association a loss is not settled
// before something beyond this machine has answered, or a bound is over.
func TestGrace(t *testing.T) {
	gap := func(reason fact.GapReason) func(l *lab) {
		return func(l *lab) {
			l.now += time.Minute
			l.put(&fact.Gap{Reason: reason, From: l.now - time.Minute, To: l.now})
		}
	}
	// answer is the result of a probe sent ago, after the target was made known.
	answer := func(addr string, o fact.Outcome, ago time.Duration) func(l *lab) {
		return func(l *lab) {
			a := netip.MustParseAddr(addr)
			l.put(&fact.Target{ID: addr, Method: fact.MethodPing, Role: fact.RoleCustom, Family: fact.IPv4, Addr: a, Interval: time.Second})
			l.put(&fact.ProbeResult{Target: addr, Outcome: o, Sent: l.now - ago})
		}
	}
	resume := gap(fact.GapSuspend)
	for _, tt := range []struct {
		name  string
		open  func(l *lab)
		ended func(l *lab)
		// held is how long after the loss it is settled.
		held time.Duration
	}{
		{"resume", resume, nil, 30 * time.Second},
		{"associated", func(l *lab) { l.put(&fact.Wifi{Index: 2, Event: "associated"}) }, nil, 10 * time.Second},
		{"stopped-process", gap(fact.GapStopped), nil, time.Second},
		{"overrun", gap(fact.GapOverrun), nil, time.Second},
		{"resume-and-answer", resume, answer("192.0.2.1", fact.OutcomeOK, 10*time.Millisecond), 4 * time.Second},
		{"resume-and-portal", resume, answer("192.0.2.1", fact.OutcomePortal, 10*time.Millisecond), 4 * time.Second},
		{"resume-and-silence", resume, answer("192.0.2.1", fact.OutcomeTimeout, 10*time.Millisecond), 30 * time.Second},
		{"resume-and-own-stub", resume, answer("127.0.0.53", fact.OutcomeOK, 10*time.Millisecond), 30 * time.Second},
		{"resume-and-answer-from-before", resume, answer("192.0.2.1", fact.OutcomeOK, 5*time.Second), 30 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := newLab(t, path.DefaultSettings()).boot()
			l.wait(10 * time.Second)
			tt.open(l)
			lost := l.now
			l.lose()
			l.wait(4 * time.Second)
			if tt.ended != nil {
				tt.ended(l)
			}
			l.wait(time.Minute)
			var declared time.Duration
			for _, e := range l.events {
				if tr := e.Transition; tr != nil && tr.Scope == path.ScopeMachine && tr.Phase == PhaseSettled && !tr.Initial {
					declared = tr.DeclaredMono - lost
				}
			}
			if declared != tt.held {
				t.Errorf("loss settled after %v, want %v", declared, tt.held)
			}
		})
	}
}
