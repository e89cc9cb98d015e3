//go:build unix

package session

import (
	"io/fs"
	"os"
	"syscall"
)

// lockFile marks a journal as being written, and reports whether it was not
// already. The kernel drops the mark with the process, however it dies.
func lockFile(f *os.File) bool {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	return err != syscall.EWOULDBLOCK
}

// inUse reports whether somebody writes the journal.
func inUse(name string, _ fs.FileInfo) bool {
	f, err := os.Open(name)
	if err != nil {
		return true
	}
	defer f.Close()
	return !lockFile(f)
}
