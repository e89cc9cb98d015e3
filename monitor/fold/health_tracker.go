package fold

import (
	"cmp"
	"slices"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/path"
	"flapscope/monitor/state"
)

// A healthTracker settles health as a tracker settles a path: worse after a
// loss's hold, better after a gain's.
type healthTracker struct {
	// known is the newest health, and knownAt when it last became well or ceased
	// to be.
	known   path.Health
	knownAt fact.Instant
	// ill is what is wrong by the newest health, settled what held.
	ill     degradation
	settled degradation
	// findings are what the newest health found wrong, and seen all that was
	// found since it was last well.
	findings []path.Finding
	seen     []path.Finding
	// notes are worth knowing and no trouble.
	notes []path.Finding
	// suspects may be wrong.
	suspects []path.Finding
	// began and ended are when what was found last began and ended.
	began, ended fact.Instant
	// next is the earliest instant at which silence alone may change the health.
	next time.Duration
}

// newHealthTracker returns one that knows nothing.
func newHealthTracker() healthTracker { return healthTracker{known: path.UnknownHealth()} }

// A degradation is what an episode about health would be called, and whom it
// concerns; or nothing. Unknown health is none: nothing can be claimed.
type degradation struct {
	what  string
	scope path.ScopeName
}

// well reports whether nothing is wrong.
func (d degradation) well() bool { return d == degradation{} }

// degradationOf names what is wrong. One family without internet is an outage
// of that family.
func degradationOf(h *path.Health, findings []path.Finding) degradation {
	switch {
	case h.State == path.HealthNoInternet:
		return degradation{"no_internet", path.ScopeMachine}
	case h.State == path.HealthPortal:
		return degradation{"portal", path.ScopeMachine}
	case h.State != path.HealthDegraded, len(findings) == 0:
		return degradation{}
	case h.IPv4 == state.VerdictDown:
		return degradation{"no_internet", path.ScopeIPv4}
	case h.IPv6 == state.VerdictDown:
		return degradation{"no_internet", path.ScopeIPv6}
	case findings[0].Leg == path.LegDNS && h.DNS == state.VerdictDown:
		return degradation{"dns", path.ScopeMachine}
	}
	return degradation{"degraded", path.ScopeMachine}
}

// assess evaluates health anew.
func (h *healthTracker) assess(s *state.State, p *path.Path, now fact.Instant) {
	d := path.Diagnose(s, p, now.Mono)
	was := h.ill
	h.known, h.findings, h.notes, h.suspects, h.next = d.Health, d.Findings, d.Notes, d.Suspects, d.Next
	h.ill = degradationOf(&h.known, h.findings)
	switch {
	case was.well() && !h.ill.well():
		h.knownAt, h.seen = now, h.seen[:0]
		h.began = now.Back(earliest(h.findings))
	case !was.well() && h.ill.well():
		h.knownAt, h.ended = now, now.Back(h.recovered(s))
	}
	h.see()
}

// unmoved reports whether a result leaves the health as it is: all is well, and
// its target was before it and is after. The evaluation of them all is spared,
// which such a result could only let ask for a later next.
func (h *healthTracker) unmoved(before, after *state.TargetState, now time.Duration) bool {
	return flawless(&h.known) && len(h.notes) == 0 && before != nil && before.Sound(now) && after.Sound(now)
}

// flawless reports whether nothing is wrong with a health, and no verdict in
// it depends on how several targets compare.
func flawless(h *path.Health) bool {
	for _, v := range [...]state.Verdict{h.Gateway, h.DNS, h.Internet, h.Portal, h.IPv4, h.IPv6} {
		if v != state.VerdictOK && v != state.VerdictUnknown {
			return false
		}
	}
	return h.State == path.HealthOnline && h.Text == ""
}

// earliest returns when the first of the findings began.
func earliest(findings []path.Finding) time.Duration {
	at := findings[0].Since
	for i := range findings {
		at = min(at, findings[i].Since)
	}
	return at
}

// see remembers what was found.
func (h *healthTracker) see() {
	for _, f := range h.findings {
		if i := slices.IndexFunc(h.seen, func(x path.Finding) bool { return x.Root == f.Root }); i >= 0 {
			h.seen[i] = f
		} else {
			h.seen = append(h.seen, f)
		}
	}
}

// finds reports whether what a fault of a key is about is found by the newest
// health, or may be the case still.
func (h *healthTracker) finds(key faultKey) bool {
	is := func(x path.Finding) bool { return keyOf(&x) == key }
	return slices.ContainsFunc(h.findings, is) || slices.ContainsFunc(h.notes, is) || slices.ContainsFunc(h.suspects, is)
}

// recovered returns when all that was found is over, by the sending of the
// probes that showed it, or 0 where none did. What was not asked since
// something nearer recovered failed because of that.
func (h *healthTracker) recovered(s *state.State) (at time.Duration) {
	slices.SortStableFunc(h.seen, func(a, b path.Finding) int { return cmp.Compare(a.Leg.Rank(), b.Leg.Rank()) })
	for i := range h.seen {
		if over, last := h.seen[i].Recovered(s); last >= at {
			at = max(at, over)
		}
	}
	return at
}

// waiting is whether the newest health is not settled.
func (h *healthTracker) waiting() bool { return h.ill != h.settled }

// settleAt is when the waiting health is settled.
func (h *healthTracker) settleAt(hold holds) time.Duration {
	if h.ill.well() {
		return h.knownAt.Mono + hold.up
	}
	return max(h.knownAt.Mono+hold.down, hold.grace)
}

// deadline returns the next instant at which time alone changes the health, or
// 0.
func (h *healthTracker) deadline(hold holds) time.Duration {
	at := h.next
	if h.waiting() {
		if s := h.settleAt(hold); at == 0 || s < at {
			at = s
		}
	}
	return at
}

// silent reports whether silence alone changes the health at an instant: it
// must be assessed anew.
func (h *healthTracker) silent(now fact.Instant) bool { return h.next != 0 && h.next <= now.Mono }

// settle settles the waiting health if it has held for long enough, and
// reports whether it did, and when that began.
func (h *healthTracker) settle(hold holds, now fact.Instant) (at fact.Instant, ok bool) {
	if !h.waiting() || h.settleAt(hold) > now.Mono {
		return fact.Instant{}, false
	}
	h.settled = h.ill
	if h.ill.well() {
		return h.ended, true
	}
	return h.began, true
}

// steps says in one step what the probes found, of the interface in use.
func (h *healthTracker) steps(at fact.Instant, in fact.Untrusted) []path.Step {
	text := h.known.Text
	switch {
	case h.known.State == path.HealthUnknown:
		text = "health is not known any more"
	case text == "":
		text = fact.Untrusted(h.known.State)
	}
	return []path.Step{{Time: at.Time, Mono: at.Mono, Layer: fact.LayerProbe, Interface: in, Text: text}}
}
