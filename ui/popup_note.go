package ui

import (
	"strings"
	"time"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"

	"flapscope/monitor/fact"
	"flapscope/ui/grid"
)

// maxNote bounds a note, in characters: a line.
const maxNote = 120

// A notePopup asks for the note of a moment that was just marked. The moment
// is that of the key press, however long the note takes.
type notePopup struct {
	at   time.Duration
	mark func(time.Duration, string) error
	text string
}

// update implements popup.
func (n *notePopup) update(msg tea.KeyPressMsg) (bool, tea.Cmd) {
	switch msg.String() {
	case "esc":
		return true, nil
	case "enter":
		return true, n.done()
	case "backspace":
		_, size := utf8.DecodeLastRuneInString(n.text)
		n.text = n.text[:len(n.text)-size]
	case "ctrl+u":
		n.text = ""
	default:
		if utf8.RuneCountInString(n.text)+utf8.RuneCountInString(msg.Text) <= maxNote {
			n.text += msg.Text
		}
	}
	return false, nil
}

// done hands the mark to the caller, apart from the screen.
func (n *notePopup) done() tea.Cmd {
	at, note, mark := n.at, strings.TrimSpace(n.text), n.mark
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
	shown := fact.Untrusted(n.text).Display()
	for grid.Width(shown) > in.Width()-2 {
		_, size := utf8.DecodeRuneInString(shown)
		shown = shown[size:]
	}
	x := in.Text(0, 1, shown, k.Strong.On(k.Popup.Bg))
	in.Text(x, 1, "█", k.PopupFrame)
	if n.text == "" {
		in.Text(2, 1, "a note, if you like", k.Muted.On(k.Popup.Bg))
	}
}
