package cli

import (
	"io"
	"os"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// withoutWaiting returns a function that writes to out what can be written
// without waiting, or nil. It reports how much it wrote and whether it is worth
// another call: pipes and sockets can do it since Linux 6.5 (RWF_NOWAIT,
// pwritev2(2)), files on some file systems, terminals not. A poll would not
// do: somebody else may fill the pipe before the write.
func withoutWaiting(out io.Writer) func(b []byte) (n int, again bool) {
	f, ok := out.(*os.File)
	if !ok {
		return nil
	}
	raw, err := f.SyscallConn()
	if err != nil {
		return nil
	}
	return func(b []byte) (n int, again bool) {
		var errno syscall.Errno
		err := raw.Control(func(fd uintptr) {
			// What can't block need not be announced to the runtime. Offset -1 is
			// that of the file.
			v := unix.Iovec{Base: &b[0]}
			v.SetLen(len(b))
			var wrote uintptr
			wrote, _, errno = unix.RawSyscall6(unix.SYS_PWRITEV2, fd, uintptr(unsafe.Pointer(&v)), 1, ^uintptr(0), ^uintptr(0), unix.RWF_NOWAIT)
			if errno == 0 {
				n = int(wrote)
			}
		})
		return n, err == nil && (errno == 0 || errno == unix.EAGAIN || errno == unix.EINTR)
	}
}
