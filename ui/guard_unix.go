//go:build unix

package ui

import (
	"os"

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
