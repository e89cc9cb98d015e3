package monitor

import (
	"cmp"
	"slices"
	"time"
)

// A healthTracker settles health as a tracker settles a path: worse after a
// loss's hold, better after a gain's.
type healthTracker struct {
	// known is the newest health, and knownAt when it last became well or ceased
	// to be.
	known   Health
	knownAt Instant
	// ill is what is wrong by the newest health, settled what held.
	ill     degradation
	settled degradation
	// findings are what the newest health found wrong, and seen all that was
	// found since it was last well.
	findings []Finding
	seen     []Finding
	// notes are worth knowing and no trouble.
	notes []Finding
	// began and ended are when what was found last began and ended.
	began, ended Instant
	// next is when silence alone changes the health.
	next time.Duration
}

// newHealthTracker returns one that knows nothing.
func newHealthTracker() healthTracker { return healthTracker{known: UnknownHealth()} }

// A degradation is what an episode about health would be called, and whom it
// concerns; or nothing. Unknown health is none: nothing can be claimed.
type degradation struct {
	what  string
	scope ScopeName
}

// well reports whether nothing is wrong.
func (d degradation) well() bool { return d == degradation{} }

// degradationOf names what is wrong. One family without internet is an outage
// of that family.
func degradationOf(h *Health, findings []Finding) degradation {
	switch {
	case h.State == HealthNoInternet:
		return degradation{"no_internet", ScopeMachine}
	case h.State == HealthPortal:
		return degradation{"portal", ScopeMachine}
	case h.State != HealthDegraded, len(findings) == 0:
		return degradation{}
	case h.IPv4 == VerdictDown:
		return degradation{"no_internet", ScopeIPv4}
	case h.IPv6 == VerdictDown:
		return degradation{"no_internet", ScopeIPv6}
	case findings[0].Leg == LegDNS && h.DNS == VerdictDown:
		return degradation{"dns", ScopeMachine}
	}
	return degradation{"degraded", ScopeMachine}
}

// assess evaluates health anew.
func (h *healthTracker) assess(s *State, p *Path, now Instant) {
	d := Diagnose(s, p, now.Mono)
	was := h.ill
	h.known, h.findings, h.notes, h.next = d.Health, d.Findings, d.Notes, d.Next
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

// earliest returns when the first of the findings began.
func earliest(findings []Finding) time.Duration {
	at := findings[0].Since
	for i := range findings {
		at = min(at, findings[i].Since)
	}
	return at
}

// see remembers what was found.
func (h *healthTracker) see() {
	for _, f := range h.findings {
		if i := slices.IndexFunc(h.seen, func(x Finding) bool { return x.Root == f.Root }); i >= 0 {
			h.seen[i] = f
		} else {
			h.seen = append(h.seen, f)
		}
	}
}

// recovered returns when all that was found is over, by the sending of the
// probes that showed it, or 0 where none did. What was not asked since
// something nearer recovered failed because of that.
func (h *healthTracker) recovered(s *State) (at time.Duration) {
	slices.SortStableFunc(h.seen, func(a, b Finding) int { return cmp.Compare(a.Leg.Rank(), b.Leg.Rank()) })
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
func (h *healthTracker) silent(now Instant) bool { return h.next != 0 && h.next <= now.Mono }

// settle settles the waiting health if it has held for long enough, and
// reports whether it did, and when that began.
func (h *healthTracker) settle(hold holds, now Instant) (at Instant, ok bool) {
	if !h.waiting() || h.settleAt(hold) > now.Mono {
		return Instant{}, false
	}
	h.settled = h.ill
	if h.ill.well() {
		return h.ended, true
	}
	return h.began, true
}

// steps says in one step what the probes found, of the interface in use.
func (h *healthTracker) steps(at Instant, in Untrusted) []Step {
	text := h.known.Text
	if text == "" {
		text = Untrusted(h.known.State)
	}
	return []Step{{Time: at.Time, Mono: at.Mono, Layer: LayerProbe, Interface: in, Text: text}}
}
