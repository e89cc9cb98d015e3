package fold

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/fact/facttest"
	"flapscope/monitor/path"
	"flapscope/monitor/state"
)

// TestEvidenceRoutesAreBounded: of one route more than evidence has room for, the
// first ones are kept.
func TestEvidenceRoutesAreBounded(t *testing.T) {
	s := state.NewState()
	s.Apply(fact.Observation{Op: fact.Put, Fact: facttest.LabLink(2, "eth0", true, true)})
	for i := range maxEvidenceRoutes + 1 {
		gateway := netip.AddrFrom4([4]byte{192, 0, 2, byte(100 + i)})
		s.Apply(fact.Observation{Op: fact.Put, Fact: facttest.LabDefault(2, gateway, uint32(100+i))})
		want := min(i+1, maxEvidenceRoutes)
		got := routeEvidence(s)
		if len(got) != want || !slices.IsSorted(got) {
			t.Fatalf("of %d routes: got %d as evidence, want %d in order", i+1, len(got), want)
		}
	}
	if first := routeEvidence(s)[0]; first != "route default via 192.0.2.100 metric 100 dev eth0" {
		t.Errorf("the first route of the evidence: got %q, want that of the lowest metric", first)
	}
}

// TestIncidentListIsBounded: one incident more than a list has room for leaves out
// the oldest, and nothing is remembered of them.
func TestIncidentListIsBounded(t *testing.T) {
	var l IncidentList
	add := func(id int) {
		l.Add(Event{Mono: time.Duration(id), Incident: &Incident{ID: id, Phase: PhaseClosed, From: fact.Instant{Mono: time.Duration(id)}}})
	}
	const full = 2 * maxIncidents
	for id := range full {
		add(id)
	}
	if got := l.Reported(); len(got) != full || got[0].Incident.ID != 0 {
		t.Fatalf("got %d incidents from %d on, want %d from 0 on", len(got), got[0].Incident.ID, full)
	}
	add(full)
	got := l.Reported()
	if len(got) != maxIncidents+1 || got[0].Incident.ID != maxIncidents || got[maxIncidents].Incident.ID != full {
		t.Fatalf("one beyond: got %d incidents from %d on, want the newest %d", len(got), got[0].Incident.ID, maxIncidents+1)
	}
	if len(l.place) != len(got) {
		t.Errorf("%d places are remembered of %d incidents", len(l.place), len(got))
	}
	// What is left out and reported again is new; what is kept is replaced.
	add(0)
	add(full)
	if got := l.Reported(); len(got) != maxIncidents+2 || got[maxIncidents+1].Incident.ID != 0 {
		t.Errorf("one left out and one kept, again: got %d incidents, want %d, the one left out last", len(got), maxIncidents+2)
	}
}

// TestClaimsAreBounded: a neighbour that claims to be the gateway as often as it can
// is remembered by its last claims, and is one conflict.
func TestClaimsAreBounded(t *testing.T) {
	l := newLab(t, path.DefaultSettings()).boot()
	for i := range 200 {
		l.put(&fact.Neighbour{Index: 2, Dst: facttest.LabRouter, LLAddr: fact.Untrusted([]string{"02:00:00:00:00:01", "02:00:00:00:00:02"}[i%2]), State: fact.NeighbourReachable})
		l.wait(10 * time.Millisecond)
	}
	for key, k := range l.fold.troubles.gateways {
		if len(k.at) != claimsAreConflict {
			t.Errorf("%v is remembered by %d claims, want %d", key, len(k.at), claimsAreConflict)
		}
	}
	if n := len(l.fold.troubles.gateways); n != 1 {
		t.Errorf("%d gateways are claimed, want 1", n)
	}
}
