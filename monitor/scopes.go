package monitor

import (
	"cmp"
	"slices"
	"time"
)

// scopes are the trackers of all scopes, in a fixed order: machine, families,
// interfaces by index.
type scopes struct {
	list []*tracker
}

// follow opens trackers for the scopes of a path that have none. Interfaces
// that could not carry an uplink wake nobody: they have no scope until they do.
func (s *scopes) follow(p *Path) {
	if len(s.list) == 0 {
		for _, n := range []ScopeName{ScopeMachine, ScopeIPv4, ScopeIPv6} {
			s.list = append(s.list, &tracker{scope: n})
		}
	}
	for i := range p.Interfaces {
		p := &p.Interfaces[i]
		t := s.find(p.Index)
		switch name := InterfaceScope(p.Name); {
		case t != nil:
			// A rename keeps the index, and so the history.
			t.scope = name
		case p.Candidate || p.InUse:
			s.list = append(s.list, &tracker{scope: name, index: p.Index})
		}
	}
	slices.SortStableFunc(s.list[3:], func(a, b *tracker) int { return cmp.Compare(a.index, b.index) })
}

// forget closes the trackers of interfaces that are gone, after they have
// reported their end.
func (s *scopes) forget(links map[int]*Link) {
	s.list = slices.DeleteFunc(s.list, func(t *tracker) bool {
		return t.index != 0 && links[t.index] == nil && t.pending == nil
	})
}

func (s *scopes) find(index int) *tracker {
	for _, t := range s.list {
		if t.index == index && index != 0 {
			return t
		}
	}
	return nil
}

// named returns the tracker of a scope, or nil.
func (s *scopes) named(n ScopeName) *tracker {
	for _, t := range s.list {
		if t.scope == n {
			return t
		}
	}
	return nil
}

// satisfied returns the standing of the scopes that episodes depend on.
func (s *scopes) satisfied() standing {
	var out standing
	if t := s.named(ScopeMachine); t != nil {
		out.machine = t.settled.good() && t.raw.good()
	}
	for i, f := range Families {
		t := s.named(ScopeName(f.Scope()))
		out.families[i] = t != nil && t.settled.good()
	}
	return out
}

// deadline returns the earliest deadline of a tracker, or false.
func (s *scopes) deadline(h holds) (time.Duration, bool) {
	var at time.Duration
	found := false
	for _, t := range s.list {
		if d, ok := t.deadline(h); ok && (!found || d < at) {
			at, found = d, true
		}
	}
	return at, found
}

// interrupt reports to the damping that a gap ended: how long the present
// stretch lasted is not known.
func (s *scopes) interrupt(at time.Duration) {
	for _, t := range s.list {
		t.flap.Interrupt(at)
	}
}
