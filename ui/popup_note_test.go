package ui

import (
	"testing"
	"time"
)

// The second mark can be the end of a stretch that began with the first.
func TestMarkOfAStretch(t *testing.T) {
	feed := &later{sceneOf(t, "good"), -2 * time.Minute}
	var from, to time.Duration
	moments := 0
	m := start(feed, Options{
		Mark:      func(time.Duration, string) error { moments++; return nil },
		MarkRange: func(a, b time.Duration, _ string) error { from, to = a, b; return nil },
	}, 80, 24)
	press(t, m, "m", "tab", "enter")
	if moments != 1 || to != 0 {
		t.Errorf("%d moments, a stretch from %v to %v: nothing was marked before", moments, from, to)
	}
	_, first := feed.Now()
	feed.by = 0
	m.Update(tickMsg{})
	press(t, m, "m", "tab")
	if !screenHas(m, "it happened for 2 min") {
		t.Error("the popup does not say for how long")
	}
	press(t, m, "enter")
	if moments != 1 || from != first || to != first+2*time.Minute {
		t.Errorf("%d moments, a stretch from %v to %v, want from %v", moments, from, to, first)
	}
	if m.flash != "marked the last 2 min" {
		t.Errorf("the key bar says %q", m.flash)
	}
}
