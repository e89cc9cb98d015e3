package monitor

import (
	"iter"
	"slices"
	"strings"
)

// Rows are the rows of one kind that a state holds, by their identity.
type Rows interface {
	// Kind returns the kind of all rows.
	Kind() Kind
	// Apply puts or deletes the row with the identity of f.
	Apply(op Op, f Fact)
	// Has reports whether there is a row with the identity of f.
	Has(f Fact) bool
	// All iterates over the rows in no particular order.
	All() iter.Seq[Fact]
}

// rowMap is the usual Rows.
type rowMap[K comparable, V Fact] struct {
	rows map[K]V
	key  func(V) K
}

func mapOf[K comparable, V Fact](rows map[K]V, key func(V) K) Rows { return &rowMap[K, V]{rows, key} }

func (*rowMap[K, V]) Kind() Kind {
	var row V
	return row.Kind()
}

func (m *rowMap[K, V]) Apply(op Op, f Fact) {
	row := f.(V)
	if op == Delete {
		delete(m.rows, m.key(row))
		return
	}
	m.rows[m.key(row)] = row
}

func (m *rowMap[K, V]) Has(f Fact) bool {
	_, ok := m.rows[m.key(f.(V))]
	return ok
}

func (m *rowMap[K, V]) All() iter.Seq[Fact] {
	return func(yield func(Fact) bool) {
		for _, row := range m.rows {
			if !yield(row) {
				return
			}
		}
	}
}

// routeRows are the routes, which have no simple identity.
type routeRows struct{ *RouteTable }

func (routeRows) Kind() Kind { return KindRoute }

func (t routeRows) Apply(op Op, f Fact) {
	if op == Delete {
		t.Delete(f.(*Route))
		return
	}
	t.Put(f.(*Route))
}

func (t routeRows) Has(f Fact) bool { return t.Find(f.(*Route)) != nil }

func (t routeRows) All() iter.Seq[Fact] {
	return func(yield func(Fact) bool) {
		for r := range t.RouteTable.All() {
			if !yield(r) {
				return
			}
		}
	}
}

// targetRows are the targets, which the state holds with their results.
type targetRows struct{ s *State }

func (targetRows) Kind() Kind { return KindTarget }

// Apply keeps the results of a target whose definition changes.
func (t targetRows) Apply(op Op, f Fact) {
	s, target := t.s, f.(*Target)
	if op == Delete {
		delete(s.Targets, target.ID)
		if i, ok := s.findTarget(target.ID); ok {
			s.targets = slices.Delete(s.targets, i, i+1)
		}
		return
	}
	next := TargetState{Target: target}
	if old := s.Targets[target.ID]; old != nil {
		next = *old
		next.Target = target
	}
	s.putTarget(&next)
}

func (t targetRows) Has(f Fact) bool { return t.s.Targets[f.(*Target).ID] != nil }

func (t targetRows) All() iter.Seq[Fact] {
	return func(yield func(Fact) bool) {
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
