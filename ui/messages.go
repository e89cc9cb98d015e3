package ui

import (
	"time"

	tea "charm.land/bubbletea/v2"
)

// A tickMsg asks to look at the feed again. Its time is used for differences
// only.
type tickMsg struct{ at time.Time }

// A newsMsg says that the feed has something new.
type newsMsg struct{}

// A flashMsg is a line for the key bar, for a few seconds.
type flashMsg struct{ text string }

// flash returns the command that shows a line in the key bar.
func flash(text string) tea.Cmd { return func() tea.Msg { return flashMsg{text} } }

// A flashDoneMsg ends the flash of the same generation.
type flashDoneMsg struct{ generation int }

// A themeMsg chooses a theme by its name.
type themeMsg struct{ name string }
