package fold

import (
	"testing"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/path"
)

// TestLossIsOneIncident: the packets that a link loses are lost by chance, which
// makes pauses, targets that fall silent for a moment, and shares of their own for
// each target; all that is one loss of the link.
func TestLossIsOneIncident(t *testing.T) {
	const seeds = 200
	for _, share := range []float64{.15, .2, .3, .4, .5} {
		other := 0
		for seed := range uint64(seeds) {
			got := incidentsOf(newWorld(seed, damage{what: path.Loss, share: share, from: time.Minute, to: 100 * time.Second}).observations(4*time.Minute), 4*time.Minute)
			if len(got) != 1 || got[0].Root.What != path.Loss || got[0].Root.Leg != path.LegGateway || got[0].Open() {
				other++
				t.Logf("share %v, seed %d: %q", share, seed, lines(got))
			}
		}
		if other > seeds/100 {
			t.Errorf("%d of %d losses of %v told otherwise than as one loss of the link", other, seeds, share)
		}
	}
}

// TestLossHasItsLeg: what is lost beyond the gateway, or by a name server, is not
// lost on the link. A name server is asked so seldom that a small share of it is
// none.
func TestLossHasItsLeg(t *testing.T) {
	const seeds = 100
	for _, d := range []damage{
		{what: path.Loss, leg: path.LegInternet, family: fact.IPv6},
		{what: path.Loss, leg: path.LegInternet},
		{what: path.Loss, leg: path.LegDNS},
	} {
		for _, share := range []float64{.2, .4} {
			if d.leg == path.LegDNS && share < .4 {
				continue
			}
			d.share, d.from, d.to = share, time.Minute, 3*time.Minute
			other := 0
			for seed := range uint64(seeds) {
				got := incidentsOf(newWorld(seed, d).observations(6*time.Minute), 6*time.Minute)
				if len(got) != 1 || got[0].Root.Leg != d.leg || got[0].Root.Family != d.family && d.leg != path.LegDNS {
					other++
					t.Logf("%s%v share %v, seed %d: %q", d.leg, d.family, share, seed, lines(got))
				}
			}
			if other > seeds/20 {
				t.Errorf("%d of %d losses of %v in %s%v told otherwise", other, seeds, share, d.leg, d.family)
			}
		}
	}
}
