package cli_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"flapscope/internal/netlab"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
)

// A breakage is a fault of which two are drawn.
type breakage struct {
	what        path.What
	leg         path.LegName
	family      fact.Family
	fault, undo action
	// from and to are when it begins and ends, and fromDeed and toDeed which
	// deeds those are.
	from, to         time.Duration
	fromDeed, toDeed int
}

var breakages = []breakage{
	{what: path.CarrierLost, leg: path.LegLink, fault: onGateway("link set lan0 down"), undo: onGateway("link set lan0 up")},
	{what: path.RouteWithdrawn, leg: path.LegRoute, family: fact.IPv4, fault: onMachine("route del default via 192.0.2.1"), undo: configure},
	{
		what: path.GatewaySilent, leg: path.LegGateway,
		fault: all(ignorePings("1"), onGateway("rule add pref 210 iif lan0 blackhole", "-6 rule add pref 210 iif lan0 blackhole")),
		undo:  all(ignorePings("0"), onGateway("rule del pref 210", "-6 rule del pref 210")),
	},
	{what: path.UpstreamSilent, leg: path.LegInternet, fault: dropForwarded("-4", "-6"), undo: passForwarded("-4", "-6")},
	{what: path.UpstreamSilent, leg: path.LegInternet, family: fact.IPv6, fault: dropForwarded("-6"), undo: passForwarded("-6")},
	{
		what: path.ResolverFailed, leg: path.LegDNS, family: fact.IPv4,
		fault: names(func(s *netlab.NameServer) { s.Answer(2) }), undo: names(func(s *netlab.NameServer) { s.Answer(0) }),
	},
}

// pairMargin is how far apart two faults must begin and end for it to be sure
// what a person would count.
const pairMargin = 9 * time.Second

// pairs are two breakages at random times: as many as INCIDENT_PAIRS says.
func pairs(t *testing.T) (out []scenario) {
	t.Helper()
	seeds, err := strconv.Atoi(cmp.Or(os.Getenv("INCIDENT_PAIRS"), "4"))
	if err != nil {
		t.Fatal(err)
	}
	for seed := range uint64(seeds) {
		r := rand.New(rand.NewPCG(seed, 7))
		near, far := drawPair(r)
		s := scenario{name: fmt.Sprintf("pair-%d-%s-%s", seed, near.what, far.what), calm: 15 * time.Second}
		s.deeds = near.deeds(far)
		s.want = near.expect(far)
		out = append(out, s)
	}
	return out
}

// drawPair draws two breakages of different legs, the nearer one first, of which
// the one hides the other entirely or not at all.
func drawPair(r *rand.Rand) (near, far *breakage) {
	draw := func() *breakage {
		b := breakages[r.IntN(len(breakages))]
		b.from = time.Duration(r.Int64N(int64(35 * time.Second)))
		b.to = b.from + 20*time.Second + time.Duration(r.Int64N(int64(20*time.Second)))
		return &b
	}
	for {
		near, far = draw(), draw()
		partly := near.family != 0 && far.family == 0
		if near.leg.Rank() >= far.leg.Rank() || far.leg.Rank() < path.LegGateway.Rank() || partly {
			continue
		}
		at := []time.Duration{near.from, near.to, far.from, far.to}
		slices.Sort(at)
		apart := at[3]
		for i := range at[1:] {
			apart = min(apart, at[i+1]-at[i])
		}
		if apart >= pairMargin {
			return near, far
		}
	}
}

// deeds are what is done of two breakages, in the order of time.
func (b *breakage) deeds(far *breakage) (out []deed) {
	type step struct {
		at   time.Duration
		do   action
		deed *int
	}
	steps := []step{{b.from, b.fault, &b.fromDeed}, {b.to, b.undo, &b.toDeed}, {far.from, far.fault, &far.fromDeed}, {far.to, far.undo, &far.toDeed}}
	slices.SortFunc(steps, func(a, b step) int { return cmp.Compare(a.at, b.at) })
	last := steps[0].at
	for i, s := range steps {
		out = append(out, deed{s.at - last, s.do})
		*s.deed, last = i, s.at
	}
	return out
}

// expected is the incident of a breakage by itself.
func (b *breakage) expected() expected {
	w := expected{what: b.what, family: b.family, iface: "eth0", severity: fold.SeverityOutage, from: b.fromDeed, to: b.toDeed}
	if b.leg == path.LegDNS {
		w.severity, w.late = fold.SeverityDegraded, seldom
	}
	return w
}

// expect are the incidents that a person would count who knows what was done.
func (b *breakage) expect(far *breakage) []expected {
	near, behind := b.expected(), far.expected()
	switch covers := b.family == 0 || far.family == b.family; {
	case !covers || far.to <= b.from || far.from >= b.to:
	case far.from >= b.from && far.to <= b.to:
		return []expected{near}
	case far.from >= b.from:
		behind.from, behind.late = b.toDeed, seldom
	case far.to <= b.to:
		// It ended while nothing could be seen of it.
		behind.since, behind.to, behind.late = b.fromDeed, b.toDeed, seldom
	default:
		behind.count = anyCount
	}
	return []expected{near, behind}
}
