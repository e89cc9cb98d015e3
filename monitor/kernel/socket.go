package kernel

import (
	"errors"
	"fmt"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Receive buffers: the kernel makes dump datagrams as long as the longest
// buffer it saw, up to 32 KiB; a notification is far shorter, and never longer
// than 8 KiB but for a route with hundreds of next hops.
const (
	batchLen       = 32
	datagramLen    = 32 << 10
	minDatagramLen = 8 << 10
)

// groups are the multicast groups that the mirror joins, as bits less one.
const groups = 1<<(unix.RTNLGRP_LINK-1) | 1<<(unix.RTNLGRP_NEIGH-1) |
	1<<(unix.RTNLGRP_IPV4_IFADDR-1) | 1<<(unix.RTNLGRP_IPV4_ROUTE-1) | 1<<(unix.RTNLGRP_IPV4_RULE-1) |
	1<<(unix.RTNLGRP_IPV6_IFADDR-1) | 1<<(unix.RTNLGRP_IPV6_ROUTE-1) | 1<<(unix.RTNLGRP_IPV6_RULE-1) |
	1<<(unix.RTNLGRP_IPV6_PREFIX-1) | 1<<(unix.RTNLGRP_ND_USEROPT-1) |
	1<<(unix.RTNLGRP_IPV4_NETCONF-1) | 1<<(unix.RTNLGRP_IPV6_NETCONF-1) | 1<<(unix.RTNLGRP_NEXTHOP-1)

// errOverrun means that notifications were lost (ENOBUFS).
var errOverrun = errors.New("the socket's receive buffer overran")

// A socket is a netlink socket with batched, non-blocking reads.
//
// It has its own receive path: in a storm of routes a general one costs twice as
// much as everything else together. It is not in the runtime's poller either,
// which wakes for every single datagram even while nobody waits for one; a
// thread that waits in ppoll(2) wakes only when it is asked to.
type socket struct {
	fd     int
	portid uint32
	// wake is an eventfd that ends a wait.
	wake int
	// buffer is the receive buffer's size in bytes, as the kernel accounts it.
	buffer int

	headers [batchLen]mmsghdr
	vectors [batchLen]unix.Iovec
	senders [batchLen]unix.RawSockaddrNetlink
	storage []byte
	// size is the length of one buffer in storage.
	size int
}

// mmsghdr is struct mmsghdr (recvmmsg(2)).
type mmsghdr struct {
	hdr unix.Msghdr
	len uint32
}

// openSocket opens a socket in the calling thread's network namespace that is
// in all groups, with a receive buffer of size bytes as far as allowed.
func openSocket(size int) (*socket, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.NETLINK_ROUTE)
	if err != nil {
		return nil, fmt.Errorf("open a netlink socket: %w", err)
	}
	s := &socket{fd: fd, wake: -1}
	if s.wake, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK); err != nil {
		s.close()
		return nil, fmt.Errorf("open an eventfd: %w", err)
	}
	if err := s.setUp(size); err != nil {
		s.close()
		return nil, err
	}
	s.prepare()
	return s, nil
}

func (s *socket) setUp(size int) error {
	// A kernel without these answers as it always did; the mirror copes.
	_ = unix.SetsockoptInt(s.fd, unix.SOL_NETLINK, unix.NETLINK_GET_STRICT_CHK, 1)
	_ = unix.SetsockoptInt(s.fd, unix.SOL_NETLINK, unix.NETLINK_EXT_ACK, 1)
	if unix.SetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, size) != nil {
		// Not privileged: as much as net.core.rmem_max allows.
		_ = unix.SetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_RCVBUF, size)
	}
	var err error
	if s.buffer, err = unix.GetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_RCVBUF); err != nil {
		return fmt.Errorf("size of the netlink receive buffer: %w", err)
	}
	if err := unix.Bind(s.fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: groups}); err != nil {
		return fmt.Errorf("join the rtnetlink groups: %w", err)
	}
	sa, err := unix.Getsockname(s.fd)
	if err != nil {
		return fmt.Errorf("address of the netlink socket: %w", err)
	}
	if nl, ok := sa.(*unix.SockaddrNetlink); ok {
		s.portid = nl.Pid
	}
	return nil
}

func (s *socket) prepare() {
	// A dump datagram must leave room for notifications behind it.
	s.size = min(max(s.buffer/8, minDatagramLen), datagramLen)
	s.storage = make([]byte, batchLen*s.size)
	for i := range s.headers {
		s.vectors[i].Base = &s.storage[i*s.size]
		s.vectors[i].SetLen(s.size)
		h := &s.headers[i].hdr
		h.Iov = &s.vectors[i]
		h.SetIovlen(1)
		h.Name = (*byte)(unsafe.Pointer(&s.senders[i]))
	}
}

// close closes the socket. Nobody may be waiting.
func (s *socket) close() {
	unix.Close(s.fd)
	if s.wake >= 0 {
		unix.Close(s.wake)
	}
}

// interrupt ends a wait, at any time before close, from any goroutine.
func (s *socket) interrupt() {
	// An eventfd that is full already has the wait ended.
	_, _ = unix.Write(s.wake, []byte{0, 0, 0, 0, 0, 0, 0, 1})
}

// wait waits for datagrams, at most for d if that is positive, for ever if it
// is negative, and returns how many it read: none when the time was over or the
// wait was interrupted. It returns errOverrun when the kernel dropped
// notifications; what is still queued then is valid and may be read on.
func (s *socket) wait(d time.Duration) (int, error) {
	fds := [2]unix.PollFd{{Fd: int32(s.fd), Events: unix.POLLIN}, {Fd: int32(s.wake), Events: unix.POLLIN}}
	var limit *unix.Timespec
	if d >= 0 {
		t := unix.NsecToTimespec(int64(d))
		limit = &t
	}
	switch n, err := unix.Ppoll(fds[:], limit, nil); {
	case errors.Is(err, unix.EINTR) || err == nil && n == 0:
		return 0, nil
	case err != nil:
		return 0, fmt.Errorf("wait for the kernel: %w", err)
	}
	return s.poll()
}

// poll reads a batch of datagrams if there is any.
func (s *socket) poll() (int, error) {
	for i := range s.headers {
		s.headers[i].hdr.Namelen = unix.SizeofSockaddrNetlink
	}
	n, _, errno := unix.Syscall6(unix.SYS_RECVMMSG, uintptr(s.fd),
		uintptr(unsafe.Pointer(&s.headers[0])), batchLen, unix.MSG_DONTWAIT, 0, 0)
	switch errno {
	case 0:
		return int(n), nil
	case unix.EAGAIN, unix.EINTR:
		return 0, nil
	case unix.ENOBUFS:
		return 0, errOverrun
	}
	return 0, fmt.Errorf("read from the kernel: %w", errno)
}

// datagram returns datagram i of the last batch, and whether it is whole. One
// that the kernel did not send is empty.
func (s *socket) datagram(i int) (b []byte, whole bool) {
	h := &s.headers[i]
	if s.senders[i].Pid != 0 {
		return nil, true
	}
	start := i * s.size
	return s.storage[start : start+min(int(h.len), s.size)], h.hdr.Flags&unix.MSG_TRUNC == 0
}

// send sends requests in one datagram. The kernel works through them before
// the call returns.
func (s *socket) send(b []byte) error {
	err := unix.Sendto(s.fd, b, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK})
	if err != nil {
		return fmt.Errorf("ask the kernel: %w", err)
	}
	return nil
}

// drops returns how many datagrams the kernel dropped for want of room since
// the socket was opened (SO_MEMINFO, sk_drops).
func (s *socket) drops() uint32 {
	const meminfoLen, meminfoDrops = 9, 8
	var info [meminfoLen]uint32
	size := uint32(unsafe.Sizeof(info))
	_, _, errno := unix.Syscall6(unix.SYS_GETSOCKOPT, uintptr(s.fd), unix.SOL_SOCKET, unix.SO_MEMINFO,
		uintptr(unsafe.Pointer(&info[0])), uintptr(unsafe.Pointer(&size)), 0)
	if errno != 0 {
		return 0
	}
	return info[meminfoDrops]
}

// narrow attaches or removes the filter of router mode.
func (s *socket) narrow(on bool) error {
	if !on {
		err := unix.SetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_DETACH_FILTER, 0)
		if errors.Is(err, unix.ENOENT) {
			return nil
		}
		return err
	}
	raw, err := routeFilter(s.portid)
	if err != nil {
		return fmt.Errorf("route filter: %w", err)
	}
	filter := make([]unix.SockFilter, len(raw))
	for i, r := range raw {
		filter[i] = unix.SockFilter{Code: r.Op, Jt: r.Jt, Jf: r.Jf, K: r.K}
	}
	prog := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	if err := unix.SetsockoptSockFprog(s.fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &prog); err != nil {
		return fmt.Errorf("attach the route filter: %w", err)
	}
	return nil
}
