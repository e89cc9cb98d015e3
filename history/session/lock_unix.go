//go:build unix

package session

import (
	"os"
	"syscall"
)

// lockFile marks a journal as being written. The kernel drops the mark with
// the process, however it dies. Where it can't be set (a network file system,
// say) files are told apart by their age; see inUse.
func lockFile(f *os.File) bool {
	return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil
}
