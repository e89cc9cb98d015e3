package state

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"flapscope/monitor/fact"
)

// TestEveryRowIsInTheState: the state has rows of each kind of row, in the
// order of the kinds.
func TestEveryRowIsInTheState(t *testing.T) {
	var want, got []fact.Kind
	for _, k := range fact.Kinds() {
		if k.New().Row() {
			want = append(want, k)
		}
	}
	for _, rows := range NewState().Rows() {
		got = append(got, rows.Kind())
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

// TestRows puts and deletes a row of each kind.
func TestRows(t *testing.T) {
	s := NewState()
	for i, rows := range s.Rows() {
		f := rows.Kind().New()
		if s.Has(f) {
			t.Errorf("%s: there from the start", rows.Kind())
		}
		s.Apply(fact.Observation{Op: fact.Put, Fact: f})
		for k, other := range s.Rows() {
			if n := len(slices.Collect(other.All())); n != 0 && k > i {
				t.Errorf("%s: %d rows of %s", rows.Kind(), n, other.Kind())
			}
		}
		if all := slices.Collect(rows.All()); !s.Has(f) || len(all) != 1 || all[0] != f {
			t.Errorf("%s: has %v, all %v, put %v", rows.Kind(), s.Has(f), all, f)
		}
	}
	for _, rows := range s.Rows() {
		for f := range rows.All() {
			s.Apply(fact.Observation{Op: fact.Delete, Fact: f})
			if s.Has(f) {
				t.Errorf("%s: there after it was deleted", rows.Kind())
			}
		}
	}
}
