package ui

import (
	"testing"
	"time"
)

// TestCost: what the program costs is asked for when its page is shown, and said.
func TestCost(t *testing.T) {
	asked := 0
	o := Options{Cost: func() Cost {
		asked++
		return Cost{Memory: 24_600_000, Processor: 0.0123, Wakeups: 12.4, Over: time.Minute}
	}}
	m := start(sceneOf(t, "flapping"), o, 120, 40)
	if asked > 0 {
		t.Error("asked for while another page is shown")
	}
	press(t, m, "8")
	for _, want := range []string{"24 MB", "1.2 %", "12 × a second", "in the last 1 min"} {
		expect(t, m, want)
	}
}
