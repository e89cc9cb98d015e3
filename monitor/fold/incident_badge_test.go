package fold

import (
	"fmt"
	"testing"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/path"
	"flapscope/monitor/state"
)

// TestHealthFitsIncidents: health is never milder than the incidents that are
// open, and not worse for longer than an incident waits to be one.
func TestHealthFitsIncidents(t *testing.T) {
	at := func(s int) time.Duration { return time.Duration(s) * time.Second }
	for _, d := range []damage{
		{what: path.GatewaySilent},
		{what: path.GatewayUnresolved},
		{what: path.GatewaySilent, family: fact.IPv6},
		{what: path.UpstreamSilent},
		{what: path.UpstreamSilent, leg: path.LegPortal},
		{what: path.UpstreamSilent, family: fact.IPv4},
		{what: path.UpstreamUnreachable},
		{what: path.CaptivePortal},
		{what: path.ResolverSilent},
		{what: path.Loss, share: .4},
		{what: path.Latency, leg: path.LegGateway, delay: 400 * time.Millisecond},
	} {
		d.from, d.to = at(60), at(95)
		for seed := range uint64(20) {
			name := fmt.Sprintf("%s%v seed %d", d.what, d.family, seed)
			var worse time.Duration
			told := false
			foldWorld(newWorld(seed, d).observations(3*time.Minute), func(f *Fold, now time.Duration) {
				s := f.Snapshot()
				got, want := s.Health.State, leastHealth(s)
				switch {
				case told:
				case healthRank(got) < healthRank(want):
					told = true
					t.Errorf("%s: %v: health %s, incidents %q", name, now, oneLine(s.Health), lines(s.Incidents))
				case healthRank(got) == healthRank(want), got != path.HealthNoInternet:
					worse = now
				case now-worse > 1500*time.Millisecond:
					told = true
					t.Errorf("%s: %v: health %s since %v, incidents %q", name, now, oneLine(s.Health), worse, lines(s.Incidents))
				}
			})
		}
	}
}

// leastHealth is how bad the health is at least by the open incidents.
func leastHealth(s *Snapshot) path.HealthState {
	var out [len(fact.Families)]bool
	least := path.HealthOnline
	for _, i := range s.Incidents {
		if i.Note() || !i.Open() {
			continue
		}
		least = path.HealthDegraded
		for k, f := range fact.Families {
			// Of two families one comes back first.
			works := []state.Verdict{s.Health.IPv4, s.Health.IPv6}[k].Rank() >= state.VerdictFiltered.Rank()
			out[k] = out[k] || !works && i.Severity == SeverityOutage && (i.Root.Family == 0 || i.Root.Family == f)
		}
	}
	if out[0] && out[1] {
		return path.HealthNoInternet
	}
	return least
}

func healthRank(h path.HealthState) int {
	return map[path.HealthState]int{path.HealthUnknown: 0, path.HealthOnline: 0, path.HealthDegraded: 1, path.HealthPortal: 2, path.HealthNoInternet: 2}[h]
}
