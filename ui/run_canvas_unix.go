//go:build unix

package ui

import (
	"os"
	"os/signal"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/term"
	"golang.org/x/sys/unix"
)

// makeRaw makes every key reach the program as it is pressed, and returns how to
// undo that.
func makeRaw(in, _ *os.File) (restore func() error, err error) {
	before, err := term.MakeRaw(in.Fd())
	if err != nil {
		return nil, err
	}
	return func() error { return term.Restore(in.Fd(), before) }, nil
}

// resizes returns a channel that hears when the terminal has another size, and
// how to end that.
func resizes() (_ <-chan os.Signal, forget func()) {
	c := make(chan os.Signal, 1)
	signal.Notify(c, unix.SIGWINCH)
	return c, func() { signal.Stop(c) }
}

// suspend stops the program until the shell continues it. In an orphaned
// process group (the program is what tmux or ssh started) the kernel ignores
// SIGTSTP, and the wait for SIGCONT would last for ever: so it is sent from
// here. After a true stop it comes late and changes nothing. The second one is
// for a terminal that was slow to be released.
func suspend(c *canvas) tea.Cmd {
	return func() tea.Msg {
		c.leave()
		for _, after := range []time.Duration{250 * time.Millisecond, time.Second} {
			time.AfterFunc(after, func() { _ = unix.Kill(unix.Getpid(), unix.SIGCONT) })
		}
		return tea.SuspendMsg{}
	}
}
