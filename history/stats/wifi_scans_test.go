package stats

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"flapscope/history/timeline"
	"flapscope/monitor/fact"
)

// scansAt makes scans with so much time before each.
func scansAt(channels int, gaps ...time.Duration) (out []timeline.RadioEvent) {
	at := time.Hour
	for _, g := range gaps {
		at += g
		out = append(out,
			timeline.RadioEvent{Mono: at, Event: &fact.WifiEvent{Event: fact.WifiEventScan, Channels: channels}},
			timeline.RadioEvent{Mono: at + time.Second, Event: &fact.WifiEvent{Event: fact.WifiEventScanned}})
	}
	return out
}

// TestScansEvery: scans that keep to a clock have a rhythm, with a few that a person
// asked for between them; a few, and those by chance, have none.
func TestScansEvery(t *testing.T) {
	const s = time.Second
	steady := []time.Duration{0, 30 * s, 31 * s, 29 * s, 30 * s, 30 * s, 33 * s, 30 * s, 30 * s, 30 * s}
	r := ScansEvery(scansAt(65, steady...))
	if r == nil || !strings.HasPrefix(r.Text(), "a scan of 65 channels every 30.0 s, 9 of 9, asked by this machine") {
		t.Errorf("got %+v of a scan every 30 s", r)
	}
	if r := ScansEvery(scansAt(3, append(steady, 4*s, 26*s)...)); r == nil || r.Kept != 10 || r.Of != 11 {
		t.Errorf("got %+v with one asked for by a person", r)
	}
	if r := ScansEvery(scansAt(3, steady[:5]...)); r != nil {
		t.Errorf("got %+v of four intervals", r)
	}
	if r := ScansEvery(nil); r != nil {
		t.Errorf("got %+v of nothing", r)
	}
	found := 0
	rng := rand.New(rand.NewPCG(1, 2))
	for range 1000 {
		gaps := make([]time.Duration, 6+rng.IntN(40))
		for i := range gaps {
			gaps[i] = time.Duration(rng.ExpFloat64() * float64(30*s))
		}
		if ScansEvery(scansAt(3, gaps...)) != nil {
			found++
		}
	}
	if found > 3 {
		t.Errorf("%d of 1000 random schedules have a rhythm", found)
	}
}
