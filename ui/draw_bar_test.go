package ui

import (
	"strings"
	"testing"
)

// TestNotRecordingSaysWhy: however narrow the screen, the bar says why nothing is
// recorded, and the page of quality all of it.
func TestNotRecordingSaysWhy(t *testing.T) {
	const err = "history: mkdir /home/somebody/with/a/long/name/.local/state/flapscope: permission denied"
	o := Options{Recording: func() Recording { return Recording{Err: err} }}
	for _, s := range sizes() {
		m := start(sceneOf(t, "good"), o, s.w, s.h)
		if bar := m.grid.Plain()[s.h-1]; !strings.Contains(bar, "permission denied") && s.w >= 80 {
			t.Errorf("%dx%d: %s", s.w, s.h, bar)
		}
		press(t, m, "8")
		page := strings.Join(strings.Fields(onScreen(m)), " ")
		for word := range strings.FieldsSeq(err) {
			if !strings.Contains(page, word) {
				t.Errorf("%dx%d: the page of quality does not say %q", s.w, s.h, word)
			}
		}
	}
}
