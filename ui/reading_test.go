package ui

import (
	"strings"
	"testing"
	"time"

	"flapscope/internal/scene"
)

// A swapping feed is a recording that is read while it is shown.
type swapping struct {
	stage
	tl Timeline
}

// Timeline implements Feed.
func (s *swapping) Timeline() Timeline { return s.tl }

// TestSwapLeavesTheUserAlone reads a recording while its user looks around.
func TestSwapLeavesTheUserAlone(t *testing.T) {
	whole := scene.New("failover")
	feed := &swapping{stage: stage{whole}, tl: whole.Unread()}
	m := start(feed, Options{Replay: true, Width: 15 * time.Minute}, 120, 40)
	press(t, m, "left", "left", "pgup", "+", "tab")
	before, target := m.page.view, m.page.target
	feed.tl = whole
	m.Update(tickMsg{})
	if m.page.view != before || m.page.target != target || target == "" {
		t.Errorf("view %+v, target %q; before it was read %+v, %q", m.page.view, m.page.target, before, target)
	}

	press(t, m, "tab", "N")
	if !m.page.selected.on {
		t.Fatal("nothing is selected")
	}
	before, item := m.page.view, m.page.selected.item
	feed.tl = whole.Renumbered(1000)
	m.Update(tickMsg{})
	if got := m.page.selected; !got.on || got.item.Seq != item.Seq+1000 || got.item.Text != item.Text || m.page.view != before {
		t.Errorf("selected %+v, want %+v with another number", got, item)
	}
	feed.tl = whole.Unread()
	m.Update(tickMsg{})
	if m.page.selected.on || m.page.view != before {
		t.Errorf("selected %+v of a log that is not read", m.page.selected)
	}
}

// TestProgressIsShown draws anew when more was read.
func TestProgressIsShown(t *testing.T) {
	whole := scene.New("failover")
	feed := &swapping{stage: stage{whole}, tl: whole.Unread()}
	read := Recording{File: "a.flap.gz", Reading: true, Progress: 0.34}
	m := start(feed, Options{Replay: true, Recording: func() Recording { return read }}, 120, 40)
	expect(t, m, "reading 34 %")
	read.Progress, feed.tl = 0.5, whole.Unread()
	m.Update(tickMsg{})
	expect(t, m, "reading 50 %")
	read.Reading, feed.tl = false, whole
	m.Update(tickMsg{})
	if screenHas(m, "reading") || screenHas(m, "READING") {
		t.Errorf("still reading:\n%s", dump(m))
	}
	feed.tl = nil
	m = start(feed, Options{Replay: true}, 120, 40)
	expect(t, m, "reading the recording")
}

func screenHas(m *model, text string) bool {
	if m.dirty {
		m.View()
	}
	return strings.Contains(strings.Join(m.grid.Plain(), "\n"), text)
}

func expect(t *testing.T, m *model, text string) {
	t.Helper()
	if !screenHas(m, text) {
		t.Errorf("%q is not on the screen:\n%s", text, dump(m))
	}
}
