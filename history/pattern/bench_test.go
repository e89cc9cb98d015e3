package pattern

import (
	"testing"
)

// BenchmarkPatterns looks at a bad day: 2,000 losses in storms, and 12,000
// anchors of seven kinds.
func BenchmarkPatterns(b *testing.B) {
	w := newWorld(1)
	for range 40 {
		w.calm(w.exp(1500))
		for range 50 {
			w.cycle(w.exp(8), w.exp(3))
		}
	}
	in := w.background()
	for range 4000 {
		w.anchor("route change", in.Up[0].From+w.exp(40000))
	}
	in = w.in
	b.ReportAllocs()
	for b.Loop() {
		Patterns(in)
	}
	b.ReportMetric(float64(len(in.Losses)), "losses")
	b.ReportMetric(float64(len(in.Anchors)), "anchors")
}
