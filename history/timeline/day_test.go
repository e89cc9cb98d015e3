package timeline

import (
	"math/rand/v2"
	"runtime"
	"strconv"
	"testing"
	"time"

	"flapscope/monitor/fact"
)

// day is 24 h of ten targets at one probe a second each, with losses.
func day() *Timeline {
	rng := rand.New(rand.NewPCG(9, 10))
	tl := NewTimeline(DefaultLimits())
	ids := make([]string, 10)
	for i := range ids {
		ids[i] = "ping:192.0.2." + strconv.Itoa(i)
	}
	for i := range 864_000 {
		sent := boot + time.Duration(i)*100*time.Millisecond
		r := &fact.ProbeResult{Target: ids[i%10], Sent: sent, Outcome: fact.OutcomeOK, RTT: time.Duration(10e6 + rng.ExpFloat64()*5e6)}
		if rng.IntN(100) == 0 {
			r.Outcome, r.RTT = fact.OutcomeTimeout, 0
		}
		tl.Observed(fact.Observation{Time: epoch.Add(sent - boot), Mono: sent + r.RTT, Fact: r}, nil)
	}
	return tl
}

func TestDayFitsInMemory(t *testing.T) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	tl := day()
	v := tl.View()
	runtime.GC()
	runtime.ReadMemStats(&after)
	used := int64(after.HeapAlloc) - int64(before.HeapAlloc)
	t.Logf("24 h of 10 probes/s: %.1f MB", float64(used)/1e6)
	if used > 13<<20 {
		t.Errorf("samples of a day take %d bytes, which leaves too little of 16 MB for the rest", used)
	}
	runtime.KeepAlive(v)
	runtime.KeepAlive(tl)
}

func BenchmarkZoom(b *testing.B) {
	tl := day()
	v := tl.View()
	end := v.Bounds().To
	for _, width := range []time.Duration{time.Minute, 15 * time.Minute, time.Hour, 3 * time.Hour, 4 * time.Hour, 8 * time.Hour, 12 * time.Hour, 24 * time.Hour} {
		b.Run(width.String(), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				for _, s := range v.series {
					v.Latency(s.target.ID, Span{end - width, end}, 1000)
				}
			}
		})
	}
}

func BenchmarkStatsOfADay(b *testing.B) {
	tl := day()
	v := tl.View()
	for b.Loop() {
		for _, s := range v.series {
			v.Stats(s.target.ID, v.Bounds())
		}
	}
}

// BenchmarkStatsOfAnHour is what a table of ten targets costs of each frame while
// somebody scrubs: of this many answers percentiles are exact.
func BenchmarkStatsOfAnHour(b *testing.B) {
	v := day().View()
	end := v.Bounds().To
	for b.Loop() {
		for _, s := range v.series {
			v.Stats(s.target.ID, Span{end - time.Hour, end})
		}
	}
}

func BenchmarkObserveProbe(b *testing.B) {
	tl := NewTimeline(DefaultLimits())
	r := &fact.ProbeResult{Target: "t", Outcome: fact.OutcomeOK, RTT: time.Millisecond}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		r.Sent = time.Duration(i) * 100 * time.Millisecond
		tl.Observed(fact.Observation{Time: epoch.Add(r.Sent), Mono: r.Sent, Fact: r}, nil)
	}
}

func BenchmarkView(b *testing.B) {
	tl := day()
	b.ReportAllocs()
	for b.Loop() {
		tl.view = nil
		tl.View()
	}
}
