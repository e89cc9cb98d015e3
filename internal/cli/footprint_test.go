package cli

import (
	"math"
	"testing"
	"time"
)

// TestFootprint: what the program costs is that of the last minute, whenever it was
// asked before.
func TestFootprint(t *testing.T) {
	start := time.Unix(1_800_000_000, 0)
	now := usage{at: start}
	f := newFootprint(func() (usage, bool) { return now, true })
	// A tenth of a processor and 20 wake-ups a second for an hour, then half and 100.
	run := func(d time.Duration, part float64, wakeups int64) {
		now.at, now.memory = now.at.Add(d), 25e6
		now.busy += time.Duration(part * float64(d))
		now.wakeups += wakeups * int64(d/time.Second)
	}
	if c := f.cost(); c.Over != 0 {
		t.Errorf("after nothing: %+v", c)
	}
	near := func(got, want float64) bool { return math.Abs(got-want) < 0.01*want }
	run(time.Hour, 0.1, 20)
	if c := f.cost(); c.Over != time.Hour || !near(c.Processor, 0.1) || !near(c.Wakeups, 20) || c.Memory != 25e6 {
		t.Errorf("after an hour: %+v", c)
	}
	for range 120 {
		run(time.Second, 0.5, 100)
		f.cost()
	}
	if c := f.cost(); c.Over < footprintOver || c.Over > footprintOver+footprintEvery || !near(c.Processor, 0.5) || !near(c.Wakeups, 100) {
		t.Errorf("after two minutes of more: %+v", c)
	}
	if len(f.kept) > int(footprintOver/footprintEvery)+2 {
		t.Errorf("%d readings are kept", len(f.kept))
	}
}
