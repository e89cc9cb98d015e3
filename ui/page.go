package ui

import (
	tea "charm.land/bubbletea/v2"

	"flapscope/ui/grid"
)

// A popup is drawn over the page and receives all keys while it is open.
type popup interface {
	// update handles a key and returns whether the popup is done, and what to
	// do next.
	update(msg tea.KeyPressMsg) (done bool, cmd tea.Cmd)
	draw(a grid.Area, f *frame)
}

// An openMsg puts a popup on the stack.
type openMsg struct{ popup popup }

// open returns the command that opens a popup.
func open(p popup) tea.Cmd { return func() tea.Msg { return openMsg{p} } }
