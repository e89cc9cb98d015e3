package fold

import (
	"net/netip"
	"testing"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/fact/facttest"
	"flapscope/monitor/path"
)

// TestOneFamilyIsBack: while one family does not come back with the carrier, the incident
// says neither that there is none nor that nothing works.
func TestOneFamilyIsBack(t *testing.T) {
	l := newLab(t, path.DefaultSettings()).boot()
	source := netip.MustParseAddr("2001:db8::7")
	six := []fact.Fact{facttest.LabAddress(2, source, 64)}
	for _, d := range fact.Destinations(fact.IPv6) {
		for _, oif := range []int{0, 2} {
			six = append(six, &fact.Lookup{Question: fact.Question{Family: fact.IPv6, Dst: d, OIF: oif}, Type: fact.RouteUnicast, Table: 254, Index: 2, Gateway: netip.MustParseAddr("fe80::1"), Source: source})
		}
	}
	l.put(six...)
	l.wait(10 * time.Second)
	l.lose()
	l.put(facttest.LabRefused(fact.IPv4, "ENETUNREACH", 2)...)
	l.put(facttest.LabRefused(fact.IPv6, "ENETUNREACH", 2)...)
	l.del(facttest.LabAddress(2, facttest.LabSource, 24))
	says := func(want fact.Untrusted) {
		t.Helper()
		l.wait(5 * time.Second)
		if s := l.fold.Snapshot(); len(s.Incidents) != 1 || s.Incidents[0].Text != want {
			t.Errorf("got %v, want %q", s.Incidents, want)
		}
	}
	says("eth0 has no carrier; nothing works")
	l.gain()
	l.put(six...)
	says("eth0 lost its carrier")
	l.put(healthTarget(hPing6), &fact.ProbeResult{Target: hPing6, Outcome: fact.OutcomeOK, Sent: l.now - 10*time.Millisecond, RTT: 10 * time.Millisecond})
	says("eth0 lost its carrier; IPv6 works")
	if text := l.fold.Snapshot().Health.Text; text == "eth0 has no carrier" {
		t.Errorf("health says %q", text)
	}
}
