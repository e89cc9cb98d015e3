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

// twoWays is a machine with a cable in use and a radio that stands by.
func twoWays(t *testing.T) (l *lab, standby *fact.Target) {
	l = newLab(t, path.DefaultSettings())
	air, access := netip.MustParseAddr("198.51.100.9"), netip.MustParseAddr("198.51.100.1")
	l.put(facttest.LabLink(2, "eth0", true, true), facttest.LabAddress(2, facttest.LabSource, 24), facttest.LabDefault(2, facttest.LabRouter, 100))
	l.put(facttest.LabLink(3, "wlan0", true, true), facttest.LabAddress(3, air, 24), facttest.LabDefault(3, access, 600), mainRule4)
	l.put(facttest.LabAnswers(3, access, air, 600)...)
	l.put(facttest.LabAnswers(2, facttest.LabRouter, facttest.LabSource, 100)...)
	standby = &fact.Target{ID: "ping:198.51.100.1%wlan0", Name: "standby", Method: fact.MethodPing, Role: fact.RoleStandby, Family: fact.IPv4, Addr: access, Index: 3, Interval: 30 * time.Second}
	l.put(standby, &fact.Sync{Source: "kernel"})
	l.wait(5 * time.Second)
	return l, standby
}

// lastIncident is what was said last of an incident.
func (l *lab) lastIncident() *Incident {
	l.t.Helper()
	for _, e := range slices.Backward(l.events) {
		if e.Incident != nil {
			return e.Incident
		}
	}
	l.t.Fatal("no incident")
	return nil
}

// TestStoodBy: a gateway that answers could carry what failed before it, and what
// failed beyond only perhaps.
func TestStoodBy(t *testing.T) {
	for want, root := range map[string]path.Root{
		"; wlan0 could carry it: its gateway answers": {What: path.GatewaySilent, Leg: path.LegGateway},
		"; wlan0 might carry it: its gateway answers": {What: path.UpstreamSilent, Leg: path.LegInternet},
	} {
		i := &Incident{Root: root, Standby: []Standby{{Interface: "wlan0", Answered: true}}}
		if got := i.StoodBy(); got != want {
			t.Errorf("of %s: %q, want %q", root.What, got, want)
		}
	}
	tunnel := &Incident{Root: path.Root{What: path.TunnelSilent, Leg: path.LegTunnel}, To: fact.Instant{Mono: 1}, Standby: []Standby{{Interface: "eth0", Answered: true}}}
	if got := tunnel.StoodBy(); got != "; eth0 might have carried it: its gateway answered" {
		t.Errorf("of a tunnel: %q", got)
	}
}

// TestStandby: an incident says whether another interface could have carried it, and
// why the kernel did not take it.
func TestStandby(t *testing.T) {
	for _, tt := range []struct {
		name    string
		outcome fact.Outcome
		want    fact.Untrusted
	}{
		{"answers", fact.OutcomeOK, "eth0 lost its carrier; wlan0 could have carried it: its gateway answered, but the dead route by eth0 wins over that by wlan0 (metric 100 before 600, and ignore_routes_with_linkdown is off)"},
		{"silent", fact.OutcomeTimeout, "eth0 lost its carrier; nothing worked; wlan0 stood by, but its gateway was silent"},
		{"not-asked", fact.OutcomeNoData, "eth0 lost its carrier; nothing worked"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l, standby := twoWays(t)
			l.lose()
			for range 4 {
				l.wait(2 * time.Second)
				l.put(&fact.ProbeResult{Target: standby.ID, Outcome: tt.outcome, Sent: l.now - time.Second, RTT: time.Millisecond})
			}
			if p := l.fold.Snapshot().Raw; p.IPv4.DeadRoute == "" {
				t.Errorf("nothing is said of the dead route: %+v", p.IPv4)
			}
			l.gain()
			l.wait(5 * time.Second)
			if got := l.lastIncident(); got.Text != tt.want {
				t.Errorf("got  %s\nwant %s", got.Text, tt.want)
			}
		})
	}
}

// Interfaces that could have carried it are named in the order of their indices: a
// redacted recording, whose addresses have another order, says the same.
func TestStandbysInOrder(t *testing.T) {
	tr := &trouble{spares: []Standby{{Interface: "wlan0", index: 3}, {Interface: "eth0", index: 2}}}
	tr.Root.Leg = path.LegTunnel
	got := tr.standbys()
	if len(got) != 2 || got[0].Interface != "eth0" || got[1].Interface != "wlan0" {
		t.Errorf("the order is %+v", got)
	}
}
