package fold

import (
	"cmp"
	"slices"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/path"
)

// scopes are the trackers of all scopes, in a fixed order: machine, families,
// interfaces by index.
type scopes struct {
	list []*tracker
	// byIndex are those of interfaces.
	byIndex map[int]*tracker
	// next is the earliest deadline of a tracker, if any, as long as it is known
	// and the grace is the same.
	next      time.Duration
	any       bool
	nextKnown bool
	grace     time.Duration
}

// follow opens trackers for the scopes that have none, by what changed of the
// interfaces. Those that could not carry an uplink wake nobody: they have no scope
// until they do.
func (s *scopes) follow(changed []path.Change) {
	if len(s.list) == 0 {
		s.byIndex = map[int]*tracker{}
		for _, n := range []path.ScopeName{path.ScopeMachine, path.ScopeIPv4, path.ScopeIPv6} {
			s.list = append(s.list, &tracker{scope: n})
		}
	}
	known := len(s.list)
	for i := range changed {
		p := changed[i].Path
		if p == nil {
			continue
		}
		t := s.byIndex[p.Index]
		switch {
		case t != nil && t.name != p.Name:
			// A rename keeps the index, and so the history.
			t.name, t.scope = p.Name, path.InterfaceScope(p.Name)
		case t == nil && (p.Candidate || p.InUse):
			t = &tracker{scope: path.InterfaceScope(p.Name), index: p.Index, name: p.Name}
			s.byIndex[p.Index] = t
			s.list = append(s.list, t)
		}
	}
	if len(s.list) == known {
		return
	}
	slices.SortStableFunc(s.list[3:], func(a, b *tracker) int { return cmp.Compare(a.index, b.index) })
}

// forget closes the trackers of interfaces that are gone, after they have
// reported their end.
func (s *scopes) forget() {
	s.list = slices.DeleteFunc(s.list, func(t *tracker) bool {
		gone := t.index != 0 && t.own == nil && t.pending == nil
		if gone {
			delete(s.byIndex, t.index)
		}
		return gone
	})
}

// named returns the tracker of a scope, or nil.
func (s *scopes) named(n path.ScopeName) *tracker {
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
	if t := s.named(path.ScopeMachine); t != nil {
		out.machine = t.settled.good() && t.raw.good()
	}
	for i, f := range fact.Families {
		t := s.named(path.ScopeName(f.Scope()))
		out.families[i] = t != nil && t.settled.good()
	}
	return out
}

// deadline returns the earliest deadline of a tracker, or false. It is asked for
// with every observation, and computed anew after changed only.
func (s *scopes) deadline(h holds) (time.Duration, bool) {
	if s.nextKnown && s.grace == h.grace {
		return s.next, s.any
	}
	s.any, s.nextKnown, s.grace = false, true, h.grace
	for _, t := range s.list {
		if t.calm {
			continue
		}
		if d, ok := t.deadline(h); ok && (!s.any || d < s.next) {
			s.next, s.any = d, true
		}
	}
	return s.next, s.any
}

// changed is called after trackers were given anything.
func (s *scopes) changed() { s.nextKnown = false }

// interrupt reports to the damping that a gap ended: how long the present
// stretch lasted is not known.
func (s *scopes) interrupt(at time.Duration) {
	for _, t := range s.list {
		t.flap.Interrupt(at)
	}
	s.changed()
}
