package stalled

import (
	"encoding/binary"
	"net/netip"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"flapscope/internal/nlwire"
)

// The layout of linux/inet_diag.h.
const (
	sockDiagByFamily = 20
	requestSize      = 56
	messageSize      = 72
	// states are those in which data can be under way: ESTABLISHED, SYN_SENT,
	// FIN_WAIT1, CLOSE_WAIT, LAST_ACK and CLOSING (net/tcp_states.h).
	states = 1<<1 | 1<<2 | 1<<4 | 1<<8 | 1<<9 | 1<<11
	// timerRetransmit is the timer of a segment that was not acknowledged.
	timerRetransmit = 1
)

// List returns the TCP connections of this user in both families, without those of
// this process and those within this machine; none where the kernel does not say.
func List() (all []Connection) {
	s := scan{uid: uint32(os.Getuid()), own: ownSockets()}
	for _, family := range []byte{unix.AF_INET, unix.AF_INET6} {
		all = append(all, s.list(family)...)
	}
	return all
}

// A scan says whose connections are looked for: those of a user, but for sockets
// with some inodes.
type scan struct {
	uid uint32
	own map[uint32]bool
}

// ownSockets returns the inodes of the sockets of this process (proc_pid_fd(5)).
func ownSockets() map[uint32]bool {
	own := map[uint32]bool{}
	const dir = "/proc/self/fd/"
	files, err := os.ReadDir(dir)
	if err != nil {
		return own
	}
	for _, f := range files {
		link, err := os.Readlink(dir + f.Name())
		inode, is := strings.CutPrefix(link, "socket:[")
		if err != nil || !is {
			continue
		}
		if n, err := strconv.ParseUint(strings.TrimSuffix(inode, "]"), 10, 32); err == nil {
			own[uint32(n)] = true
		}
	}
	return own
}

// list dumps the connections of one family.
func (s *scan) list(family byte) (all []Connection) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, unix.NETLINK_SOCK_DIAG)
	if err != nil {
		return nil
	}
	defer unix.Close(fd)
	// The kernel answers a dump from within the calls; it never waits for anybody.
	if unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Sec: 1}) != nil {
		return nil
	}
	body := make([]byte, requestSize)
	body[0], body[1] = family, unix.IPPROTO_TCP
	binary.NativeEndian.PutUint32(body[4:], states)
	var request nlwire.Request
	request.End(request.Begin(sockDiagByFamily, unix.NLM_F_DUMP, 0, body...))
	if err := unix.Sendto(fd, request.Datagram, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return nil
	}
	buffer := make([]byte, 64<<10)
	for len(all) < maxConnections {
		n, _, err := unix.Recvfrom(fd, buffer, 0)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return all
		}
		found, done := s.parse(buffer[:n])
		if all = append(all, found...); done {
			break
		}
	}
	return all
}

// parse reads the messages of one datagram; done is whether the dump ends with it.
func (s *scan) parse(b []byte) (all []Connection, done bool) {
	for m, err := range nlwire.Messages(b) {
		if err != nil || m.Type == unix.NLMSG_DONE || m.Type == unix.NLMSG_ERROR {
			return all, true
		}
		if c, ok := s.connection(m.Body); ok {
			all = append(all, c)
		}
	}
	return all, false
}

// connection reads one inet_diag_msg; it is not ok where it is of another user, of
// this process, of none any more (inode 0), or within this machine.
func (s *scan) connection(b []byte) (c Connection, ok bool) {
	if len(b) < messageSize || binary.NativeEndian.Uint32(b[64:]) != s.uid {
		return c, false
	}
	if inode := binary.NativeEndian.Uint32(b[68:]); inode == 0 || s.own[inode] {
		return c, false
	}
	local, remote := address(b[0], b[8:24]), address(b[0], b[24:40])
	c.Local = netip.AddrPortFrom(local, binary.BigEndian.Uint16(b[4:]))
	c.Remote = netip.AddrPortFrom(remote, binary.BigEndian.Uint16(b[6:]))
	c.Waits, c.Retries = b[2] == timerRetransmit && b[3] > 0, int(b[3])
	return c, local.IsValid() && !local.IsLoopback() && local != remote
}

// address reads an address of a family, of which four bytes count for IPv4.
func address(family byte, b []byte) netip.Addr {
	switch family {
	case unix.AF_INET:
		return netip.AddrFrom4([4]byte(b[:4]))
	case unix.AF_INET6:
		return netip.AddrFrom16([16]byte(b)).Unmap()
	}
	return netip.Addr{}
}
