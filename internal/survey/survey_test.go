package survey

import (
	"testing"
	"time"

	"flapscope/internal/netlab"
	"flapscope/monitor/fact"
	"flapscope/monitor/path"
	"flapscope/probes/checkup"
)

// TestTroubleSoonAfter: an incident that begins right after a diagnosis is looked
// into as soon as that may be, rather than never; and no more than so many are made
// in an hour.
func TestTroubleSoonAfter(t *testing.T) {
	now := time.Hour
	s := New(checkup.Config{}, path.DefaultSettings(), func() time.Duration { return now })
	h := netlab.NewHost()
	if !s.may(fact.CheckAttached, h) {
		t.Fatal("the first one may not be made")
	}
	now += time.Second
	if s.may(fact.CheckTrouble, h) {
		t.Error("two within a second")
	}
	if d := s.delay(fact.CheckTrouble); d != leastApart-time.Second {
		t.Errorf("waits %v, want %v", d, leastApart-time.Second)
	} else if now += d; !s.may(fact.CheckTrouble, h) {
		t.Error("it may not be made after the wait")
	}
	if d := s.delay(fact.CheckAgain); d != 0 {
		t.Errorf("another look waits %v", d)
	}
	made := 2
	for range 100 {
		if now += leastApart; s.may(fact.CheckTrouble, h) {
			made++
		}
	}
	if made != mostAnHour {
		t.Errorf("%d are made within an hour, want %d", made, mostAnHour)
	}
	if now += time.Hour; !s.may(fact.CheckTrouble, h) {
		t.Error("none is made an hour later")
	}
}
