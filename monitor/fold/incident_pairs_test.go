package fold

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/path"
)

// pairMargin is how far apart two faults must begin and end for it to be sure
// what a person would count.
const pairMargin = 9 * time.Second

// pairOf draws two faults, the one nearer to the machine first.
func pairOf(r *rand.Rand) (near, far damage) {
	kinds := []path.What{path.CarrierLost, path.AddressLost, path.RouteWithdrawn, path.GatewaySilent, path.GatewayUnresolved, path.UpstreamSilent, path.ResolverSilent, path.ResolverFailed}
	legs := map[path.What]path.LegName{
		path.CarrierLost: path.LegLink, path.AddressLost: path.LegAddress, path.RouteWithdrawn: path.LegRoute, path.GatewaySilent: path.LegGateway,
		path.GatewayUnresolved: path.LegGateway, path.UpstreamSilent: path.LegInternet, path.ResolverSilent: path.LegDNS, path.ResolverFailed: path.LegDNS,
	}
	draw := func() damage {
		from := time.Minute + time.Duration(r.Int64N(int64(40*time.Second)))
		d := damage{what: kinds[r.IntN(len(kinds))], from: from, to: from + 20*time.Second + time.Duration(r.Int64N(int64(40*time.Second)))}
		d.leg = legs[d.what]
		return d
	}
	for {
		near, far = draw(), draw()
		// Both are of the path, or of one leg: that is one thing failing twice.
		if near.leg.Rank() < far.leg.Rank() && far.leg.Rank() >= path.LegGateway.Rank() {
			break
		}
	}
	family := []fact.Family{0, fact.IPv4, fact.IPv6}[r.IntN(3)]
	if near.what != path.CarrierLost {
		near.family = family
	}
	if near.what != path.CarrierLost && far.leg != path.LegDNS {
		far.family = family
	}
	return near, far
}

// expected are the troubles that a person would count who knows what was done.
func expected(near, far damage) []damage {
	covers := near.family == 0 || far.family == near.family || far.leg == path.LegDNS && near.family == fact.IPv4
	hidden := covers && far.from >= near.from
	switch {
	case hidden && far.to <= near.to:
		return []damage{near}
	case hidden && far.from < near.to:
		far.from = near.to
	case covers && far.from < near.from && near.leg.Rank() < path.LegGateway.Rank() && far.to > near.from && far.to <= near.to:
		// Nothing can be claimed of what lies behind a path that is gone.
		far.to = near.from
	}
	if covers && far.from < near.from && far.to > near.from && far.to <= near.to {
		// It may have ended at any time of it.
		far.delay = near.to - far.to
	}
	return []damage{near, far}
}

// sure reports whether two faults are far enough apart in time.
func sure(near, far damage) bool {
	at := []time.Duration{near.from, near.to, far.from, far.to}
	slices.Sort(at)
	for i := 1; i < len(at); i++ {
		if at[i]-at[i-1] < pairMargin {
			return false
		}
	}
	return true
}

// TestPairsOfFaults: two faults at random times give the incidents that a person
// would count, each with its root and its dates.
func TestPairsOfFaults(t *testing.T) {
	seeds, checked := uint64(600), 0
	for seed := range seeds {
		r := rand.New(rand.NewPCG(seed, 5))
		near, far := pairOf(r)
		got := incidentsOf(newWorld(seed, near, far).observations(6*time.Minute), 6*time.Minute)
		name := fmt.Sprintf("seed %d: %s%v %v-%v and %s%v %v-%v", seed, near.what, near.family, near.from, near.to, far.what, far.family, far.from, far.to)
		if !sure(near, far) {
			if len(got) < 1 || len(got) > 3 || slices.ContainsFunc(got, (*Incident).Open) {
				t.Errorf("%s: %d incidents: %q", name, len(got), lines(got))
			}
			continue
		}
		checked++
		want := expected(near, far)
		if len(got) != len(want) {
			t.Errorf("%s: %d incidents, want %d: %q", name, len(got), len(want), lines(got))
			continue
		}
		for _, w := range want {
			checkIncident(t, name, w, got)
		}
	}
	if t.Logf("%d of %d pairs far enough apart for the dates", checked, seeds); checked < 200 {
		t.Errorf("only %d pairs were compared with what was done", checked)
	}
}

// checkIncident looks for the incident of a fault, with its dates.
func checkIncident(t *testing.T, name string, w damage, got []*Incident) {
	i := slices.IndexFunc(got, func(i *Incident) bool { return i.Root.What == w.what })
	if i < 0 {
		t.Errorf("%s: no %s: %q", name, w.what, lines(got))
		return
	}
	// A name server is asked each 5 s, everything else each second.
	late := 1100 * time.Millisecond
	if w.leg == path.LegDNS {
		late = 5200 * time.Millisecond
	}
	from, to := got[i].From.Mono-time.Hour-w.from, got[i].To.Mono-time.Hour-w.to
	if from < -late || from > late || to < -late || to > late+w.delay {
		t.Errorf("%s: %s begins %v after the fault and ends %v after it: %s", name, w.what, from, to, got[i].line())
	}
	if e := got[i].EndEarliest; w.delay != 0 && e.Mono-time.Hour > w.to {
		t.Errorf("%s: %s ended at %v at the earliest: %s", name, w.what, e.Mono-time.Hour, got[i].line())
	}
	if w.family != 0 && got[i].Root.Family != w.family {
		t.Errorf("%s: %s of family %v, want %v", name, w.what, got[i].Root.Family, w.family)
	}
}
