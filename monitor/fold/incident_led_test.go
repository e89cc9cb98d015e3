package fold

import (
	"testing"

	"flapscope/monitor/fact"
	"flapscope/monitor/path"
)

// TestLedByAnotherProcess: a status that was asked for in the first seconds is not
// milder than the incident that the recorder has open.
func TestLedByAnotherProcess(t *testing.T) {
	both := &path.Path{Status: path.Satisfied, IPv4: path.FamilyPath{Status: path.Satisfied}, IPv6: path.FamilyPath{Status: path.Satisfied}}
	incident := func(what path.What, leg path.LegName, f fact.Family, s Severity) *Incident {
		return &Incident{Root: path.Root{What: what, Leg: leg, Family: f, Entity: "192.0.2.1", Interface: "eth0"}, Severity: s}
	}
	carrier := incident(path.CarrierLost, path.LegLink, 0, SeverityOutage)
	carrier.Works = []string{"ipv6"}
	for _, tt := range []struct {
		name string
		was  path.HealthState
		by   []*Incident
		want path.HealthState
	}{
		{"none", path.HealthOnline, nil, path.HealthOnline},
		{"gateway", path.HealthDegraded, []*Incident{incident(path.GatewaySilent, path.LegGateway, 0, SeverityOutage)}, path.HealthNoInternet},
		{"one-family", path.HealthUnknown, []*Incident{incident(path.UpstreamSilent, path.LegInternet, fact.IPv6, SeverityOutage)}, path.HealthDegraded},
		{"one-link", path.HealthOnline, []*Incident{carrier}, path.HealthDegraded},
		{"resolver", path.HealthOnline, []*Incident{incident(path.ResolverSilent, path.LegDNS, fact.IPv4, SeverityDegraded)}, path.HealthDegraded},
		{"portal", path.HealthOnline, []*Incident{incident(path.CaptivePortal, path.LegPortal, 0, SeverityOutage)}, path.HealthPortal},
	} {
		s := &Snapshot{Raw: both, Health: path.UnknownHealth()}
		s.Health.State = tt.was
		if got := s.Led(tt.by).Health; got.State != tt.want || len(tt.by) > 0 && got.Text == "" {
			t.Errorf("%s: %s %q, want %s", tt.name, got.State, got.Text, tt.want)
		}
	}
}

// TestLostLinkCutsOffItsFamily: a family that goes on by an interface that stood by is
// not cut off by the link that the other one lost.
func TestLostLinkCutsOffItsFamily(t *testing.T) {
	c := &incidents{troubles: []*trouble{{declared: true, faults: []*fault{{
		key: faultKey{path: true, family: fact.IPv4}, down: true, Root: path.Root{What: path.CarrierLost, Leg: path.LegLink},
	}}}}}
	if !c.cuts(fact.IPv4) || c.cuts(fact.IPv6) {
		t.Errorf("IPv4 cut off %v, IPv6 %v; want IPv4 alone", c.cuts(fact.IPv4), c.cuts(fact.IPv6))
	}
}
