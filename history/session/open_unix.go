//go:build unix

package session

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

const (
	// openSafely keeps an open from waiting for the other end of a FIFO, and
	// the descriptor from programs that are started later (package os sets
	// O_CLOEXEC itself).
	openSafely = syscall.O_NONBLOCK
	// noFollow refuses a symbolic link in the last part of a name (open(2)).
	noFollow = syscall.O_NOFOLLOW
)

// checkOwner refuses a file that neither this user, nor root, nor the user
// with the ID also made: its owner can change it at any time.
func checkOwner(info fs.FileInfo, also int) error {
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok || s.Uid == 0 || int(s.Uid) == os.Geteuid() || int(s.Uid) == also {
		return nil
	}
	return fmt.Errorf("%w: it belongs to user %d", errForeign, s.Uid)
}

// ownerOf returns the user ID of a file's owner, or -1.
func ownerOf(info fs.FileInfo) int {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return int(s.Uid)
	}
	return -1
}
