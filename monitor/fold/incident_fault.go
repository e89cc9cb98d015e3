package fold

import (
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/path"
	"flapscope/monitor/state"
)

// A fault is one thing that fails: a family without a path, or a finding of the
// probes. What fails because of one root is one trouble.
type fault struct {
	key faultKey
	path.Root
	// down is whether nothing gets through; otherwise it is slow or lossy.
	down bool
	// weak is whether it matters only when it comes again and again: an
	// interface that others can stand in for.
	weak bool
	// note is whether it is no trouble at all, and hold how long it must last.
	note bool
	hold time.Duration
	// since is its first fact, and before when it was last seen well, or 0 where
	// since is exact or that is not known.
	since  fact.Instant
	before time.Duration
	// known is when it became known.
	known fact.Instant
	// over is whether it has ended: until is when, and last when it was last
	// seen to go on, or 0 where until is exact.
	over  bool
	until fact.Instant
	last  time.Duration
	// passed is how far it has come since, of a family that lost its path.
	passed passage
	// cause and recovery are its facts.
	cause, recovery []path.Step
	// rejoined is whether there was an association since it began: what ends that
	// is not its cause.
	rejoined bool
	// refused is what an access point said of the newest try since, in words.
	refused string
	// detail says more of it in words, where the finding does not.
	detail string
	// deadRoute is why a route is taken that can't carry it, where another could.
	deadRoute string
	// finding is what the probes found, of a fault that they found.
	finding *path.Finding
	// underlay is the interface by which the packets of a tunnel go that returns
	// nothing.
	underlay fact.Untrusted
}

// A faultKey is what makes two faults the same while their names change.
type faultKey struct {
	path   bool
	leg    path.LegName
	family fact.Family
	index  int
	entity fact.Untrusted
	note   bool
}

// could reports whether fault a can have begun before b did, by what is known
// of both. Of loss the first lost packet is known, which comes by chance: that
// of what lies behind may come sooner.
func (a *fault) could(b *fault) bool {
	by := b.since.Mono
	if a.What == path.Loss {
		by += state.LossWindow
	}
	return a.earliest() <= by
}

// covers reports whether whatever goes by the way of fault a includes b.
func (a *fault) covers(b *fault) bool {
	// A link that loses packets does not ask for their family.
	lossy := !a.down && a.Leg == path.LegGateway
	if a.What == path.LocalFirewall && a.Leg == path.LegLocal {
		// An IPv6 ping socket does not hear that its packet was dropped.
		return true
	}
	family := a.Family == 0 || b.Family == 0 || a.Family == b.Family || lossy && (!b.down || b.Leg == path.LegDNS)
	return family && (a.Index == b.Index || a.Index == 0 || b.Index == 0)
}

// explains reports whether fault b happened because of a.
func (a *fault) explains(b *fault) bool {
	if a.carries(b) {
		return true
	}
	if a.note || b.note || a.weak || a.Leg.Rank() >= b.Leg.Rank() || !a.covers(b) || !a.could(b) {
		return false
	}
	if a.over && b.since.Mono >= a.until.Mono {
		return false
	}
	// Loss makes a name server silent, but it does not make it say so.
	return a.down || !b.down || b.What != path.ResolverFailed && b.What != path.ResolverRefused
}

// carries reports whether fault b, a tunnel that returns nothing, is of what fails by a:
// its packets go by the same interface, and it fell silent at the same time.
func (a *fault) carries(b *fault) bool {
	outer := a.Leg == path.LegGateway || a.Leg == path.LegInternet
	apart := max(a.earliest()-b.since.Mono, b.earliest()-a.since.Mono)
	return outer && a.down && !a.note && b.What == path.TunnelSilent && b.underlay != "" && b.underlay == a.Interface && apart <= sameCause &&
		(!a.over || b.since.Mono < a.until.Mono)
}

// sameCause is how close in time two families, or two servers, must fail for it
// to be one trouble.
const sameCause = 8 * time.Second

// sibling reports whether two faults are the same thing happening in two
// families, or to two servers, at once.
func (a *fault) sibling(b *fault) bool {
	if a.note != b.note || a.Leg != b.Leg || a.Index != b.Index {
		return false
	}
	// Loss and slowness come and go by chance.
	if a.down && (b.earliest()-a.since.Mono > sameCause || a.earliest()-b.since.Mono > sameCause) {
		return false
	}
	// The gateways of two families may be silent in two ways.
	alike := a.Leg == path.LegGateway || a.Leg == path.LegInternet
	if a.What == path.PortExhaustion && b.What == a.What {
		return true
	}
	return a.What == b.What || alike && a.down && b.down
}

// sharpens reports whether a word says more of what another one says too: silence
// is known first, and why, when the kernel has given up asking for a neighbour
// (some 50 s after it answered last) or a router has answered in its stead.
func sharpens(is, was path.What) bool {
	return was == path.GatewaySilent && is == path.GatewayUnresolved ||
		was == path.UpstreamSilent && is == path.UpstreamUnreachable ||
		was == path.ResolverSilent && (is == path.ResolverRefused || is == path.ResolverFailed || is == path.Latency)
}

// earliest is the earliest instant at which the fault can have begun.
func (a *fault) earliest() time.Duration {
	switch {
	case a.before != 0:
		return min(a.before, a.since.Mono)
	case a.finding != nil && a.finding.Before == 0 && a.What != path.RouteStolen:
		// Nothing was seen to work before.
		return 0
	}
	return a.since.Mono
}

// keyOf is what makes a finding the same as one before.
func keyOf(f *path.Finding) faultKey {
	return faultKey{leg: f.Leg, family: f.Family, index: f.Index, entity: f.Entity, note: f.Note}
}

// fromFinding makes a fault of what probes found on a path.
func fromFinding(f *path.Finding, p *path.Path, now fact.Instant) *fault {
	since := now.Back(f.Since)
	out := &fault{
		key:  keyOf(f),
		Root: f.Root, down: f.Down, note: f.Note, since: since, before: f.Before, known: now, finding: f,
		cause: []path.Step{{Time: since.Time, Mono: since.Mono, Layer: fact.LayerProbe, Interface: f.Interface, Text: f.Began()}},
	}
	if f.Note {
		out.hold = noteHold
	}
	if f.What == path.TunnelSilent && p.Tunnel != nil {
		out.underlay = p.Tunnel.Underlay
	}
	return out
}

// redate dates a fault that a diagnosis found before its trouble was over: it stands
// again since then, as when the path is back that it was found on.
func (c *incidents) redate(f *fault) {
	for _, t := range c.troubles {
		over := t.state == troubleOver || t.state == troubleQuiet
		if f.finding.Checked != 0 && over && f.key == t.faults[0].key && t.To.Mono > f.since.Mono {
			f.since, f.before = f.known, t.To.Mono
		}
	}
}

// end ends a fault at an instant, and says when it was last seen to go on.
func (a *fault) end(until fact.Instant, last time.Duration, steps []path.Step) {
	a.over, a.until, a.last, a.recovery = true, until, last, steps
}
