package ui

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"flapscope/ui/grid"
)

// find returns where a text is on the screen.
func find(t *testing.T, m *model, want string) (x, y int) {
	t.Helper()
	for y, row := range m.grid.Plain() {
		if before, _, ok := strings.Cut(row, want); ok {
			return grid.Width(before), y
		}
	}
	t.Fatalf("no %q on\n%s", want, onScreen(m))
	return 0, 0
}

// click clicks on the first place of a text.
func click(t *testing.T, m *model, want string) {
	t.Helper()
	x, y := find(t, m, want)
	_, cmd := m.Update(tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseLeft})
	settle(m, cmd)
}

// wheel turns the wheel at the first place of a text.
func wheel(t *testing.T, m *model, want string, button tea.MouseButton) {
	t.Helper()
	x, y := find(t, m, want)
	_, cmd := m.Update(tea.MouseWheelMsg{X: x, Y: y, Button: button})
	settle(m, cmd)
}

func TestClicks(t *testing.T) {
	for _, c := range []struct {
		name string
		// on are the texts that are clicked one after the other, want what is on
		// the screen then.
		on   []string
		want string
	}{
		{"page", []string{"4 Targets"}, "one scale each"},
		{"page-and-back", []string{"4 Targets", "1 Path"}, "TIMELINE"},
		{"key", []string{"? help"}, "WHAT HAPPENED"},
		{"key-closes", []string{"? help", "WHAT HAPPENED"}, "TIMELINE"},
		{"incident", []string{"wlan0 was deauthenticated"}, "AT 14:21:29"},
		{"incident-twice", []string{"wlan0 was deauthenticated", "× wlan0 was"}, "EVIDENCE"},
		{"moment", []string{"┬14:24"}, "◀"},
		{"target", []string{"icmp"}, ""},
		{"event", []string{"7 Events", "14:28:57"}, "Fri 20 Nov 14:28:57"},
		{"path-row", []string{"deauthenticated"}, "◀"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := staged(t, "failover", Options{}, 120, 40)
			for _, on := range c.on {
				click(t, m, on)
			}
			if c.want != "" {
				expect(t, m, c.want)
			} else if m.page().(pathPage).target == "" {
				t.Error("no target is selected")
			}
		})
	}
}

// TestWheel zooms where the pointer is: the time under it stays there.
func TestWheel(t *testing.T) {
	m := staged(t, "replay", Options{}, 120, 40)
	before := m.page().(pathPage).view.width
	x, y := find(t, m, "┬")
	what, dx, _ := m.grid.Hit(x, y)
	part, ok := what.(timePart)
	if !ok {
		t.Fatalf("the axis stands for %T", what)
	}
	wheel(t, m, "┬", tea.MouseWheelUp)
	after := m.page().(pathPage)
	if after.view.width >= before {
		t.Errorf("the axis shows %v after %v", after.view.width, before)
	}
	at := part.span.From + part.step*time.Duration(dx) + part.step/2
	if got := after.frame().column(at); got < dx-1 || got > dx+1 {
		t.Errorf("what was in column %d is in column %d", dx, got)
	}
}

// TestWheelInLists steps through a list.
func TestWheelInLists(t *testing.T) {
	m := staged(t, "failover", Options{}, 120, 40)
	wheel(t, m, "wlan0 was deauthenticated", tea.MouseWheelDown)
	if m.page().(pathPage).selected.incident == nil {
		t.Error("the wheel selects no incident")
	}
}

// TestNoPart clicks where nothing is, and with other buttons.
func TestNoPart(t *testing.T) {
	m := staged(t, "failover", Options{}, 120, 40)
	want := onScreen(m)
	for _, msg := range []tea.MouseClickMsg{{X: 119, Y: 20, Button: tea.MouseLeft}, {X: -1, Y: -1, Button: tea.MouseLeft}, {X: 30, Y: 6, Button: tea.MouseRight}, {X: 500, Y: 500, Button: tea.MouseLeft}} {
		m.Update(msg)
	}
	if got := onScreen(m); got != want {
		t.Errorf("the screen changed:\n%s", got)
	}
}
