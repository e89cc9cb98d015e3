//go:build linux

package kernel

import (
	"time"

	"flapscope/monitor/fact"
)

// How often to do what no notification asks for.
const (
	// pollEvery bounds how late the carrier of the interface in use is known
	// after a link was heard of: asking for one link makes the kernel report a
	// pending change at once, which otherwise waits for up to a second, behind
	// flapping links of anybody's.
	pollEvery = 250 * time.Millisecond
	// pollFor is how long that goes on. The kernel's linkwatch reports what comes
	// a second after its last run, or later, at once (linkwatch_schedule_work in
	// net/core/link_watch.c), so that there is nothing to ask for.
	pollFor = 2 * time.Second
	// pollLookups is how often router mode repeats the lookups, because the
	// changes that would have caused it are filtered.
	pollLookups = 250 * time.Millisecond
	// expiryGrace is how long after the end of a life the tables are read: the
	// kernel counts in ticks.
	expiryGrace = 20 * time.Millisecond
)

// timers are the deadlines that the mirror keeps of its own. Zero is never.
type timers struct {
	// expiry is no later than the first end of a life in the tables.
	expiry time.Duration
	poll   time.Duration
	// stirred is when a link was heard of last.
	stirred time.Duration
	links   time.Duration
	audit   time.Duration
	lookup  time.Duration
	// traffic stays zero where nobody wants the counters.
	traffic time.Duration
}

// note takes the end of life of a row into account.
func (t *timers) note(f fact.Fact) {
	if end := endOf(f); end != 0 {
		t.expiry = sooner(t.expiry, end+expiryGrace)
	}
}

// endOf returns when the life of a row ends, or 0.
func endOf(f fact.Fact) time.Duration {
	switch f := f.(type) {
	case *fact.Address:
		return f.ValidUntil
	case *fact.Route:
		return f.ExpiresAt
	}
	return 0
}

// expired reports whether the life of a row has ended.
func expired(f fact.Fact, now time.Duration) bool {
	end := endOf(f)
	return end != 0 && end <= now
}

// tick does what is due, and returns when to come back; 0 is never.
func (m *mirror) tick() time.Duration {
	m.tickTimers()
	if m.dump != nil && m.at.mono-m.dump.heard >= dumpPatience {
		m.broken = "a dump of " + m.dump.table.String() + " stopped half-way"
		return m.at.mono
	}
	m.flaws.report(m)
	m.audit.report(m)
	m.resync.report(m)
	next := m.startDump()
	next = sooner(next, m.tickLookups())
	m.sync()
	for _, t := range [...]time.Duration{
		m.timers.expiry, m.timers.poll, m.timers.links, m.timers.audit, m.timers.lookup, m.timers.traffic,
	} {
		next = sooner(next, t)
	}
	return next
}

// due reports whether deadline *t has passed, and if so moves it on, to a
// multiple of the interval by the wall clock: a screen shows another second then,
// and the machine wakes up once for both.
func (m *mirror) due(t *time.Duration, every time.Duration) bool {
	passed := *t != 0 && m.at.mono >= *t
	if *t == 0 || passed {
		wall := time.Duration(m.at.wall.UnixNano())
		*t = m.at.mono + roundUp(wall+1, every) - wall
	}
	return passed
}

// roundUp returns the next multiple of step.
func roundUp(t, step time.Duration) time.Duration {
	return (t + step - 1) / step * step
}

func (m *mirror) tickTimers() {
	if m.timers.expiry != 0 && m.timers.expiry <= m.at.mono {
		m.expire()
	}
	if m.at.mono-m.timers.stirred >= pollFor {
		m.timers.poll = 0
	} else if m.due(&m.timers.poll, pollEvery) {
		m.pollLinks()
	}
	if m.opt.Traffic && m.due(&m.timers.traffic, trafficEvery) {
		m.countTraffic()
	}
	if m.due(&m.timers.links, m.opt.LinkAudit) && m.anyDown() {
		m.wantAudit(setLinks)
	}
	if m.due(&m.timers.audit, m.opt.Audit) {
		m.audit.begin()
		m.wantAudit(allTables)
	}
	if m.narrow && m.due(&m.timers.lookup, pollLookups) {
		m.look.want(m.at.mono)
	}
}

// expire reads the tables again in which a life has ended. It does not take
// the end for granted: a router advertisement extends a route's life silently.
func (m *mirror) expire() {
	m.timers.expiry = 0
	check := func(t table, f fact.Fact) {
		if expired(f, m.at.mono) {
			m.wantNow(1 << t)
			return
		}
		m.timers.note(f)
	}
	for _, a := range m.s.Addresses {
		check(addresses4.of(a.Family()), a)
	}
	for r := range m.s.Routes.All() {
		if r.ExpiresAt != 0 {
			check(routes6, r)
		}
	}
	m.look.want(m.at.mono)
}

// pollLinks asks for the links that the path goes out of.
func (m *mirror) pollLinks() {
	asked := map[int]bool{}
	for q, l := range m.s.Lookups {
		link := m.s.Links[l.Index]
		if q.OIF != 0 || l.Err != "" || asked[l.Index] || link == nil || !link.Up() ||
			link.Flags&fact.FlagLoopback != 0 {
			continue
		}
		asked[l.Index] = true
		m.askLink(l.Index)
	}
}

// anyDown reports whether a link is administratively down: its alias, group
// and other names then change without a notification.
func (m *mirror) anyDown() bool {
	for _, l := range m.s.Links {
		if !l.Up() {
			return true
		}
	}
	return false
}

// wantAudit asks for dumps that nothing gave a reason for.
func (m *mirror) wantAudit(set tableSet) {
	for ; set != 0; set &= set - 1 {
		a := &m.agendas[set.first()]
		if !a.wanted {
			*a = agenda{
				wanted: true, audit: true, urgent: true, first: m.at.mono, last: m.at.mono,
				notBefore: a.notBefore, synced: a.synced,
			}
		}
	}
}

// sync reports once that everything was read and every lookup answered.
func (m *mirror) sync() {
	if m.synced || !m.look.answered {
		return
	}
	for _, a := range m.agendas {
		if !a.synced {
			return
		}
	}
	m.synced = true
	m.emit(fact.Observation{
		Time: m.at.wall, Mono: m.at.mono, Op: fact.Put, Via: fact.ViaDump,
		Fact: &fact.Sync{Source: sourceName},
	})
}
