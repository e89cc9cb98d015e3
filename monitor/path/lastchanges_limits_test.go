package path

import (
	"runtime"
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

// TestLastChangesGiveRoomBack: interfaces that come and go for hours under other
// indexes take no more room than as many facts do.
func TestLastChangesGiveRoomBack(t *testing.T) {
	heap := func() int64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	before := heap()
	l := NewLastChanges()
	most := int64(0)
	for i := range 20 * maxLastChanges {
		o := fact.Observation{Mono: time.Duration(i) * 20 * time.Millisecond}
		l.put(o, Facet{Layer: fact.LayerCarrier, Index: i}, "", false, "")
		l.put(o, Facet{Layer: fact.LayerAdmin, Index: i}, "", false, "")
		if i%2 == 0 {
			delete(l.entries, Facet{Layer: fact.LayerCarrier, Index: i - 50})
		}
		if i%maxLastChanges == 0 {
			most = max(most, heap()-before)
		}
	}
	if most > 5<<20 {
		t.Errorf("%d kB are taken at most", most>>10)
	}
	runtime.KeepAlive(l)
}
