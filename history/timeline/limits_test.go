package timeline

import (
	"testing"
	"time"
)

// TestTicksAreBounded: a clock that steps for ever is known of its newest past.
func TestTicksAreBounded(t *testing.T) {
	var k ticks
	wall := time.Date(2026, 11, 20, 14, 0, 0, 0, time.UTC)
	for i := range 3 * maxTicks {
		wall = wall.Add(time.Hour)
		k = k.note(time.Duration(i)*time.Second, wall)
		if len(k) > maxTicks {
			t.Fatalf("%d ticks are kept, want at most %d", len(k), maxTicks)
		}
	}
	if got := k.wall(3 * maxTicks * time.Second); got.Before(wall) {
		t.Errorf("the newest instant is at %v, want %v or later", got, wall)
	}
}
