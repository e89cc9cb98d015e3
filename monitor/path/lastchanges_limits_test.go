package path

import (
	"testing"
	"time"

	"flapscope/monitor/fact"
)

// TestLastChangesAreBounded: facts that change once each do not pile up, in a
// storm or over a day.
func TestLastChangesAreBounded(t *testing.T) {
	for _, apart := range []time.Duration{time.Microsecond, time.Second} {
		l := NewLastChanges()
		for i := range 3 * maxLastChanges {
			l.put(fact.Observation{Mono: time.Duration(i) * apart}, Facet{Layer: fact.LayerAdmin, Index: i}, "", false, "")
			if len(l.entries) > maxLastChanges {
				t.Fatalf("%d are kept, want at most %d", len(l.entries), maxLastChanges)
			}
		}
		newest := Facet{Layer: fact.LayerAdmin, Index: 3*maxLastChanges - 1}
		if _, ok := l.entries[newest]; !ok {
			t.Errorf("%v apart: the newest is not among them", apart)
		}
	}
}
