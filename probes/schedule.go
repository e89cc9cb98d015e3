package probes

import (
	"cmp"
	"slices"
	"time"

	"flapscope/monitor/fact"
)

const (
	// maxInFlight bounds the probes in flight, of all targets together.
	maxInFlight = 1024
	// maxPerTarget bounds those of one target: two of a ping's timeout at one
	// a second, and one to spare.
	maxPerTarget = 3
	// slot: probes leave at multiples of it, since what costs is that the machine
	// wakes up, and not that it sends one packet more while it is awake.
	slot = 50 * time.Millisecond
	// inSlot is how many leave in one slot, if it is not too few for all: more
	// would wait for each other on a slow link, and measure that.
	inSlot = 4
	// linger is how long a target stays, not probed, when the state no longer
	// calls for it: long enough for a link to flap or a lease to be renewed.
	linger = 10 * time.Second
	// retry is how soon a loss is confirmed where probes are rare, and retries
	// how often in a row.
	retry   = time.Second
	retries = 3
	// portalRetry is how soon a portal is looked at again: somebody is logging
	// in.
	portalRetry = 5 * time.Second
	// hurryLeast is the least time between two probes of a target that is
	// hurried.
	hurryLeast = time.Second
)

// A schedule says when which target is probed. Times are on the CLOCK_BOOTTIME
// axis, and data: it reads no clock and starts nothing.
type schedule struct {
	entries map[string]*entry
	// flying counts the probes in flight.
	flying int
	limit  Budget
	ledger ledger
	way    string
	calm   bool
	// unrest is when something was amiss the last time.
	unrest time.Duration
	// most is how many probes may leave in one slot; slot is the number of the
	// newest slot in which some did, and left how many.
	most, left int
	slot       time.Duration
}

// An entry is one target of a schedule.
type entry struct {
	target *fact.Target
	// next is when the next probe is due, last when the newest one was sent.
	next, last time.Duration
	// flying counts this target's probes in flight, lost those lost in a row.
	flying, lost int
	// answered is whether any was answered yet.
	answered bool
	// parked is since when the target is not called for, or 0.
	parked time.Duration
	// ttl and index are those of the newest answer, and duplicates counts those
	// that came again since.
	ttl, index, duplicates int
}

// update brings the schedule in line with a plan and observes new, changed and
// forgotten targets.
func (s *schedule) update(now time.Duration, p plan, emit fact.Emit) {
	s.limit, s.calm, s.most = p.limit, p.calm, inASlot(p.targets)
	wanted := make(map[string]bool, len(p.targets))
	fresh := 0
	for _, t := range p.targets {
		wanted[t.ID] = true
		e := s.entries[t.ID]
		if e == nil {
			e = &entry{next: now + time.Duration(fresh/inSlot)*slot}
			fresh++
			s.entries[t.ID] = e
		} else if e.parked != 0 {
			e.parked, e.next = 0, now
		}
		if e.target == nil || *e.target != *t {
			e.target = t
			e.next = min(e.next, now+t.Interval)
			if p.calm {
				// Together, each in its turn.
				e.next = roundUp(e.next, t.Interval)
			}
			emit(fact.Observation{Op: fact.Put, Fact: t})
		}
	}
	s.park(now, wanted, emit)
	if p.way != s.way {
		s.way, s.unrest = p.way, now
		s.hurry(now, hurryLeast, func(*fact.Target) bool { return true })
	}
}

// inASlot returns how many of the targets are to leave in one slot: more than
// there are on average.
func inASlot(targets []*fact.Target) int {
	n := 0.0
	for _, t := range targets {
		n += float64(slot) / float64(t.Interval)
	}
	return max(inSlot, int(n)+1)
}

// roundUp returns the next multiple of step.
func roundUp(t, step time.Duration) time.Duration {
	return (t + step - 1) / step * step
}

// park sets aside what is not wanted, and forgets what has not been for long.
func (s *schedule) park(now time.Duration, wanted map[string]bool, emit fact.Emit) {
	for _, id := range sortedKeys(s.entries) {
		e := s.entries[id]
		switch {
		case wanted[id]:
		case e.parked == 0:
			e.parked = now
		case now-e.parked >= linger && e.flying == 0:
			delete(s.entries, id)
			emit(fact.Observation{Op: fact.Delete, Fact: e.target})
		}
	}
}

// hurry asks the targets that match at once, but for those asked within least.
func (s *schedule) hurry(now, least time.Duration, match func(*fact.Target) bool) {
	for _, e := range s.entries {
		if soon := max(now, e.last+least); match(e.target) && e.last != 0 && soon < e.next {
			e.next = soon
		}
	}
}

// due returns the targets to probe now, and counts them as sent. A target
// whose turn can't be taken, for want of budget or because too many of its
// probes are in flight, waits for its next turn: nothing queues up. One for
// which there is no room in this slot leaves in the next.
func (s *schedule) due(now time.Duration) []*fact.Target {
	var out []*fact.Target
	if n := now / slot; n != s.slot {
		s.slot, s.left = n, 0
	}
	for _, e := range s.ready(now) {
		if s.left >= s.most {
			e.next = (s.slot + 1) * slot
			continue
		}
		step := e.target.Interval
		e.next += step * max(1, (now-e.next)/step+1)
		if e.flying >= maxPerTarget || s.flying >= maxInFlight || !s.ledger.spend(now, s.limit, s.price(e.target)) {
			continue
		}
		e.last = now
		e.flying++
		s.flying++
		s.left++
		out = append(out, e.target)
	}
	return out
}

// price is the cost of a probe of t; one that can't be sent is free.
func (s *schedule) price(t *fact.Target) Budget {
	if pings(t) && t.Mode == "" {
		return Budget{}
	}
	return cost(t.Method)
}

// ready returns the entries whose turn has come, the longest waiting first.
func (s *schedule) ready(now time.Duration) []*entry {
	var out []*entry
	for _, e := range s.entries {
		if e.parked == 0 && e.next <= now {
			out = append(out, e)
		}
	}
	slices.SortFunc(out, func(a, b *entry) int {
		return cmp.Or(cmp.Compare(a.next, b.next), cmp.Compare(a.target.ID, b.target.ID))
	})
	return out
}

// next returns when the next probe is due, or limit if that is earlier.
func (s *schedule) next(limit time.Duration) time.Duration {
	for _, e := range s.entries {
		if e.parked == 0 {
			limit = min(limit, e.next)
		}
	}
	return limit
}

// parked reports whether a target is not called for.
func (s *schedule) parked(id string) bool {
	e := s.entries[id]
	return e == nil || e.parked != 0
}

// differs leaves in a result what is not known of its target's answers.
func (s *schedule) differs(r *fact.ProbeResult) {
	e := s.entries[r.Target]
	if e == nil || !e.target.Answered(r.Outcome) {
		return
	}
	r.Duplicates, e.duplicates = e.duplicates, 0
	if r.TTL == e.ttl {
		r.TTL = 0
	} else if r.TTL != 0 {
		e.ttl = r.TTL
	}
	if r.Index == e.index {
		r.Index = 0
	} else if r.Index != 0 {
		e.index = r.Index
	}
}

// askAgain asks at once what was lost of the family of a target that answers again:
// what carries both is back, and what was sent before says nothing of what comes
// after. An interface that stands by has a carrier of its own.
func (s *schedule) askAgain(now time.Duration, back *fact.Target) {
	for _, e := range s.entries {
		t := e.target
		if e.lost > 0 && t.Role != fact.RoleStandby && (t.Family == back.Family || t.Family == 0) {
			e.lost, e.next = 0, min(e.next, max(now, e.last+retry))
		}
	}
}

// repeat counts a loss, and confirms it soon, but not for ever.
func (e *entry) repeat(now time.Duration) {
	if e.lost++; e.lost <= retries {
		e.next = min(e.next, max(now, e.last+retry))
	}
}

// done takes the outcome of a probe that was due. A loss is confirmed soon;
// loss of an internet ping asks at once what tells a filter from an outage.
func (s *schedule) done(now time.Duration, id string, o fact.Outcome) {
	s.flying--
	e := s.entries[id]
	if e == nil {
		return
	}
	e.flying--
	t := e.target
	switch {
	case o == fact.OutcomeNoData:
		// Of how large a packet may be nothing is known where a small one is lost,
		// too: it is asked again, as after a loss, and not a minute later.
		if t.Role == fact.RoleMTU && t.Mode != "" {
			e.repeat(now)
		}
		return
	case t.Answered(o):
		if e.lost >= retries && (t.Role == fact.RoleGateway || t.Role == fact.RoleInternet) {
			s.askAgain(now, t)
		}
		e.lost, e.answered = 0, true
		if o == fact.OutcomePortal {
			s.unrest = now
			e.next = min(e.next, now+portalRetry)
		}
		return
	}
	if e.answered && t.Health() {
		s.unrest = now
	}
	e.repeat(now)
	if t.Role == fact.RoleGateway || t.Role == fact.RoleInternet {
		// Would another interface have carried it?
		s.hurry(now, 2*portalRetry, func(c *fact.Target) bool { return c.Role == fact.RoleStandby })
	}
	if t.Role == fact.RoleInternet && t.Method == fact.MethodPing {
		s.hurry(now, 2*retry, func(c *fact.Target) bool {
			return c.Role == fact.RoleInternet && c.Method != fact.MethodPing && c.Family == t.Family
		})
		s.hurry(now, 2*portalRetry, func(c *fact.Target) bool { return c.Role == fact.RolePortal })
	}
}
