package probes

import (
	"cmp"
	"slices"
	"time"

	"flapscope/monitor/fact"
)

const (
	// maxInFlight bounds the probes in flight, of all targets together.
	maxInFlight = 64
	// maxPerTarget bounds those of one target: two of a ping's timeout at one
	// a second, and one to spare.
	maxPerTarget = 3
	// stagger is the time between the first probes of two new targets, and so
	// between their later ones: probes that leave together disturb each other.
	stagger = 37 * time.Millisecond
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
}

// An entry is one target of a schedule.
type entry struct {
	target *fact.Target
	// next is when the next probe is due, last when the newest one was sent.
	next, last time.Duration
	// flying counts this target's probes in flight, lost those lost in a row.
	flying, lost int
	// parked is since when the target is not called for, or 0.
	parked time.Duration
}

// update brings the schedule in line with a plan and observes new, changed and
// forgotten targets.
func (s *schedule) update(now time.Duration, p plan, emit fact.Emit) {
	s.limit = p.limit
	wanted := make(map[string]bool, len(p.targets))
	fresh := 0
	for _, t := range p.targets {
		wanted[t.ID] = true
		e := s.entries[t.ID]
		if e == nil {
			e = &entry{next: now + time.Duration(fresh)*stagger}
			fresh++
			s.entries[t.ID] = e
		} else if e.parked != 0 {
			e.parked, e.next = 0, now
		}
		if e.target == nil || *e.target != *t {
			e.target = t
			e.next = min(e.next, now+t.Interval)
			emit(fact.Observation{Op: fact.Put, Fact: t})
		}
	}
	s.park(now, wanted, emit)
	if p.way != s.way {
		s.way = p.way
		s.hurry(now, hurryLeast, func(*fact.Target) bool { return true })
	}
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
// probes are in flight, waits for its next turn: nothing queues up.
func (s *schedule) due(now time.Duration) []*fact.Target {
	var out []*fact.Target
	for _, e := range s.ready(now) {
		step := e.target.Interval
		e.next += step * max(1, (now-e.next)/step+1)
		if e.flying >= maxPerTarget || s.flying >= maxInFlight || !s.ledger.spend(now, s.limit, s.price(e.target)) {
			continue
		}
		e.last = now
		e.flying++
		s.flying++
		out = append(out, e.target)
	}
	return out
}

// price is the cost of a probe of t; one that can't be sent is free.
func (s *schedule) price(t *fact.Target) Budget {
	if t.Method == fact.MethodPing && t.Mode == "" {
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
		return
	case t.Answered(o):
		e.lost = 0
		if o == fact.OutcomePortal {
			e.next = min(e.next, now+portalRetry)
		}
		return
	}
	if e.lost++; e.lost <= retries {
		e.next = min(e.next, max(now, e.last+retry))
	}
	if t.Role == fact.RoleInternet && t.Method == fact.MethodPing {
		s.hurry(now, 2*retry, func(c *fact.Target) bool {
			return c.Role == fact.RoleInternet && c.Method != fact.MethodPing && c.Family == t.Family
		})
		s.hurry(now, 2*portalRetry, func(c *fact.Target) bool { return c.Role == fact.RolePortal })
	}
}
