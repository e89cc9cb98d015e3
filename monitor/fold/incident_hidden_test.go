package fold

import (
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
		if len(got) != 1 || got[0].Root.What != path.UpstreamSilent || got[0].To.Mono-time.Hour < at(149) {
			t.Errorf("seed %d: %q", seed, lines(got))
		}
	}
}
