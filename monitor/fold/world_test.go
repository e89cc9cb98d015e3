package fold

import (
	"cmp"
	"math/rand/v2"
	"net/netip"
	"slices"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/fact/facttest"
	"flapscope/monitor/path"
)

// A world is a network around one machine, simulated for tests: what is broken
// in it from when to when, and the observations that come of it, in the order
// in which they are made.
type world struct {
	rand   *rand.Rand
	faults []damage
	out    []fact.Observation
	// anew is when everything is asked anew, or 0.
	anew time.Duration
}

// A damage is something broken in a world. What are the words of roots; family 0
// is both families.
type damage struct {
	what     path.What
	family   fact.Family
	from, to time.Duration
	// share is that of the probes lost, for loss, and delay what an answer
	// takes longer, for latency, or the kernel to give up a neighbour.
	share float64
	delay time.Duration
	leg   path.LegName
}

const (
	worldEnd   = 10 * time.Minute
	worldReply = 2 * time.Millisecond
)

// worldTargets are what is probed in a world, with two families.
func worldTargets() []*fact.Target {
	out := []*fact.Target{}
	for _, id := range []string{hGateway, hGateway6, hPing, hPing2, hCheck, hPing6, hServer, hPortal} {
		out = append(out, healthTarget(id))
	}
	check := healthTarget(hCheck)
	check.ID, check.Family, check.Addr = "tcp:[2620:fe::fe]:443", fact.IPv6, netip.MustParseAddr("2620:fe::fe")
	return append(out, check)
}

// newWorld returns a world in which faults happen. Times are since its start,
// an hour after the boot.
func newWorld(seed uint64, faults ...damage) *world {
	return &world{rand: rand.New(rand.NewPCG(seed, 11)), faults: faults}
}

// broken returns the damage of a kind that concerns a family at an instant, or
// nil.
func (w *world) broken(at time.Duration, f fact.Family, whats ...path.What) *damage {
	for i := range w.faults {
		x := &w.faults[i]
		if slices.Contains(whats, x.what) && (x.family == 0 || f == 0 || x.family == f) && at >= x.from && at < x.to {
			return x
		}
	}
	return nil
}

// observations runs the world for a time.
func (w *world) observations(length time.Duration) []fact.Observation {
	w.boot()
	for _, x := range w.faults {
		w.change(x)
	}
	for _, t := range worldTargets() {
		w.probe(t, length)
	}
	slices.SortStableFunc(w.out, func(a, b fact.Observation) int { return int(a.Mono - b.Mono) })
	return w.out
}

func (w *world) put(at time.Duration, op fact.Op, f fact.Fact) {
	w.out = append(w.out, fact.Observation{Time: facttest.LabStart.Add(at), Mono: time.Hour + at, Op: op, Fact: f})
}

// boot is a machine with eth0 and both families.
func (w *world) boot() {
	for _, f := range facttest.Flat(worldLink(true), worldAddresses(fact.IPv4), worldAddresses(fact.IPv6), worldRoutes(fact.IPv4), worldRoutes(fact.IPv6), []fact.Fact{&fact.Sync{Source: "kernel"}}) {
		w.put(0, fact.Put, f)
	}
	for _, t := range worldTargets() {
		w.put(0, fact.Put, t)
	}
}

func worldLink(carrier bool) []fact.Fact {
	return []fact.Fact{facttest.LabLink(2, "eth0", true, carrier)}
}

func worldAddresses(f fact.Family) []fact.Fact {
	if f == fact.IPv6 {
		return []fact.Fact{facttest.LabAddress(2, facttest.LabSource6, 64)}
	}
	return []fact.Fact{facttest.LabAddress(2, facttest.LabSource, 24)}
}

// worldRoutes are the default route of a family and the kernel's answers.
func worldRoutes(f fact.Family) []fact.Fact {
	if f == fact.IPv6 {
		return append([]fact.Fact{facttest.LabDefault(2, facttest.LabRouter6, 100)}, facttest.LabAnswers(2, facttest.LabRouter6, facttest.LabSource6, 100)...)
	}
	return append([]fact.Fact{facttest.LabDefault(2, facttest.LabRouter, 100)}, facttest.LabAnswers(2, facttest.LabRouter, facttest.LabSource, 100)...)
}

// change makes what the kernel says of a fault, and of its end.
func (w *world) change(x damage) {
	for _, f := range fact.Families {
		if x.family != 0 && x.family != f {
			continue
		}
		switch x.what {
		case path.CarrierLost:
			if f == fact.IPv4 {
				w.put(x.from, fact.Put, worldLink(false)[0])
				w.put(x.to, fact.Put, worldLink(true)[0])
			}
		case path.InterfaceGone:
			w.remove(x, f)
		case path.AddressLost:
			w.put(x.from, fact.Delete, worldAddresses(f)[0])
			w.lookups(x, f)
			w.put(x.to, fact.Put, worldAddresses(f)[0])
		case path.RouteWithdrawn:
			w.lookups(x, f)
		case path.GatewayUnresolved:
			gw := map[fact.Family]netip.Addr{fact.IPv4: facttest.LabRouter, fact.IPv6: facttest.LabRouter6}[f]
			w.put(x.from+max(x.delay, 100*time.Millisecond), fact.Put, &fact.Neighbour{Index: 2, Dst: gw, State: fact.NeighbourIncomplete})
			w.put(x.to+time.Millisecond, fact.Put, &fact.Neighbour{Index: 2, Dst: gw, State: fact.NeighbourReachable})
		}
	}
}

// remove removes the interface as the kernel does: it sets it down first, and
// takes its addresses and routes before itself.
func (w *world) remove(x damage, f fact.Family) {
	w.put(x.from, fact.Put, facttest.LabLink(2, "eth0", false, false))
	w.put(x.to, fact.Put, worldLink(true)[0])
	w.lookups(x, f)
	w.put(x.from+20*time.Millisecond, fact.Delete, worldAddresses(f)[0])
	w.put(x.from+40*time.Millisecond, fact.Delete, worldLink(true)[0])
	w.put(x.to, fact.Put, worldAddresses(f)[0])
}

// lookups takes the default route of a family away during a fault.
func (w *world) lookups(x damage, f fact.Family) {
	w.put(x.from, fact.Delete, worldRoutes(f)[0])
	for _, l := range facttest.LabRefused(f, "ENETUNREACH", 2) {
		w.put(x.from, fact.Put, l)
	}
	for _, l := range worldRoutes(f) {
		w.put(x.to+time.Millisecond, fact.Put, l)
	}
}

// probe sends the probes of one target, as the schedule does: each interval,
// and sooner after a loss of one that is asked seldom.
func (w *world) probe(t *fact.Target, length time.Duration) {
	at := time.Duration(w.rand.Int64N(int64(min(t.Interval, time.Second))))
	for at < length {
		r := &fact.ProbeResult{Target: t.ID, Sent: time.Hour + at, Outcome: fact.OutcomeOK, RTT: worldReply}
		known, next := worldReply, at+t.Interval
		if !w.reach(t, at, r) {
			if r.Outcome == fact.OutcomeTimeout {
				known = 2 * time.Second
			}
			next = min(next, at+known+100*time.Millisecond)
			next = max(next, at+min(t.Interval, 2*time.Second))
			r.RTT = 0
		} else {
			known = r.RTT
		}
		if r.Outcome != fact.OutcomeNoData {
			w.put(at+known, fact.Put, r)
		}
		if at < w.anew && next >= w.anew {
			next = w.anew + time.Duration(w.rand.Int64N(int64(200*time.Millisecond)))
		}
		at = next
	}
}

// reach fills in what becomes of a probe sent at an instant, and reports
// whether it is answered.
func (w *world) reach(t *fact.Target, at time.Duration, r *fact.ProbeResult) bool {
	if x := w.broken(at, t.Family, path.InterfaceGone, path.CarrierLost, path.AddressLost, path.RouteWithdrawn); x != nil && (t.Family != 0 || x.family == 0) {
		r.Outcome = fact.OutcomeNoData
		return false
	}
	beyond := t.Role == fact.RoleInternet || t.Role == fact.RolePortal
	if x := w.broken(at, t.Family, path.Loss); x != nil && (x.leg == "" || x.leg == path.LegInternet && beyond || x.leg == path.LegDNS && t.Role == fact.RoleResolver) && w.rand.Float64() < x.share {
		r.Outcome = fact.OutcomeTimeout
		return false
	}
	if x := w.broken(at, t.Family, path.Latency); x != nil && (x.leg == path.LegInternet && beyond || x.leg == path.LegGateway || x.leg == path.LegDNS && t.Role == fact.RoleResolver) {
		r.RTT += x.delay
	}
	if beyond && w.broken(at, t.Family, path.UpstreamUnreachable) != nil {
		// A router says so of one packet in a second.
		if r.Outcome = fact.OutcomeTimeout; w.rand.IntN(4) == 0 {
			r.Outcome, r.Detail, r.By, r.From = fact.OutcomeUnreachable, "administratively prohibited", fact.RefuserGateway, facttest.LabRouter
		}
		return false
	}
	absent := func(f fact.Family) bool { return w.broken(at, f, path.UpstreamAbsent) != nil }
	if beyond && absent(cmp.Or(t.Family, fact.IPv4)) && absent(cmp.Or(t.Family, fact.IPv6)) {
		r.Outcome, r.Detail, r.By, r.From = fact.OutcomeUnreachable, fact.DetailNoRoute, fact.RefuserGateway, facttest.LabRouter
		return false
	}
	lost := func(f fact.Family) bool {
		if w.broken(at, f, path.GatewaySilent, path.GatewayUnresolved) != nil {
			return true
		}
		// Beyond a walled garden is all but the portal check.
		x := w.broken(at, f, path.UpstreamSilent)
		return beyond && x != nil && (x.leg != path.LegPortal || t.Role != fact.RolePortal)
	}
	dead := func(f fact.Family) bool {
		return lost(f) || w.broken(at, f, path.AddressLost, path.RouteWithdrawn) != nil
	}
	switch {
	case t.Family != 0 && lost(t.Family), t.Family == 0 && dead(fact.IPv4) && dead(fact.IPv6),
		t.Role == fact.RoleResolver && w.broken(at, t.Family, path.ResolverSilent) != nil:
		r.Outcome = fact.OutcomeTimeout
	case t.Role == fact.RoleResolver && w.broken(at, t.Family, path.ResolverFailed) != nil:
		r.Outcome, r.Detail = fact.OutcomeBadAnswer, "SERVFAIL"
	case t.Role == fact.RoleResolver && w.broken(at, t.Family, path.ResolverRefused) != nil:
		r.Outcome, r.Detail = fact.OutcomeRefused, "connection refused"
	case t.Role == fact.RolePortal && w.broken(at, 0, path.CaptivePortal) != nil:
		r.Outcome = fact.OutcomePortal
		return true
	default:
		return true
	}
	return false
}

// foldWorld folds observations and passes the fold after each to look, unless
// it is nil.
func foldWorld(obs []fact.Observation, look func(f *Fold, at time.Duration)) (events []Event, f *Fold) {
	f = NewFold(path.DefaultSettings(), func(e Event) { events = append(events, e) })
	for _, o := range obs {
		f.Observe(o)
		if look != nil {
			look(f, o.Mono-time.Hour)
		}
	}
	return events, f
}
