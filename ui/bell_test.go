//go:build linux

package ui

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
)

// TestBell: it rings once when the internet is lost, and only where it is wanted.
func TestBell(t *testing.T) {
	for _, wanted := range []bool{true, false} {
		c, written := onTerminal(t)
		if _, err := c.enter(); err != nil {
			t.Fatal(err)
		}
		m := start(sceneOf(t, "good"), Options{Bell: wanted}, 80, 24)
		m.canvas = c
		m.Update(tickMsg{time.Now()})
		written()
		m.feed = sceneOf(t, "outage")
		m.Update(tickMsg{time.Now()})
		m.Update(tickMsg{time.Now()})
		// The bells that end titles and questions are no bells.
		out := written()
		for _, end := range []string{"\x1b]2;", "\x1b]11;"} {
			for {
				before, after, ok := strings.Cut(out, end)
				if !ok {
					break
				}
				_, rest, _ := strings.Cut(after, "\a")
				out = before + rest
			}
		}
		want := 0
		if wanted {
			want = 1
		}
		if got := strings.Count(out, "\a"); got != want {
			t.Errorf("wanted %v: %d bells, want %d", wanted, got, want)
		}
	}
}

// TestFocus: a window that is looked at again is drawn as a whole.
func TestFocus(t *testing.T) {
	c, written := onTerminal(t)
	if _, err := c.enter(); err != nil {
		t.Fatal(err)
	}
	m := start(sceneOf(t, "good"), Options{}, 80, 24)
	m.canvas = c
	m.Update(tea.FocusMsg{})
	if out := written(); !strings.Contains(out, "SATISFIED") || !strings.Contains(out, "INCIDENTS") {
		t.Errorf("not drawn anew: %q", out)
	}
}
