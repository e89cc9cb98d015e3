package fold

import (
	"strings"
	"testing"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/fact/facttest"
	"flapscope/monitor/path"
)

// TestGatewayDiesWithoutCarrier: a gateway that falls silent while the carrier is
// out is the root of what is still silent when that is back, though all targets
// are planned anew then and the gateway answers ARP.
func TestGatewayDiesWithoutCarrier(t *testing.T) {
	at := func(s int) time.Duration { return time.Duration(s) * time.Second }
	for seed := range uint64(100) {
		w := newWorld(seed, damage{what: path.CarrierLost, from: at(60), to: at(100)}, damage{what: path.GatewaySilent, from: at(75), to: at(140)})
		w.anew = at(100)
		for _, target := range worldTargets() {
			w.put(at(70), fact.Delete, target)
			w.put(at(100), fact.Put, target)
		}
		w.put(at(101), fact.Put, &fact.Neighbour{Index: 2, Dst: facttest.LabRouter, State: fact.NeighbourReachable})
		w.put(at(101), fact.Put, &fact.Neighbour{Index: 2, Dst: facttest.LabRouter6, State: fact.NeighbourReachable})
		got := incidentsOf(w.observations(4*time.Minute), 4*time.Minute)
		if len(got) != 2 || got[0].Root.What != path.CarrierLost || got[1].Root.What != path.GatewaySilent || got[1].To.Mono-time.Hour < at(139) {
			t.Errorf("seed %d: %q", seed, lines(got))
		}
	}
}

// TestWalledGarden: the portal check passes and nothing else does, from an instant
// on; that is one outage until the rest is back.
func TestWalledGarden(t *testing.T) {
	at := func(s int) time.Duration { return time.Duration(s) * time.Second }
	for seed := range uint64(100) {
		got := incidentsOf(newWorld(seed, damage{what: path.UpstreamSilent, leg: path.LegPortal, from: at(60), to: at(150)}).observations(4*time.Minute), 4*time.Minute)
		if len(got) != 1 || got[0].Root.What != path.WalledGarden || got[0].Severity != SeverityOutage || got[0].To.Mono-time.Hour < at(149) {
			t.Errorf("seed %d: %q", seed, lines(got))
		}
	}
}

// TestWalledGardenDiagnosed: a diagnosis shows a walled garden before the portal check
// is asked again; that one passes a while later no more ends nothing.
func TestWalledGardenDiagnosed(t *testing.T) {
	at := func(s int) time.Duration { return time.Duration(s) * time.Second }
	for seed := range uint64(30) {
		w := newWorld(seed,
			damage{what: path.UpstreamSilent, leg: path.LegPortal, from: at(62), to: at(110)},
			damage{what: path.UpstreamSilent, from: at(110), to: at(150)})
		w.put(at(75), fact.Put, &fact.Check{Begun: time.Hour + at(74), Index: 2, Findings: []fact.CheckFinding{
			{What: string(path.WalledGarden), Leg: string(path.LegPortal), Index: 2, Since: time.Hour + at(74)},
		}})
		obs := w.observations(4 * time.Minute)
		foldWorld(obs, func(f *Fold, now time.Duration) {
			if now > at(90) && now < at(105) && f.Snapshot().Health.State != path.HealthPortal {
				t.Fatalf("seed %d: %s after %v", seed, f.Snapshot().Health.State, now)
			}
		})
		got := lines(incidentsOf(obs, 4*time.Minute))
		if len(got) != 1 || !strings.Contains(got[0], "outage 1× a walled garden on eth0 let only chosen sites through") {
			t.Errorf("seed %d: %q", seed, got)
		}
	}
}
