package ui

import (
	"strings"
	"testing"
	"time"
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

// Keys stay where they are while the recording grows.
func TestKeysHoldStill(t *testing.T) {
	for _, s := range sizes() {
		want := ""
		for _, r := range []Recording{
			{File: "x", Length: 9 * time.Second, Size: 812}, {File: "x", Length: 59*time.Minute + 59*time.Second, Size: 99_900}, {File: "x", Length: 99 * time.Hour, Size: 4e9},
		} {
			m := start(sceneOf(t, "good"), Options{Recording: func() Recording { return r }}, s.w, s.h)
			keys, _, ok := strings.Cut(m.grid.Plain()[s.h-1], "●")
			if keys = strings.TrimSpace(keys); want == "" {
				want = keys
			}
			if !ok || keys != want {
				t.Errorf("%dx%d: %q after %v, before %q", s.w, s.h, keys, r.Length, want)
			}
		}
	}
}
