package state

import (
	"net/netip"
	"testing"
	"time"

	"flapscope/monitor/fact"
)

// TestOutcomeIsWhatWasSaid: of a server that refuses one question in a second and
// ignores the others, what it said is known.
func TestOutcomeIsWhatWasSaid(t *testing.T) {
	s := NewState()
	s.Apply(fact.Observation{Op: fact.Put, Fact: &fact.Target{ID: "dns", Role: fact.RoleResolver, Interval: time.Second}})
	for n, o := range []fact.Outcome{fact.OutcomeOK, fact.OutcomeRefused, fact.OutcomeTimeout, fact.OutcomeTimeout} {
		at := time.Duration(n+1) * time.Second
		s.Apply(fact.Observation{Mono: at, Op: fact.Put, Fact: &fact.ProbeResult{Target: "dns", Sent: at, Outcome: o}})
	}
	if got := s.Targets["dns"].Outcome(); got != fact.OutcomeRefused {
		t.Errorf("%s, want refused", got)
	}
	s.Apply(fact.Observation{Mono: 6 * time.Second, Op: fact.Put, Fact: &fact.ProbeResult{Target: "dns", Sent: 5 * time.Second, Outcome: fact.OutcomeOK}})
	s.Apply(fact.Observation{Mono: 8 * time.Second, Op: fact.Put, Fact: &fact.ProbeResult{Target: "dns", Sent: 7 * time.Second, Outcome: fact.OutcomeTimeout}})
	if got := s.Targets["dns"].Outcome(); got != fact.OutcomeTimeout {
		t.Errorf("after an answer: %s, want a timeout", got)
	}
}

// TestEndurance: on a link that loses packets two losses in a row are no silence,
// but two refusals are one: nobody says no by chance.
func TestEndurance(t *testing.T) {
	for _, tt := range []struct {
		name    string
		lossy   bool
		outcome fact.Outcome
		want    Verdict
	}{
		{"well-and-silent", false, fact.OutcomeTimeout, VerdictDown},
		{"lossy-and-silent", true, fact.OutcomeTimeout, VerdictOK},
		{"lossy-and-refused", true, fact.OutcomeRefused, VerdictDown},
	} {
		s := NewState()
		put := func(at time.Duration, f fact.Fact) {
			s.Apply(fact.Observation{Mono: at, Op: fact.Put, Fact: f})
		}
		for _, id := range []string{"a", "b", "c", "dns"} {
			put(0, &fact.Target{ID: id, Role: fact.RoleInternet, Family: fact.IPv4, Index: 2, Addr: netip.MustParseAddr("192.0.2.1"), Interval: time.Second})
		}
		sent := func(id string, at time.Duration, o fact.Outcome) {
			put(at+10*time.Millisecond, &fact.ProbeResult{Target: id, Sent: at, Outcome: o, RTT: time.Millisecond})
		}
		for n := range 60 {
			at := 10*time.Second + time.Duration(n)*200*time.Millisecond
			for k, id := range []string{"a", "b", "c"} {
				o := fact.OutcomeOK
				if tt.lossy && (n+k)%3 == 0 {
					o = fact.OutcomeTimeout
				}
				sent(id, at, o)
			}
			switch {
			case n < 30 && n%5 == 0:
				sent("dns", at, fact.OutcomeOK)
			case n == 36 || n == 50:
				sent("dns", at, tt.outcome)
			}
		}
		if got, _ := s.Targets["dns"].Verdict(22 * time.Second); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}
