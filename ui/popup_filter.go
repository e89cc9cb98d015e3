package ui

import (
	tea "charm.land/bubbletea/v2"

	"flapscope/ui/grid"
)

// A filterPopup asks which events are listed; the list follows each key.
type filterPopup struct {
	page *scope
	text input
	// before is the filter to go back to.
	before string
}

func newFilterPopup(p *scope) *filterPopup {
	return &filterPopup{page: p, text: input(p.filter), before: p.filter}
}

// update implements popup.
func (n *filterPopup) update(msg tea.KeyPressMsg) (bool, tea.Cmd) {
	switch msg.String() {
	case "esc":
		n.page.filter = n.before
		return true, nil
	case "enter":
		return true, nil
	}
	n.text.update(msg)
	n.page.filter, n.page.selected = string(n.text), selection{}
	return false, nil
}

// draw implements popup.
func (n *filterPopup) draw(a grid.Area, k look) {
	foot := a.Sub(0, a.Height()-7, a.Width(), 6) // the list stays in view
	in := box(foot, k, 60, 5, "events with", "enter keeps it · esc does not")
	n.text.draw(in.Row(1), k, "words, such as: route 192.0.2.1")
}
