package fold

import (
	"net/netip"
	"testing"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/fact/facttest"
	"flapscope/monitor/path"
)

// TestNameServerOutOfReach: where the kernel has no way to the only name server, that is
// an incident from the first moment to the last, though nobody can ask it anything.
func TestNameServerOutOfReach(t *testing.T) {
	server := netip.MustParseAddr("198.51.100.53")
	way := &fact.Lookup{Question: fact.Question{Family: fact.IPv4, Dst: server}, Type: fact.RouteUnicast, Table: 254, Index: 2, Gateway: facttest.LabRouter, Source: facttest.LabSource}
	none := &fact.Lookup{Question: way.Question, Err: "EHOSTUNREACH"}
	l := newLab(t, path.DefaultSettings()).boot()
	l.put(way, &fact.Resolvers{Source: "resolv.conf", Servers: []fact.Server{{Addr: server}}})
	l.wait(10 * time.Second)
	l.put(none)
	l.wait(5 * time.Second)
	s := l.fold.Snapshot()
	if len(s.Incidents) != 1 || s.Incidents[0].Text != "resolver 198.51.100.53 is out of reach" || s.Health.State != path.HealthDegraded {
		t.Errorf("incidents %v, health %v", s.Incidents, s.Health)
	}
	l.wait(5 * time.Second)
	l.put(way)
	l.wait(5 * time.Second)
	if s = l.fold.Snapshot(); len(s.Past) != 1 || s.Past[0].Duration != 10*time.Second || s.Health.State == path.HealthDegraded {
		t.Errorf("past incidents %v, health %v", s.Past, s.Health)
	}
}
