package ui

import (
	"os"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/term"
	"golang.org/x/sys/windows"
)

// makeRaw makes every key reach the program as it is pressed, and both sides
// speak in control sequences; it returns how to undo that.
func makeRaw(in, out *os.File) (restore func() error, err error) {
	before, err := term.MakeRaw(in.Fd())
	if err != nil {
		return nil, err
	}
	keyboard, screen := windows.Handle(in.Fd()), windows.Handle(out.Fd())
	var modeIn, modeOut uint32
	undo := func() error {
		if modeOut != 0 {
			_ = windows.SetConsoleMode(screen, modeOut)
		}
		return term.Restore(in.Fd(), before)
	}
	err = windows.GetConsoleMode(keyboard, &modeIn)
	if err == nil {
		err = windows.SetConsoleMode(keyboard, modeIn|windows.ENABLE_VIRTUAL_TERMINAL_INPUT)
	}
	if err == nil {
		err = windows.GetConsoleMode(screen, &modeOut)
	}
	if err == nil {
		err = windows.SetConsoleMode(screen, modeOut|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING|windows.DISABLE_NEWLINE_AUTO_RETURN)
	}
	if err != nil {
		_ = undo()
		return nil, err
	}
	return undo, nil
}

// resizes returns a channel that hears nothing: here the new size comes with the
// keys.
func resizes() (_ <-chan os.Signal, forget func()) { return nil, func() {} }

// suspend does nothing: there is no job control.
func suspend(*canvas) tea.Cmd { return nil }
