package timeline

import (
	"reflect"
	"testing"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
	"flapscope/monitor/state"
)

// TestEveryTableMakesAMoment: a change of any table of a snapshot is kept, and
// a table that did not change is shared with the moment before.
func TestEveryTableMakesAMoment(t *testing.T) {
	typ := reflect.TypeFor[fold.Snapshot]()
	for i := range typ.NumField() {
		field := typ.Field(i)
		if field.Type.Kind() != reflect.Map {
			continue
		}
		t.Run(field.Name, func(t *testing.T) {
			// with returns a snapshot with one row in the table.
			with := func(mono time.Duration, key, row reflect.Value) *fold.Snapshot {
				s := &fold.Snapshot{Mono: mono}
				table := reflect.MakeMap(field.Type)
				table.SetMapIndex(key, row)
				reflect.ValueOf(s).Elem().Field(i).Set(table)
				return s
			}
			key := reflect.New(field.Type.Key()).Elem()
			one, two := newRow(field.Type.Elem()), newRow(field.Type.Elem())
			var m moments
			m.add(with(time.Hour, key, one), 1<<20)
			m.add(with(2*time.Hour, key, one), 1<<20)
			if n := len(m.kept); n != 1 {
				t.Fatalf("the same twice makes %d moments", n)
			}
			m.add(with(3*time.Hour, key, two), 1<<20)
			if n := len(m.kept); n != 2 {
				t.Fatalf("two rows in turn make %d moments", n)
			}
			s := with(4*time.Hour, key, two)
			s.Settled = path.Satisfied
			m.add(s, 1<<20)
			if n := len(m.kept); n != 3 {
				t.Fatalf("another status makes %d moments", n)
			}
			last, before := reflect.ValueOf(m.kept[2]).Elem(), reflect.ValueOf(m.kept[1]).Elem()
			if last.Field(i).Pointer() != before.Field(i).Pointer() {
				t.Error("a table that did not change is held twice")
			}
		})
	}
}

// newRow returns a row of its own, and the target of a target's state.
func newRow(typ reflect.Type) reflect.Value {
	if typ == reflect.TypeFor[*state.TargetState]() {
		return reflect.ValueOf(&state.TargetState{Target: &fact.Target{}})
	}
	return reflect.New(typ.Elem())
}
