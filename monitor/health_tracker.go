package monitor

import "time"

// A healthTracker settles health as a tracker settles a path: worse after
// SettleDown, better after SettleUp.
type healthTracker struct {
	// known is the newest health, settled the one that held.
	known   Health
	knownAt instant
	settled Health
	// waiting is whether known differs from settled in what an episode would
	// be about.
	waiting bool
	// next is when silence alone changes the health.
	next time.Duration
}

// assess evaluates health anew.
func (f *Fold) assess(now instant) {
	if f.eval == nil {
		return
	}
	h := &f.health
	health, next := EvaluateHealth(f.state, f.eval.Path, now.mono)
	h.next = next
	if ailment(health) != ailment(h.known) {
		h.knownAt = now
	}
	h.known = health
	h.waiting = ailment(health) != ailment(h.settled)
	if !h.waiting {
		h.settled = health
	}
}

// ailment is what an episode about this health would be called, or "" for
// none. Unknown health is no ailment: nothing can be claimed.
func ailment(h Health) string {
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
func (h *healthTracker) settleAt(f *Fold) time.Duration {
	if ailment(h.known) == "" {
		return h.knownAt.mono + f.settings.SettleUp
	}
	return max(h.knownAt.mono+f.settings.SettleDown, f.graceUntil)
}

// deadline returns the next instant at which time alone changes the health, or
// 0.
func (h *healthTracker) deadline(f *Fold) time.Duration {
	at := h.next
	if h.waiting {
		if s := h.settleAt(f); at == 0 || s < at {
			at = s
		}
	}
	return at
}

func (h *healthTracker) expire(f *Fold, now instant) {
	if h.next != 0 && h.next <= now.mono {
		f.assess(now)
		if h.next != 0 && h.next <= now.mono {
			// A verdict that asks for an instant in the past would ask for ever.
			h.next = 0
		}
	}
	if h.waiting && h.settleAt(f) <= now.mono {
		h.settled, h.waiting = h.known, false
		f.episodes.ailing(f, h.knownAt, ailment(h.settled))
	}
}
