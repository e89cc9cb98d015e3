package ui

import (
	tea "charm.land/bubbletea/v2"

	"flapscope/ui/grid"
)

// A page is one view of the feed. It owns its cursor and selection, never the
// data.
type page interface {
	// update handles a message and returns what to do next.
	update(msg tea.Msg) tea.Cmd
	// frame returns what a picture of the page in an area of w columns is made
	// of.
	frame(w int) *frame
	// draw draws a frame.
	draw(a grid.Area, f *frame)
}

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
