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

// step steps every scope that the newest evaluation knows. Interfaces that
// could not carry an uplink wake nobody: they have no scope until they do.
func (s *scopes) step(f *Fold, now instant) {
	if len(s.list) == 0 {
		for _, n := range []ScopeName{ScopeMachine, ScopeIPv4, ScopeIPv6} {
			s.list = append(s.list, &tracker{scope: n})
		}
	}
	s.follow(f)
	path, supports := f.eval.Path, f.eval.Supports
	for _, t := range s.list {
		t.step(f, now, path, supports[t.scope])
	}
	s.forget(f)
}

// follow opens trackers for the interfaces that have none.
func (s *scopes) follow(f *Fold) {
	for i := range f.eval.Path.Interfaces {
		p := &f.eval.Path.Interfaces[i]
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

// forget closes the trackers of interfaces that are gone, after they have told
// of their end.
func (s *scopes) forget(f *Fold) {
	s.list = slices.DeleteFunc(s.list, func(t *tracker) bool {
		return t.index != 0 && f.state.Links[t.index] == nil && t.pending == nil
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

func (s *scopes) deadline(f *Fold) (time.Duration, bool) {
	var at time.Duration
	found := false
	for _, t := range s.list {
		if d, ok := t.deadline(f); ok && (!found || d < at) {
			at, found = d, true
		}
	}
	return at, found
}

// expire lets every scope do what is due, those with the earlier deadline
// first by the caller's loop.
func (s *scopes) expire(f *Fold, now instant) {
	for _, t := range s.list {
		was := t.flap.Flapping()
		t.expire(f, now)
		if was && !t.flap.Flapping() {
			f.episodes.calm(f, now, t)
		}
	}
}

// interrupt tells the damping that a gap ended: how long the present stretch
// lasted is not known.
func (s *scopes) interrupt(at time.Duration) {
	for _, t := range s.list {
		t.flap.Interrupt(at)
	}
}
