package resolver

import (
	"maps"

	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// report emits what of the rows now differs from those that were told before, and
// returns what is told then.
func report[T comparable, F interface {
	*T
	fact.Fact
}](h state.Host, told, now map[fact.Untrusted]F) map[fact.Untrusted]F {
	same := func(a, b F) bool { return *a == *b }
	if maps.EqualFunc(told, now, same) {
		return told
	}
	h.Update(func(_ *state.State, emit fact.Emit) {
		for name, old := range told {
			if now[name] == nil {
				emit(fact.Observation{Op: fact.Delete, Fact: old})
			}
		}
		for name, next := range now {
			if old := told[name]; old == nil || *old != *next {
				emit(fact.Observation{Op: fact.Put, Fact: next})
			}
		}
	})
	return now
}
