package fold

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/fact/facttest"
	"flapscope/monitor/path"
)

// TestTunnelComesAndGoes says why the machine's path has another tunnel though
// none of its traffic goes there.
func TestTunnelComesAndGoes(t *testing.T) {
	l := newLab(t, path.DefaultSettings()).boot()
	l.wait(10 * time.Second)
	tunnel := facttest.With(facttest.LabLink(7, "wg0", true, true), func(l *fact.Link) { l.Type, l.LinkKind, l.OperState = fact.TypeTunnel, "wireguard", fact.OperUnknown })
	address := facttest.LabAddress(7, netip.MustParseAddr("10.7.0.2"), 24)
	l.put(tunnel)
	l.wait(10 * time.Millisecond)
	l.put(address)
	l.wait(10 * time.Second)
	l.del(tunnel)
	l.del(address)
	l.wait(500 * time.Millisecond)
	l.lose()
	l.wantCauses(path.ScopeMachine, PhaseRaw, "wg0 interface appeared, wg0 carrier present, wg0 10.7.0.2/24 added",
		"wg0 interface removed", "eth0 carrier lost")
}

// TestRoundOfAnswersIsOneChange switches a tunnel on, off, and half on: the
// answers come one by one, but only all of them together are a path.
func TestRoundOfAnswersIsOneChange(t *testing.T) {
	l := newLab(t, path.DefaultSettings()).boot()
	l.wait(10 * time.Second)
	l.events = nil
	l.put(facttest.LabWireGuard(facttest.LabMarked("")...)...)
	l.wait(10 * time.Second)
	l.put(facttest.LabAnswers(2, facttest.LabRouter, facttest.LabSource, 100)...)
	l.wait(10 * time.Second)
	l.put(&fact.Lookup{Question: fact.Question{Family: fact.IPv4, Dst: fact.Destinations(fact.IPv4)[1]}, Type: fact.RouteUnicast, Table: 51820, Index: 7, Source: netip.MustParseAddr("10.7.0.2")})
	l.wait(10 * time.Second)
	var got []string
	for _, e := range l.events {
		if tr := e.Transition; tr != nil && tr.Scope == path.ScopeMachine && tr.Phase == PhaseRaw {
			got = append(got, fmt.Sprintf("%v %s %s", e.Mono-time.Hour, tr.Path.Interface, tr.Path.Tunnel.Mode))
		}
	}
	// A tunnel that is up but not used is a split one.
	if want := []string{"10s eth0 split", "10s wg0 full", "20s eth0 split"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if l.fold.quality.Unexplained != 0 {
		t.Errorf("unexplained transitions: got %d, want 0", l.fold.quality.Unexplained)
	}
}
