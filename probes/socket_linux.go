package probes

import (
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// PingMode returns how this process may ping, by trying: a ping socket first,
// then a raw one. The error says why neither works.
func PingMode() (string, error) {
	var trouble error
	for _, m := range [...]struct {
		mode string
		kind int
	}{{ModeUnprivileged, unix.SOCK_DGRAM}, {ModeRaw, unix.SOCK_RAW}} {
		fd, err := unix.Socket(unix.AF_INET, m.kind|unix.SOCK_CLOEXEC, unix.IPPROTO_ICMP)
		if errors.Is(err, unix.EAFNOSUPPORT) {
			fd, err = unix.Socket(unix.AF_INET6, m.kind|unix.SOCK_CLOEXEC, unix.IPPROTO_ICMPV6)
		}
		if err == nil {
			return m.mode, unix.Close(fd)
		}
		err = os.NewSyscallError(m.mode+" socket", err)
		if trouble != nil {
			err = fmt.Errorf("%w; %w", trouble, err)
		}
		trouble = err
	}
	return "", trouble
}

// enokey is what WireGuard says of an address that none of its peers has.
const enokey = unix.ENOKEY

// bind binds a socket to interface index. A fresh one may be bound without
// privileges since Linux 5.7.
func bind(fd uintptr, index int) error {
	return unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_BINDTOIFINDEX, index)
}

// bootTime reads CLOCK_BOOTTIME, which goes on in suspend.
func bootTime() time.Duration {
	var ts unix.Timespec
	if unix.ClockGettime(unix.CLOCK_BOOTTIME, &ts) != nil {
		return 0 // Not on Linux: the clock is there since 2.6.39.
	}
	return time.Duration(ts.Nano())
}
