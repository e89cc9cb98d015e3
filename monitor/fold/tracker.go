package fold

import (
	"net/netip"
	"slices"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/path"
)

// A signature is what makes two paths of a scope different: a change of it is
// a raw transition.
type signature struct {
	status  path.Status
	reason  path.Reason
	index   int
	gateway netip.Addr
	tunnel  int
	mode    path.TunnelMode
}

// good reports whether the signature is of a satisfied path: the two classes
// between which settling holds.
func (s signature) good() bool { return s.status == path.Satisfied }

// signature returns the signature of the scope in its newest path. Where there
// is no path, which interface came nearest to one is no transition.
func (t *tracker) signature(p *path.Path) signature {
	s := t.fullSignature(p)
	if !s.good() {
		return signature{status: s.status, reason: s.reason}
	}
	return s
}

func (t *tracker) fullSignature(p *path.Path) signature {
	switch t.scope {
	case path.ScopeMachine:
		s := signature{status: p.Status, reason: p.Reason, index: p.Index}
		if p.Tunnel != nil {
			s.tunnel, s.mode = p.Tunnel.Index, p.Tunnel.Mode
		}
		return s
	case path.ScopeIPv4:
		return familySignature(&p.IPv4)
	case path.ScopeIPv6:
		return familySignature(&p.IPv6)
	}
	if t.own != nil {
		return signature{status: t.own.Status, reason: t.own.Reason, index: t.index}
	}
	return signature{status: path.Unsatisfied, reason: path.ReasonNoInterface, index: t.index}
}

func familySignature(f *path.FamilyPath) signature {
	return signature{status: f.Status, reason: f.Reason, index: f.Index, gateway: f.Gateway}
}

// A tracker follows the path of one scope: raw at once, settled after a hold.
type tracker struct {
	scope path.ScopeName
	// index and name are the interface of an interface scope.
	index int
	name  fact.Untrusted
	// known is whether the scope was evaluated yet.
	known bool
	// raw is the newest path, since rawAt.
	raw   signature
	rawAt fact.Instant
	// own is the newest path of the interface, for an interface scope, or nil if
	// it is gone.
	own *path.InterfacePath
	// calm is whether time alone changes nothing.
	calm bool
	// turnedAt is when raw last became or ceased to be what it was while
	// satisfied, or when that began to be known: where the next chain begins at
	// the earliest.
	turnedAt time.Duration
	// turned is how raw last turned from satisfied to not, or back, for a settled
	// path that begins with it.
	turned heldTransition
	// settled is the settled path, since settledAt (dated back).
	settled     signature
	settledAt   fact.Instant
	settledPath *path.Path
	flap        *Flap
	// spared is the damping before the newest loss, for one that turns out to be
	// none.
	spared   Flap
	versions versions
	// pending is when raw left the settled path for what may be settled next.
	pending *heldTransition
	// loss is when raw first left a settled "satisfied" without having come back
	// for good since, and lost what it left for most lately.
	loss     *heldTransition
	lost     signature
	lostPath *path.Path
}

// settleDown enters whether anything is due with time.
func (t *tracker) settleDown() {
	t.calm = t.pending == nil && t.loss == nil && !t.flap.Flapping()
}

// spare takes the newest loss out of the damping, if it was lately: it was a roam.
// Flapping that was raised by it stands, since it was reported.
func (t *tracker) spare(now time.Duration) {
	lately := t.known && t.flap.run.losses > 0 && now-t.flap.run.last <= roamTime
	if lately && t.flap.Flapping() == t.spared.Flapping() && (!t.spared.Flapping() || now < t.spared.until) {
		*t.flap = t.spared
		t.flap.Advance(now)
	}
}

// carried returns what a transition carries of the newest path: the whole for
// the machine and the families, and for an interface that without the other
// interfaces, of which there may be thousands.
func (t *tracker) carried(newest *path.Path) *path.Path {
	if t.index == 0 {
		return newest
	}
	p := *newest
	p.Interfaces = []*path.InterfacePath{}
	if t.own != nil {
		p.Interfaces = append(p.Interfaces, t.own)
	}
	return &p
}

// A heldTransition is a raw transition away from the settled path that is not yet
// settled itself.
type heldTransition struct {
	at   fact.Instant
	good bool
	// base is the support from before, and since bounds the chain: older
	// changes belong to an earlier one.
	base  path.Support
	since time.Duration
	// cause is the chain of the raw transition.
	cause []path.Step
}

// A change is what a tracker found at an instant: a transition, and whether
// flapping was raised by it or cleared, with the evidence.
type change struct {
	at              fact.Instant
	transition      *Transition
	raised, cleared *FlapEvidence
}

// versions are the supports of the last moments, so that a chain can start
// from before the first fact of it.
type versions []version

type version struct {
	at      time.Duration
	support path.Support
}

// maxVersions is how many versions are kept whatever they are apart. Those
// beyond are kept if they lie versionsApart, so that there are no more than
// twice as many; the newest is always kept.
const (
	maxVersions   = 64
	versionsApart = path.Precursor / maxVersions
)

// push adds the support of an evaluation and forgets what a precursor can't
// reach any more.
func (v *versions) push(at time.Duration, s path.Support) {
	list := *v
	n := len(list)
	if n > 0 && slices.Equal(list[n-1].support, s) {
		return
	}
	if n > maxVersions && list[n-1].at-list[n-2].at < versionsApart {
		list = list[:n-1]
	}
	list = append(list, version{at, s})
	keep := 0
	for i := range list {
		if list[i].at <= at-path.Precursor {
			keep = i
		}
	}
	n = copy(list, list[keep:])
	clear(list[n:])
	*v = list[:n]
}

// forget drops what was before the newest support: when the path turns back
// within a moment, everything is as it was, and only what held in between shows
// what changed.
func (v *versions) forget() {
	list := *v
	list[0] = list[len(list)-1]
	clear(list[1:])
	*v = list[:1]
}

// before returns the support that held a precursor before at.
func (v versions) before(at time.Duration) path.Support {
	if len(v) == 0 {
		return nil
	}
	found := v[0].support
	for _, x := range v {
		if x.at <= at-path.Precursor {
			found = x.support
		}
	}
	return found
}

func (v versions) newest() path.Support {
	if len(v) == 0 {
		return nil
	}
	return v[len(v)-1].support
}
