package ui

import (
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"flapscope/ui/grid"
)

// A notePopup asks for the note of a moment that was just marked. The moment
// is that of the key press, however long the note takes.
type notePopup struct {
	at   time.Duration
	mark func(time.Duration, string) error
	text input
}

// update implements popup.
func (n *notePopup) update(msg tea.KeyPressMsg) (bool, tea.Cmd) {
	switch msg.String() {
	case "esc":
		return true, nil
	case "enter":
		return true, n.done()
	}
	n.text.update(msg)
	return false, nil
}

// done hands the mark to the caller, apart from the screen.
func (n *notePopup) done() tea.Cmd {
	at, note, mark := n.at, strings.TrimSpace(string(n.text)), n.mark
	return func() tea.Msg {
		if err := mark(at, note); err != nil {
			return flashMsg{"not marked: " + err.Error()}
		}
		return flashMsg{"marked"}
	}
}

// draw implements popup.
func (n *notePopup) draw(a grid.Area, k look) {
	in := box(a, k, 60, 5, "it happened now", "enter marks · esc does not")
	n.text.draw(in.Row(1), k, "a note, if you like")
}
