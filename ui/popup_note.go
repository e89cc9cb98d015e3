package ui

import (
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"flapscope/internal/text"
	"flapscope/ui/grid"
)

// A notePopup asks for the note of a moment that was just marked. The moment
// is that of the key press, however long the note takes. It can be the end of a
// stretch that began at the mark before.
type notePopup struct {
	at   time.Duration
	mark func(time.Duration, string) error
	text input
	// since is the mark before, 0 if there is none, and stretch what marks from
	// there, or nil.
	since   *time.Duration
	stretch func(from, to time.Duration, note string) error
	// ranged is whether the stretch is marked.
	ranged bool
}

// update implements popup.
func (n *notePopup) update(msg tea.KeyPressMsg) (bool, tea.Cmd) {
	switch msg.String() {
	case "esc":
		return true, nil
	case "enter":
		return true, n.done()
	case "tab":
		n.ranged = !n.ranged && n.length() > 0
		return false, nil
	}
	n.text.update(msg)
	return false, nil
}

// length is how long ago the mark before was, 0 if there is none to begin at.
func (n *notePopup) length() time.Duration {
	if n.stretch == nil || n.since == nil || *n.since == 0 {
		return 0
	}
	return max(0, n.at-*n.since)
}

// done hands the mark to the caller, apart from the screen.
func (n *notePopup) done() tea.Cmd {
	at, note, mark, said := n.at, strings.TrimSpace(string(n.text)), n.mark, "marked"
	if n.ranged {
		from, stretch := *n.since, n.stretch
		mark = func(at time.Duration, note string) error { return stretch(from, at, note) }
		said = "marked the last " + text.Duration(n.length())
	}
	if n.since != nil {
		*n.since = at
	}
	return func() tea.Msg {
		if err := mark(at, note); err != nil {
			return flashMsg{"not marked: " + err.Error()}
		}
		return flashMsg{said}
	}
}

// draw implements popup.
func (n *notePopup) draw(a grid.Area, k look) {
	title, foot := "it happened now", "enter marks · esc does not"
	switch d := text.Duration(n.length()); {
	case n.ranged:
		title, foot = "it happened for "+d, "enter marks · tab: only now · esc does not"
	case n.length() > 0:
		foot = "enter marks · tab: since the last mark, " + d
	}
	in := box(a, k, 60, 5, title, foot)
	n.text.draw(in.Row(1), k, "a note, if you like")
}
