package fold

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/fact/facttest"
	"flapscope/monitor/path"
)

// TestCableUnderTunnel: a tunnel has no way any more because a cable is out. That
// is what is wrong, not the tunnel.
func TestCableUnderTunnel(t *testing.T) {
	l := newLab(t, path.DefaultSettings()).boot()
	l.put(facttest.LabWireGuard(facttest.LabMarked("")...)...)
	l.wait(10 * time.Second)
	l.events = nil
	l.put(append(facttest.LabMarked("ENETUNREACH"), facttest.LabLink(2, "eth0", true, false))...)
	l.wait(20 * time.Second)
	l.put(append(facttest.LabMarked(""), facttest.LabLink(2, "eth0", true, true))...)
	l.wait(20 * time.Second)
	var got []fact.Untrusted
	for _, e := range l.events {
		if i := e.Incident; i != nil && i.Phase == PhaseClosed && !i.Note() {
			got = append(got, i.Text)
		}
	}
	if want := []fact.Untrusted{"eth0 lost its carrier; nothing worked"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestTunnelOverDeadProvider: what fails by an interface takes the tunnel along whose
// packets go by it, and is the root of one incident, whichever is seen first.
func TestTunnelOverDeadProvider(t *testing.T) {
	targets := []string{hPing, hPing6}
	for range 2 {
		l := newLab(t, path.DefaultSettings()).boot()
		l.put(facttest.LabWireGuard(facttest.LabMarked("")...)...)
		l.put(facttest.LabAddress(2, netip.MustParseAddr("2001:db8::7"), 64))
		for _, d := range fact.Destinations(fact.IPv6) {
			for _, oif := range []int{0, 2} {
				l.put(&fact.Lookup{Question: fact.Question{Family: fact.IPv6, Dst: d, OIF: oif}, Type: fact.RouteUnicast, Table: 254, Index: 2, Gateway: netip.MustParseAddr("fe80::1"), Source: netip.MustParseAddr("2001:db8::7")})
			}
		}
		l.put(healthTarget(hPing), healthTarget(hPing6))
		l.events = nil
		for i := range 60 {
			sent := l.now
			l.wait(300 * time.Millisecond)
			for _, id := range targets {
				r := &fact.ProbeResult{Target: id, Outcome: fact.OutcomeOK, Sent: sent, RTT: 10 * time.Millisecond}
				if i >= 20 && i < 40 {
					r.Outcome, r.RTT = fact.OutcomeTimeout, 0
				}
				l.put(r)
				l.wait(100 * time.Millisecond)
			}
			l.wait(500 * time.Millisecond)
		}
		var got []fact.Untrusted
		for _, e := range l.events {
			if i := e.Incident; i != nil && i.Phase == PhaseClosed && !i.Note() {
				got = append(got, i.Text)
			}
		}
		if want := []fact.Untrusted{"the internet beyond gateway fe80::1 on eth0 was silent; nothing worked"}; !slices.Equal(got, want) {
			t.Errorf("%v: got %q, want %q", targets, got, want)
		}
		slices.Reverse(targets)
	}
}
