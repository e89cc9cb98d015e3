package sock

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// A Stream is a TCP connection.
type Stream struct {
	net.Conn
	// RTT is the round trip of the handshake as the kernel measured it; 0 is
	// unknown.
	RTT time.Duration
	// Resent is how many SYN were sent again.
	Resent int
}

// States of a TCP connection (linux/tcp_states.h).
const (
	synSent     = 2
	synReceived = 3
	closed      = 7
)

// Connect opens a TCP connection by interface index, unless that is 0. Closing
// it sends a reset, so that no local port waits for late segments. The error is
// a *Refusal where the kernel or an ICMP message refused; the errno alone is
// what the other end said.
func Connect(ctx context.Context, to netip.AddrPort, index int) (*Stream, error) {
	return ConnectWithin(ctx, to, index, 0)
}

// ConnectWithin is Connect whose packets go so many hops at most, unless that is
// 0, and whose SYN is sent once more at most.
func ConnectWithin(ctx context.Context, to netip.AddrPort, index, hops int) (*Stream, error) {
	fd, err := Open(to.Addr(), unix.SOCK_STREAM, 0, index)
	if err != nil {
		return nil, err
	}
	if err := limit(fd, to.Addr().Is6(), hops); err != nil {
		unix.Close(fd)
		return nil, os.NewSyscallError("setsockopt", err)
	}
	if err := unix.SetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1}); err != nil {
		unix.Close(fd)
		return nil, os.NewSyscallError("setsockopt", err)
	}
	if err := unix.Connect(fd, Sockaddr(to, index)); err != nil && !errors.Is(err, unix.EINPROGRESS) {
		unix.Close(fd)
		errno, _ := errors.AsType[syscall.Errno](err)
		return nil, &Refusal{Errno: errno}
	}
	file := os.NewFile(uintptr(fd), "tcp")
	defer file.Close()
	info, err := established(ctx, file)
	if r, ok := errors.AsType[*Refusal](err); ok {
		r.To = to.Addr()
	}
	if err != nil {
		return nil, err
	}
	conn, err := net.FileConn(file)
	if err != nil {
		return nil, err
	}
	return &Stream{conn, time.Duration(info.Rtt) * time.Microsecond, int(info.Total_retrans)}, nil
}

// limit sets the time to live of a socket, unless that is 0.
func limit(fd int, is6 bool, hops int) error {
	if hops == 0 {
		return nil
	}
	level, option := unix.IPPROTO_IP, unix.IP_TTL
	if is6 {
		level, option = unix.IPPROTO_IPV6, unix.IPV6_UNICAST_HOPS
	}
	if err := unix.SetsockoptInt(fd, level, option, hops); err != nil {
		return err
	}
	return unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_SYNCNT, 1)
}

// established waits until the handshake is over.
func established(ctx context.Context, file *os.File) (info *unix.TCPInfo, err error) {
	raw, err := file.SyscallConn()
	if err != nil {
		return nil, err
	}
	defer context.AfterFunc(ctx, func() { _ = file.SetWriteDeadline(time.Unix(1, 0)) })()
	// The poller may have missed what happened before it knew the socket, so
	// that looking comes first.
	waited := raw.Write(func(fd uintptr) bool {
		if r := Refused(int(fd)); r != nil {
			err = r
			return true
		}
		if info, err = unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO); err != nil {
			return true
		}
		switch info.State {
		case synSent, synReceived:
			return false
		case closed:
			err = failure(int(fd), info)
		}
		return true
	})
	if e := ctx.Err(); e != nil && waited != nil {
		return nil, e
	}
	if waited != nil {
		return nil, waited
	}
	return info, err
}

// Refused returns what an ICMP message in the error queue said, or nil. One that
// meets a TCP socket while it is in use, in connect itself say, is in the queue
// but ends nothing (tcp_v4_err in net/ipv4/tcp_ipv4.c). A message that a packet
// was too big is the kernel's to heed.
func Refused(fd int) *Refusal {
	var r Reader
	for {
		m, err := r.Errors(fd)
		if err != nil {
			return nil
		}
		if r := m.Refusal; r != nil && r.Errno != unix.EMSGSIZE {
			// A TCP socket gets no address with the message.
			own, err := unix.Getsockname(fd)
			r.Own = r.Own || err == nil && r.Offender.IsValid() && r.Offender == address(own)
			return r
		}
	}
}

// failure says why a connection is closed. A reset after the handshake came
// from an end that was there.
func failure(fd int, info *unix.TCPInfo) error {
	errno, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ERROR)
	switch {
	case err != nil:
		return err
	case info.Rtt != 0:
		return nil
	case errno == 0:
		return unix.ECONNABORTED
	}
	return syscall.Errno(errno)
}
