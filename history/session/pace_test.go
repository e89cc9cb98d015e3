package session

import (
	"testing"
	"time"
)

// TestPace: what is heard now and then is written at once, and a storm in no more
// writes than one every writeRest.
func TestPace(t *testing.T) {
	var p pace
	now := time.Unix(1, 0)
	for range 1000 {
		if wait := p.next(now); wait != 0 {
			t.Fatalf("a write a second: waits for %v", wait)
		}
		now = now.Add(time.Second)
	}
	var waited time.Duration
	writes, end := 0, now.Add(10*time.Second)
	for now.Before(end) {
		wait := p.next(now)
		if wait > writeRest {
			t.Fatalf("a write in a storm waits for %v, want at most %v", wait, writeRest)
		}
		now, waited = now.Add(wait+time.Millisecond), waited+wait
		writes++
	}
	if most := int(10*time.Second/writeRest) + int(writeCredit/writeRest) + 1; writes > most {
		t.Errorf("10 s of storm: got %d writes, want at most %d", writes, most)
	}
	if now = now.Add(writeCredit + writeRest); p.next(now) != 0 {
		t.Error("after the storm a write waits")
	}
}
