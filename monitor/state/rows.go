package state

import (
	"iter"
	"slices"
	"strings"

	"flapscope/monitor/fact"
)

// Rows are the rows of one kind that a state holds, by their identity.
type Rows interface {
	// Kind returns the kind of all rows.
	Kind() fact.Kind
	// Apply puts or deletes the row with the identity of f.
	Apply(op fact.Op, f fact.Fact)
	// Has reports whether there is a row with the identity of f.
	Has(f fact.Fact) bool
	// Len returns how many rows there are.
	Len() int
	// All iterates over the rows in no particular order.
	All() iter.Seq[fact.Fact]
}

// rowMap is the usual Rows.
type rowMap[K comparable, V fact.Fact] struct {
	rows map[K]V
	key  func(V) K
}

func mapOf[K comparable, V fact.Fact](rows map[K]V, key func(V) K) Rows {
	return &rowMap[K, V]{rows, key}
}

func (*rowMap[K, V]) Kind() fact.Kind {
	var row V
	return row.Kind()
}

func (m *rowMap[K, V]) Apply(op fact.Op, f fact.Fact) {
	row := f.(V)
	if op == fact.Delete {
		delete(m.rows, m.key(row))
		return
	}
	m.rows[m.key(row)] = row
}

func (m *rowMap[K, V]) Has(f fact.Fact) bool {
	_, ok := m.rows[m.key(f.(V))]
	return ok
}

func (m *rowMap[K, V]) Len() int { return len(m.rows) }

func (m *rowMap[K, V]) All() iter.Seq[fact.Fact] {
	return func(yield func(fact.Fact) bool) {
		for _, row := range m.rows {
			if !yield(row) {
				return
			}
		}
	}
}

// routeRows are the routes, which have no simple identity.
type routeRows struct{ *RouteTable }

func (routeRows) Kind() fact.Kind { return fact.KindRoute }

func (t routeRows) Apply(op fact.Op, f fact.Fact) {
	if op == fact.Delete {
		t.Delete(f.(*fact.Route))
		return
	}
	t.Put(f.(*fact.Route))
}

func (t routeRows) Has(f fact.Fact) bool { return t.Find(f.(*fact.Route)) != nil }

func (t routeRows) All() iter.Seq[fact.Fact] {
	return func(yield func(fact.Fact) bool) {
		for r := range t.RouteTable.All() {
			if !yield(r) {
				return
			}
		}
	}
}

// targetRows are the targets, which the state holds with their results.
type targetRows struct{ s *State }

func (targetRows) Kind() fact.Kind { return fact.KindTarget }

// Apply keeps the results of a target whose definition changes.
func (t targetRows) Apply(op fact.Op, f fact.Fact) {
	s, target := t.s, f.(*fact.Target)
	if op == fact.Delete {
		s.noteReplied(target.ID)
		delete(s.Targets, target.ID)
		if i, ok := s.findTarget(target.ID); ok {
			s.targets = slices.Delete(s.targets, i, i+1)
		}
		return
	}
	next := TargetState{Target: target, Replied: slices.Contains(s.replied, target.ID)}
	if old := s.Targets[target.ID]; old != nil {
		next = *old
		next.Target = target
	}
	s.putTarget(&next)
	s.observed = &next
}

// keepReplied bounds the targets that are gone of which something is kept.
const keepReplied = 64

// noteReplied notes of a target that goes whether it ever answered: it may come
// back, with the carrier say, and be silent then.
func (s *State) noteReplied(id string) {
	if old := s.Targets[id]; old == nil || old.Answered == 0 && !old.Replied {
		return
	}
	s.replied = slices.DeleteFunc(s.replied, func(x string) bool { return x == id })
	s.replied = append(s.replied, id)
	s.replied = slices.Delete(s.replied, 0, max(0, len(s.replied)-keepReplied))
}

func (t targetRows) Has(f fact.Fact) bool { return t.s.Targets[f.(*fact.Target).ID] != nil }

func (t targetRows) Len() int { return len(t.s.Targets) }

func (t targetRows) All() iter.Seq[fact.Fact] {
	return func(yield func(fact.Fact) bool) {
		for _, state := range t.s.Targets {
			if !yield(state.Target) {
				return
			}
		}
	}
}

// putTarget enters the state of a target.
func (s *State) putTarget(t *TargetState) {
	s.Targets[t.ID] = t
	i, ok := s.findTarget(t.ID)
	if !ok {
		s.targets = slices.Insert(s.targets, i, nil)
	}
	s.targets[i] = t
}

// findTarget returns the place of a target among targets, or where it belongs.
func (s *State) findTarget(id string) (int, bool) {
	return slices.BinarySearchFunc(s.targets, id, func(t *TargetState, id string) int {
		return strings.Compare(t.ID, id)
	})
}
