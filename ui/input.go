package ui

import (
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"

	"flapscope/monitor/fact"
	"flapscope/ui/grid"
)

// maxInput bounds what is typed, in characters: a line.
const maxInput = 120

// An input is a line that the user types.
type input string

// update handles a key that edits the line.
func (i *input) update(msg tea.KeyPressMsg) {
	switch msg.String() {
	case "backspace":
		_, size := utf8.DecodeLastRuneInString(string(*i))
		*i = (*i)[:len(*i)-size]
	case "ctrl+u":
		*i = ""
	default:
		if utf8.RuneCountInString(string(*i))+utf8.RuneCountInString(msg.Text) <= maxInput {
			*i += input(msg.Text)
		}
	}
}

// draw draws the end of the line with the caret behind it, or the hint while
// nothing is typed.
func (i input) draw(a grid.Area, k look, hint string) {
	shown := fact.Untrusted(i).Display()
	for grid.Width(shown) > a.Width()-2 {
		_, size := utf8.DecodeRuneInString(shown)
		shown = shown[size:]
	}
	x := a.Text(0, 0, shown, k.Strong.On(k.Popup.Bg))
	a.Text(x, 0, "█", k.PopupFrame)
	if i == "" {
		a.Text(2, 0, hint, k.Muted.On(k.Popup.Bg))
	}
}
