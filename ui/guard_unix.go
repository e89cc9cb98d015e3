//go:build unix

package ui

import (
	"os"
	"time"

	tea "charm.land/bubbletea/v2"
	"golang.org/x/sys/unix"
)

// writeOnce writes what the terminal takes at once. The flag belongs to the
// open file, which the shell shares, so it is put back.
func writeOnce(f *os.File, s string) {
	fd := int(f.Fd())
	if unix.SetNonblock(fd, true) != nil {
		return
	}
	_, _ = unix.Write(fd, []byte(s))
	_ = unix.SetNonblock(fd, false)
}

// hungUp reports whether the terminal is gone.
func hungUp(f *os.File) bool {
	fds := []unix.PollFd{{Fd: int32(f.Fd()), Events: unix.POLLOUT}}
	n, err := unix.Poll(fds, 0)
	return err == nil && n > 0 && fds[0].Revents&(unix.POLLHUP|unix.POLLERR|unix.POLLNVAL) != 0
}

// suspend stops the program until the shell continues it. In an orphaned
// process group (the program is what tmux or ssh started) the kernel ignores
// SIGTSTP, and the wait for SIGCONT would last for ever: so it is sent from
// here. After a true stop it comes late and changes nothing. The second one is
// for a terminal that was slow to be released.
func suspend() tea.Msg {
	for _, after := range []time.Duration{250 * time.Millisecond, time.Second} {
		time.AfterFunc(after, func() { _ = unix.Kill(unix.Getpid(), unix.SIGCONT) })
	}
	return tea.SuspendMsg{}
}
