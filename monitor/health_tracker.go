package monitor

import "time"

// A healthTracker settles health as a tracker settles a path: worse after a
// loss's hold, better after a gain's.
type healthTracker struct {
	// known is the newest health, settled the one that held.
	known   Health
	knownAt Instant
	settled Health
	// waiting is whether known differs from settled in what an episode would
	// be about.
	waiting bool
	// next is when silence alone changes the health.
	next time.Duration
}

// newHealthTracker returns one that knows nothing.
func newHealthTracker() healthTracker {
	h := Health{
		State: HealthUnknown, Gateway: VerdictUnknown, DNS: VerdictUnknown,
		Internet: VerdictUnknown, Portal: VerdictUnknown, IPv4: VerdictUnknown, IPv6: VerdictUnknown,
	}
	return healthTracker{known: h, settled: h}
}

// assess evaluates health anew.
func (h *healthTracker) assess(s *State, p *Path, now Instant) {
	health, next := EvaluateHealth(s, p, now.Mono)
	h.next = next
	if degradation(health) != degradation(h.known) {
		h.knownAt = now
	}
	h.known = health
	h.waiting = degradation(health) != degradation(h.settled)
	if !h.waiting {
		h.settled = health
	}
}

// degradation is what an episode about this health would be called, or "" for
// none. Unknown health is none: nothing can be claimed.
func degradation(h Health) string {
	switch h.State {
	case HealthNoInternet:
		return "no_internet"
	case HealthPortal:
		return "portal"
	case HealthDegraded:
		if h.DNS == VerdictDown {
			return "dns"
		}
		return "degraded"
	}
	return ""
}

// settleAt is when the waiting health is settled.
func (h *healthTracker) settleAt(hold holds) time.Duration {
	if degradation(h.known) == "" {
		return h.knownAt.Mono + hold.up
	}
	return max(h.knownAt.Mono+hold.down, hold.grace)
}

// deadline returns the next instant at which time alone changes the health, or
// 0.
func (h *healthTracker) deadline(hold holds) time.Duration {
	at := h.next
	if h.waiting {
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
// reports whether it did.
func (h *healthTracker) settle(hold holds, now Instant) bool {
	if !h.waiting || h.settleAt(hold) > now.Mono {
		return false
	}
	h.settled, h.waiting = h.known, false
	return true
}

// steps says in one step what the probes found, of the interface in use.
func (h *healthTracker) steps(at Instant, in Untrusted) []Step {
	text := h.known.Text
	if text == "" {
		text = string(h.known.State)
	}
	return []Step{{Time: at.Time, Mono: at.Mono, Layer: LayerProbe, Interface: in, Text: text}}
}
