package fold

import (
	"slices"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/path"
)

// A path that is lost comes back layer by layer: the carrier, an address, a route.
// Where it stays away at a layer further up than the one that it was lost at, that
// is another trouble: the cable is in again, and no lease comes.

// A passage is how far a family has come again that has lost its path.
type passage struct {
	// root is what it lacks now, and at is when the first root was well again.
	root path.Root
	at   fact.Instant
	// known is when it was known to lack that, or 0 while it is configured.
	known time.Duration
}

// passHold is how long a layer must be missing for it to be the root: addresses and
// routes are set one after the other.
const passHold = 5 * time.Second

// lacking is the root r of what does not come back: it is not lost a second time.
func lacking(r path.Root) path.Root {
	switch r.What {
	case path.AddressLost, path.AddressExpired:
		r.What, r.Entity = path.NoAddress, ""
	case path.RouteWithdrawn:
		r.What, r.Entity = path.NoRoute, ""
	}
	return r
}

// pass takes in what a family lacks now, root r, by a transition.
func (c *incidents) pass(key faultKey, r path.Root, at fact.Instant, t *Transition) {
	tr, f := c.find(key)
	if f == nil {
		return
	}
	if r.What == path.DADFailed && f.Leg == path.LegAddress && f.What != r.What {
		f.Root, f.cause = r, append(f.cause, t.Cause...)
		tr.changed = true
		tr.settleRoot()
	}
	if r.Leg.Rank() <= f.Leg.Rank() {
		f.passed = passage{}
		return
	}
	if f.passed.at.Mono == 0 {
		f.passed.at = at
	}
	f.passed.root, f.passed.known = lacking(r), at.Mono
	if t.Path.Family(key.family).Reason == path.ReasonConfiguring {
		f.passed.known = 0
	}
}

// succeedAt is when what a family of the trouble lacks is another trouble, or
// never.
func (t *trouble) succeedAt() time.Duration {
	at := never
	for _, f := range t.faults {
		if !f.over && f.passed.known != 0 {
			at = min(at, f.passed.known+passHold)
		}
	}
	return at
}

// succeed begins the trouble of what the families of t lack after the root of t is
// well again, of all together. Where the other family is back they are given more
// time.
func (c *incidents) succeed(now fact.Instant, t *trouble) {
	switch {
	case t.succeedAt() > now.Mono:
		return
	case t.absentAt() != never:
		for _, f := range t.faults {
			f.passed.known = 0
		}
		return
	}
	for _, f := range t.faults {
		if p := f.passed; !f.over && p.known != 0 {
			f.end(p.at, 0, nil)
			c.troubles = append(c.troubles, newTrouble(&fault{key: f.key, down: true, known: now, since: p.at, Root: p.root}))
			c.merge(c.troubles[len(c.troubles)-1])
		}
	}
}

// missing begins the trouble of a family that did not come back with the other to
// the interface where both were lost: what was lost with both is no reason for
// that any more. Another interface may never have had the family.
func (c *incidents) missing(now fact.Instant, f *fault) {
	_, i, ok := scopeFamily(path.ScopeName(f.key.family.Scope()))
	if !ok || !slices.ContainsFunc(fact.Families[:], func(other fact.Family) bool {
		p := c.watch.path.Family(other)
		return other != f.key.family && p.Status == path.Satisfied && p.Index == f.Root.Index
	}) {
		return
	}
	root := c.watch.root(f.key.family, c.watch.last[i], c.watch.path, now.Mono, nil)
	c.troubles = append(c.troubles, newTrouble(&fault{
		key: f.key, down: true, known: now, since: f.until, Root: lacking(root),
	}))
}
