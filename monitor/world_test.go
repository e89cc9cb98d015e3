package monitor

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"time"
)

// A world is a network around one machine, simulated for tests: what is broken
// in it from when to when, and the observations that come of it, in the order
// in which they are made.
type world struct {
	rand   *rand.Rand
	faults []damage
	out    []Observation
}

// A damage is something broken in a world. What are the words of roots; family 0
// is both families.
type damage struct {
	what     What
	family   Family
	from, to time.Duration
	// share is that of the probes lost, for loss, and delay what an answer
	// takes longer, for latency.
	share float64
	delay time.Duration
	leg   LegName
}

const (
	worldEnd   = 10 * time.Minute
	worldReply = 2 * time.Millisecond
)

// worldTargets are what is probed in a world, with two families.
func worldTargets() []*Target {
	out := []*Target{}
	for _, id := range []string{hGateway, hGateway6, hPing, hPing2, hCheck, hPing6, hServer, hPortal} {
		out = append(out, healthTarget(id))
	}
	check := healthTarget(hCheck)
	check.ID, check.Family, check.Addr = "tcp:[2620:fe::fe]:443", IPv6, netip.MustParseAddr("2620:fe::fe")
	return append(out, check)
}

// newWorld returns a world in which faults happen. Times are since its start,
// an hour after the boot.
func newWorld(seed uint64, faults ...damage) *world {
	return &world{rand: rand.New(rand.NewPCG(seed, 11)), faults: faults}
}

// broken returns the damage of a kind that concerns a family at an instant, or
// nil.
func (w *world) broken(at time.Duration, f Family, whats ...What) *damage {
	for i := range w.faults {
		x := &w.faults[i]
		if slices.Contains(whats, x.what) && (x.family == 0 || f == 0 || x.family == f) && at >= x.from && at < x.to {
			return x
		}
	}
	return nil
}

// observations runs the world for a time.
func (w *world) observations(length time.Duration) []Observation {
	w.boot()
	for _, x := range w.faults {
		w.change(x)
	}
	for _, t := range worldTargets() {
		w.probe(t, length)
	}
	slices.SortStableFunc(w.out, func(a, b Observation) int { return int(a.Mono - b.Mono) })
	return w.out
}

func (w *world) put(at time.Duration, op Op, f Fact) {
	w.out = append(w.out, Observation{Time: LabStart.Add(at), Mono: time.Hour + at, Op: op, Fact: f})
}

// boot is a machine with eth0 and both families.
func (w *world) boot() {
	for _, f := range Flat(worldLink(true), worldAddresses(IPv4), worldAddresses(IPv6), worldRoutes(IPv4), worldRoutes(IPv6), []Fact{&Sync{Source: "kernel"}}) {
		w.put(0, Put, f)
	}
	for _, t := range worldTargets() {
		w.put(0, Put, t)
	}
}

func worldLink(carrier bool) []Fact { return []Fact{LabLink(2, "eth0", true, carrier)} }

func worldAddresses(f Family) []Fact {
	if f == IPv6 {
		return []Fact{LabAddress(2, LabSource6, 64)}
	}
	return []Fact{LabAddress(2, LabSource, 24)}
}

// worldRoutes are the default route of a family and the kernel's answers.
func worldRoutes(f Family) []Fact {
	if f == IPv6 {
		return append([]Fact{LabDefault(2, LabRouter6, 100)}, LabAnswers(2, LabRouter6, LabSource6, 100)...)
	}
	return append([]Fact{LabDefault(2, LabRouter, 100)}, LabAnswers(2, LabRouter, LabSource, 100)...)
}

// change makes what the kernel says of a fault, and of its end.
func (w *world) change(x damage) {
	for _, f := range Families {
		if x.family != 0 && x.family != f {
			continue
		}
		switch x.what {
		case CarrierLost:
			if f == IPv4 {
				w.put(x.from, Put, worldLink(false)[0])
				w.put(x.to, Put, worldLink(true)[0])
			}
		case AddressLost:
			w.put(x.from, Delete, worldAddresses(f)[0])
			w.lookups(x, f)
			w.put(x.to, Put, worldAddresses(f)[0])
		case RouteWithdrawn:
			w.lookups(x, f)
		case GatewayUnresolved:
			gw := map[Family]netip.Addr{IPv4: LabRouter, IPv6: LabRouter6}[f]
			w.put(x.from+100*time.Millisecond, Put, &Neighbour{Index: 2, Dst: gw, State: NeighbourIncomplete})
			w.put(x.to+time.Millisecond, Put, &Neighbour{Index: 2, Dst: gw, State: NeighbourReachable})
		}
	}
}

// lookups takes the default route of a family away during a fault.
func (w *world) lookups(x damage, f Family) {
	w.put(x.from, Delete, worldRoutes(f)[0])
	for _, l := range LabRefused(f, "ENETUNREACH", 2) {
		w.put(x.from, Put, l)
	}
	for _, l := range worldRoutes(f) {
		w.put(x.to+time.Millisecond, Put, l)
	}
}

// probe sends the probes of one target, as the schedule does: each interval,
// and sooner after a loss of one that is asked seldom.
func (w *world) probe(t *Target, length time.Duration) {
	at := time.Duration(w.rand.Int64N(int64(min(t.Interval, time.Second))))
	for at < length {
		r := &ProbeResult{Target: t.ID, Sent: time.Hour + at, Outcome: OutcomeOK, RTT: worldReply}
		known := worldReply
		next := at + t.Interval
		if !w.reach(t, at, r) {
			if known = 2 * time.Second; r.Outcome != OutcomeTimeout {
				known = worldReply
			}
			next = min(next, at+known+100*time.Millisecond)
			next = max(next, at+min(t.Interval, 2*time.Second))
			r.RTT = 0
		} else {
			known = r.RTT
		}
		if r.Outcome != OutcomeNoData {
			w.put(at+known, Put, r)
		}
		at = next
	}
}

// reach fills in what becomes of a probe sent at an instant, and reports
// whether it is answered.
func (w *world) reach(t *Target, at time.Duration, r *ProbeResult) bool {
	if x := w.broken(at, t.Family, CarrierLost, AddressLost, RouteWithdrawn); x != nil && (t.Family != 0 || x.family == 0) {
		r.Outcome = OutcomeNoData
		return false
	}
	beyond := t.Role == RoleInternet || t.Role == RolePortal
	if x := w.broken(at, t.Family, Loss); x != nil && w.rand.Float64() < x.share {
		r.Outcome = OutcomeTimeout
		return false
	}
	if x := w.broken(at, t.Family, Latency); x != nil && (x.leg == LegInternet && beyond || x.leg == LegGateway || x.leg == LegDNS && t.Role == RoleResolver) {
		r.RTT += x.delay
	}
	lost := func(f Family) bool {
		return w.broken(at, f, GatewaySilent, GatewayUnresolved) != nil || beyond && w.broken(at, f, UpstreamSilent) != nil
	}
	switch {
	case t.Family != 0 && lost(t.Family), t.Family == 0 && lost(IPv4) && lost(IPv6),
		t.Role == RoleResolver && w.broken(at, t.Family, ResolverSilent) != nil:
		r.Outcome = OutcomeTimeout
	case t.Role == RoleResolver && w.broken(at, t.Family, ResolverFailed) != nil:
		r.Outcome, r.Detail = OutcomeBadAnswer, "SERVFAIL"
	case t.Role == RoleResolver && w.broken(at, t.Family, ResolverRefused) != nil:
		r.Outcome, r.Detail = OutcomeRefused, "connection refused"
	case t.Role == RolePortal && w.broken(at, 0, CaptivePortal) != nil:
		r.Outcome = OutcomePortal
		return true
	default:
		return true
	}
	return false
}

// foldWorld folds observations and passes the fold after each to look, unless
// it is nil.
func foldWorld(obs []Observation, look func(f *Fold, at time.Duration)) (events []Event, f *Fold) {
	f = NewFold(DefaultSettings(), func(e Event) { events = append(events, e) })
	for _, o := range obs {
		f.Observe(o)
		if look != nil {
			look(f, o.Mono-time.Hour)
		}
	}
	return events, f
}
