//go:build linux

package wireless

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"flapscope/internal/nlwire"
	"flapscope/monitor/fact"
)

// errNoRadio means that the kernel has no nl80211: no driver of Wi-Fi is loaded.
var errNoRadio = errors.New("the kernel has no nl80211")

// errOverrun means that events were lost.
var errOverrun = errors.New("the socket's receive buffer overran")

// A socket is a generic netlink socket in the network namespace of the thread
// that opened it. Events of a radio are few, some 60 in a roam, so it is read
// through the runtime's poller, datagram by datagram.
type socket struct {
	file *os.File
	fd   int
	seq  uint32
	// family is the number that the kernel gave nl80211.
	family uint16
	buf    []byte
}

// maxDatagram is what a part of a dump may have: the kernel makes it as long as
// the buffer that it was read with last, up to 32 KiB.
const maxDatagram = 32 << 10

func openSocket() (*socket, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.NETLINK_GENERIC)
	if err != nil {
		return nil, fmt.Errorf("open a generic netlink socket: %w", err)
	}
	if err := unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("bind a generic netlink socket: %w", err)
	}
	return &socket{file: os.NewFile(uintptr(fd), "nl80211"), fd: fd, buf: make([]byte, maxDatagram)}, nil
}

func (s *socket) close() { _ = s.file.Close() }

// read reads one datagram, until the deadline unless that is zero. It is valid
// until the next read.
func (s *socket) read(until time.Time) ([]byte, error) {
	if err := s.file.SetReadDeadline(until); err != nil {
		return nil, err
	}
	n, err := s.file.Read(s.buf)
	if errors.Is(err, unix.ENOBUFS) {
		return nil, errOverrun
	}
	return s.buf[:n], err
}

// patience bounds how long the kernel may take for an answer: some drivers ask
// their firmware, which sleeps.
const patience = 2 * time.Second

// ask sends a question and calls fn with each message that answers it.
func (s *socket) ask(typ uint16, command uint8, flags uint16, attrs func(*nlwire.Request), fn func(attrs []byte)) error {
	s.seq++
	var q nlwire.Request
	start := q.Begin(typ, flags|unix.NLM_F_ACK, s.seq, command, 0, 0, 0) // struct genlmsghdr
	if attrs != nil {
		attrs(&q)
	}
	q.End(start)
	if _, err := s.file.Write(q.Datagram); err != nil {
		return fmt.Errorf("ask the kernel: %w", err)
	}
	for until := time.Now().Add(patience); ; {
		b, err := s.read(until)
		if err != nil {
			return fmt.Errorf("read an answer of the kernel: %w", err)
		}
		for m, err := range nlwire.Messages(b) {
			if err != nil {
				break
			}
			if m.Seq != s.seq {
				continue
			}
			switch m.Type {
			case unix.NLMSG_DONE, unix.NLMSG_ERROR:
				if errno := m.Errno(); errno != 0 {
					return errno
				}
				return nil
			}
			if _, a, ok := generic(m.Body); ok {
				fn(a)
			}
		}
	}
}

// dump asks nl80211 for all there is, of one interface unless index is 0.
func (s *socket) dump(command uint8, index int, fn func(attrs []byte)) error {
	return s.ask(s.family, command, unix.NLM_F_DUMP, func(q *nlwire.Request) {
		if index != 0 {
			q.Attr(unix.NL80211_ATTR_IFINDEX, binary.NativeEndian.AppendUint32(nil, uint32(index)))
		}
	}, fn)
}

// find asks for the number of nl80211 and those of its groups: they are given as
// families register, and differ from boot to boot.
func (s *socket) find() (groups []uint32, err error) {
	err = s.ask(unix.GENL_ID_CTRL, unix.CTRL_CMD_GETFAMILY, 0, func(q *nlwire.Request) {
		q.Attr(unix.CTRL_ATTR_FAMILY_NAME, []byte("nl80211\x00"))
	}, func(attrs []byte) {
		for a := range nlwire.Readable(attrs) {
			switch a.Type {
			case unix.CTRL_ATTR_FAMILY_ID:
				s.family = a.U16()
			case unix.CTRL_ATTR_MCAST_GROUPS:
				groups = append(groups, groupsOf(a.Value)...)
			}
		}
	})
	if errors.Is(err, unix.ENOENT) || err == nil && s.family == 0 {
		return nil, errNoRadio
	}
	return groups, err
}

// joined are the names of the groups to join; those of tests and of NAN say
// nothing of an association.
var joined = map[fact.Untrusted]bool{
	unix.NL80211_MULTICAST_GROUP_CONFIG: true, unix.NL80211_MULTICAST_GROUP_SCAN: true,
	unix.NL80211_MULTICAST_GROUP_REG: true, unix.NL80211_MULTICAST_GROUP_MLME: true,
}

// groupsOf returns the numbers of the groups to join among CTRL_ATTR_MCAST_GROUPS.
func groupsOf(v nlwire.Value) (groups []uint32) {
	for group := range nlwire.Readable(v) {
		var id uint32
		var name fact.Untrusted
		for a := range nlwire.Readable(group.Value) {
			switch a.Type {
			case unix.CTRL_ATTR_MCAST_GRP_ID:
				id = a.U32()
			case unix.CTRL_ATTR_MCAST_GRP_NAME:
				name = fact.Untrusted(a.Text())
			}
		}
		if joined[name] && id != 0 {
			groups = append(groups, id)
		}
	}
	return groups
}

// join joins groups, of which there may be more than a bind has bits for.
func (s *socket) join(groups []uint32) error {
	for _, g := range groups {
		if err := unix.SetsockoptInt(s.fd, unix.SOL_NETLINK, unix.NETLINK_ADD_MEMBERSHIP, int(g)); err != nil {
			return fmt.Errorf("join the groups of nl80211: %w", err)
		}
	}
	return nil
}
