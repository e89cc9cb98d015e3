//go:build unix

package session

import (
	"errors"
	"os"
	"syscall"
)

// lockFile marks a journal as being written. It fails with errLocked where it
// is already. The kernel drops the mark with the process, however it dies.
func lockFile(f *os.File) error {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return errLocked
	}
	return err
}
