package ui

import (
	"errors"
	"testing"

	"flapscope/history/timeline"
)

// A report is written apart from the screen, which then says where it is.
func TestReport(t *testing.T) {
	m := start(sceneOf(t, "good"), Options{Report: func(timeline.Span) ([]string, error) { return []string{"In /home/x:", "  a.md"}, nil }}, 80, 24)
	press(t, m, "r")
	if len(m.popups) != 1 || !screenHas(m, "a.md") {
		t.Errorf("%d popups; the name is not shown", len(m.popups))
	}
	m = start(sceneOf(t, "good"), Options{Report: func(timeline.Span) ([]string, error) { return nil, errors.New("disk full") }}, 80, 24)
	press(t, m, "r")
	if m.flash != "no report: disk full" {
		t.Errorf("the key bar says %q", m.flash)
	}
}
