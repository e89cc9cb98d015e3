package ui

import (
	"image/color"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
)

// TestGround checks that the background is painted where the theme that was
// chosen may not be of the terminal's kind, and nowhere else.
func TestGround(t *testing.T) {
	const nord = "48;2;46;52;64"
	white, black := tea.BackgroundColorMsg{Color: color.White}, tea.BackgroundColorMsg{Color: color.Black}
	for _, c := range []struct {
		name, theme string
		terminal    tea.Msg
		want        bool
	}{
		{"dark-on-light", "nord", white, true},
		{"dark-on-dark", "nord", black, false},
		{"unknown", "nord", nil, true},
		{"auto", "auto", white, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := start(sceneOf(t, "good"), Options{Theme: c.theme}, 80, 24)
			if c.terminal != nil {
				m.Update(c.terminal)
			}
			m.grid.Forget()
			painted := strings.Count(string(m.grid.Changes(nil)), nord)
			if (painted > 20) != c.want || !c.want && painted > 0 {
				t.Errorf("painted at %d places, want painted: %v", painted, c.want)
			}
		})
	}
}

// TestThemeFollows checks that "auto" takes the theme of the terminal's kind.
func TestThemeFollows(t *testing.T) {
	m := start(sceneOf(t, "good"), Options{}, 80, 24)
	m.Update(tea.BackgroundColorMsg{Color: color.White})
	if got := m.theme.name(); got != "light" {
		t.Errorf("on white the theme is %q", got)
	}
}
