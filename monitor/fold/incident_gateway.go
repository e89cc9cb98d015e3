package fold

import (
	"slices"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/path"
)

// claimsAreConflict is how many changes of a gateway's hardware address within the
// quiet time are more than one router taking over from another: two machines claim to
// be it, and answer in turns.
const claimsAreConflict = 3

// claims are the changes of the hardware address of one gateway.
type claims struct {
	family fact.Family
	// at are the newest, and between whom it changed.
	at       []fact.Instant
	from, to fact.Untrusted
}

// claimed takes in what the kernel heard of a neighbour, where old is what it knew
// before. A link that is lost takes its neighbours with it, so that what changes here
// changes on a link that stays.
func (c *incidents) claimed(now fact.Instant, n, old *fact.Neighbour, p *path.Path, name fact.Untrusted) []Event {
	if old == nil || n.Proxy || old.LLAddr == "" || n.LLAddr == "" || old.LLAddr == n.LLAddr || n.State&(fact.NeighbourFailed|fact.NeighbourIncomplete) != 0 {
		return nil
	}
	f := fact.IPv4
	if n.Dst.Is6() {
		f = fact.IPv6
	}
	if fp := p.Family(f); fp.Status != path.Satisfied || fp.Index != n.Index || fp.Gateway.WithZone("") != n.Dst.WithZone("") {
		return nil
	}
	if c.gateways == nil {
		c.gateways = map[fact.NeighbourKey]*claims{}
	}
	k := c.gateways[n.Key()]
	if k == nil {
		k = &claims{family: f}
		c.gateways[n.Key()] = k
	}
	k.from, k.to = old.LLAddr, n.LLAddr
	k.at = newest(append(slices.DeleteFunc(k.at, func(at fact.Instant) bool { return now.Mono-at.Mono > quietTime }), now), claimsAreConflict)
	root := path.Root{What: path.GatewayChanged, Leg: path.LegGateway, Interface: name, Index: n.Index, Family: f, Entity: path.AddressEntity(n.Dst)}
	if len(k.at) < claimsAreConflict {
		c.count++
		return []Event{c.keep(now, &Incident{
			ID: c.count, Phase: PhaseClosed, From: now, To: now, Severity: SeverityNote, Root: root, Count: 1,
			Text: "gateway " + root.Entity + " on " + name + " has another hardware address: " + n.LLAddr + ", no longer " + old.LLAddr,
		})}
	}
	key := faultKey{leg: path.LegGateway, family: f, index: n.Index, entity: root.Entity + " claimed"}
	if _, known := c.find(key); known == nil {
		root.What = path.AddressConflict
		c.add(&fault{
			key: key, Root: root, since: k.at[0], known: now, detail: string(k.from + " and " + k.to),
			cause: []path.Step{{Time: now.Time, Mono: now.Mono, Layer: fact.LayerNeighbour, Interface: name, Text: root.Entity + " is claimed by " + k.from + " and " + k.to}},
		})
	}
	return nil
}

// unclaim ends the conflicts of gateways whose hardware address has stayed.
func (c *incidents) unclaim(now fact.Instant) {
	for n, k := range c.gateways {
		last := k.at[len(k.at)-1]
		if now.Mono-last.Mono <= quietTime {
			continue
		}
		delete(c.gateways, n)
		if _, f := c.find(faultKey{leg: path.LegGateway, family: k.family, index: n.Index, entity: path.AddressEntity(n.Dst) + " claimed"}); f != nil {
			f.end(last, 0, []path.Step{{Time: last.Time, Mono: last.Mono, Layer: fact.LayerNeighbour, Interface: f.Interface, Text: f.Entity + " is " + k.to + " since"}})
		}
	}
}

// unclaimAt is when the next conflict of a gateway may be over, or never.
func (c *incidents) unclaimAt() time.Duration {
	at := never
	for _, k := range c.gateways {
		at = min(at, k.at[len(k.at)-1].Mono+quietTime+1)
	}
	return at
}
