//go:build linux

package kernel

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/net/bpf"
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

// errOverrun means that notifications were lost (ENOBUFS).
var errOverrun = errors.New("the socket's receive buffer overran")

// A socket is a netlink socket with batched, non-blocking reads.
//
// It has its own receive path: what a storm of routes has queued, mdlayher/netlink
// reads in seven times the processor time, 8 us a notification instead of 1.2
// (BenchmarkSocket). Nor is it in the runtime's poller itself,
// which wakes for every single datagram even while nobody waits for one; an
// epoll instance of its own is, which reports datagrams only when it is asked
// to. A thread that waits in the kernel instead has to wake the runtime's
// monitor when it returns, which then takes it for a goroutine that has run
// ever since.
type socket struct {
	fd     int
	portid uint32
	// poller is the epoll instance, and ready is how to wait for it.
	poller *os.File
	epoll  int
	ready  syscall.RawConn
	// armed is whether it reports datagrams.
	armed bool
	// dumping is whether the answer to a dump may be unfinished.
	dumping bool
	// n and err are what was read last, and try is how.
	n   int
	err error
	try func(uintptr) bool
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
	s := &socket{fd: fd, epoll: -1}
	if err := errors.Join(s.setUp(size), s.setUpPoller()); err != nil {
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
	if err := unix.Bind(s.fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: groups()}); err != nil {
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

func (s *socket) setUpPoller() error {
	var err error
	if s.epoll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return fmt.Errorf("open an epoll instance: %w", err)
	}
	if err := unix.EpollCtl(s.epoll, unix.EPOLL_CTL_ADD, s.fd, &unix.EpollEvent{}); err != nil {
		return fmt.Errorf("watch the netlink socket: %w", err)
	}
	// Package os polls what does not block.
	if err := unix.SetNonblock(s.epoll, true); err != nil {
		return fmt.Errorf("watch the netlink socket: %w", err)
	}
	s.poller = os.NewFile(uintptr(s.epoll), "netlink")
	if s.ready, err = s.poller.SyscallConn(); err != nil {
		return fmt.Errorf("watch the netlink socket: %w", err)
	}
	s.try = s.read
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
	s.interrupt()
	unix.Close(s.fd)
}

// interrupt ends a wait, and those that follow, from any goroutine.
func (s *socket) interrupt() {
	if s.poller != nil {
		// Closing it twice does nothing.
		_ = s.poller.Close()
	} else if s.epoll >= 0 {
		unix.Close(s.epoll)
	}
}

// wait waits for datagrams, until the time given unless that is zero, and
// returns how many it read: none when the time was over. It returns errOverrun
// when the kernel dropped notifications; what is still queued then is valid and
// may be read on. A wait that was interrupted fails.
func (s *socket) wait(until time.Time) (int, error) {
	err := s.poller.SetReadDeadline(until)
	if err == nil {
		err = s.ready.Read(s.try)
	}
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return s.poll()
	case err != nil:
		return 0, fmt.Errorf("wait for the kernel: %w", err)
	}
	return s.n, s.err
}

// read reads a batch, or asks to be told of the next datagram.
func (s *socket) read(uintptr) bool {
	s.n, s.err = s.poll()
	if s.n == 0 && s.err == nil {
		s.arm(true)
	}
	return s.n > 0 || s.err != nil
}

// arm says whether to report datagrams; of those that are queued, too.
func (s *socket) arm(on bool) {
	if on == s.armed {
		return
	}
	var e unix.EpollEvent
	if on {
		e.Events = unix.EPOLLIN
	}
	_, _, errno := unix.RawSyscall6(unix.SYS_EPOLL_CTL, uintptr(s.epoll), unix.EPOLL_CTL_MOD, uintptr(s.fd),
		uintptr(unsafe.Pointer(&e)), 0, 0)
	if errno != 0 {
		s.err = errors.Join(s.err, fmt.Errorf("watch the netlink socket: %w", errno))
	}
	s.armed = on
}

// poll reads a batch of datagrams if there is any.
func (s *socket) poll() (int, error) {
	for i := range s.headers {
		s.headers[i].hdr.Namelen = unix.SizeofSockaddrNetlink
	}
	// A call that can't block need not be announced to the runtime, whose
	// monitor it would wake first. A dump goes on within the call, and can wait
	// there for whoever changes the tables.
	call := unix.RawSyscall6
	if s.dumping {
		call = unix.Syscall6
	}
	n, _, errno := call(unix.SYS_RECVMMSG, uintptr(s.fd),
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
	if err := attach(s.fd, raw); err != nil {
		return fmt.Errorf("attach the route filter: %w", err)
	}
	return nil
}

// attach attaches a filter to a socket.
func attach(fd int, raw []bpf.RawInstruction) error {
	filter := make([]unix.SockFilter, len(raw))
	for i, r := range raw {
		filter[i] = unix.SockFilter{Code: r.Op, Jt: r.Jt, Jf: r.Jf, K: r.K}
	}
	prog := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	return unix.SetsockoptSockFprog(fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &prog)
}
