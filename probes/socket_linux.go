package probes

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"flapscope/internal/boottime"
	"flapscope/probes/sock"
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

// prepare prepares a fresh socket.
func prepare(fd uintptr, is6 bool, index int) error {
	level, option := unix.IPPROTO_IP, unix.IP_RECVERR
	if is6 {
		level, option = unix.IPPROTO_IPV6, unix.IPV6_RECVERR
	}
	if err := unix.SetsockoptInt(int(fd), level, option, 1); err != nil || index == 0 {
		return err
	}
	// Allowed without privileges since Linux 5.7.
	return unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_BINDTOIFINDEX, index)
}

// explain returns who refused what c sent, as far as the kernel says it, or err.
func explain(c net.Conn, err error) error {
	s, ok := c.(syscall.Conn)
	if !ok {
		return err
	}
	raw, e := s.SyscallConn()
	if e != nil {
		return err
	}
	if e := raw.Control(func(fd uintptr) {
		if r := sock.Refused(int(fd)); r != nil {
			if to, e := netip.ParseAddrPort(c.RemoteAddr().String()); e == nil {
				r.To = to.Addr()
			}
			err = r
		}
	}); e != nil {
		return err
	}
	return err
}

// bootTime reads CLOCK_BOOTTIME, which goes on in suspend.
func bootTime() time.Duration { return boottime.Now() }
