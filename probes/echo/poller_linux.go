package echo

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// A poller tells which sockets have something to read. It is a poller of its own
// below that of the runtime, which would wake up for every packet: this one says
// nothing of a socket again until it is watched again.
type poller struct {
	file *os.File
	raw  syscall.RawConn
}

func newPoller() (*poller, error) {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err == nil {
		err = unix.SetNonblock(fd, true) // The runtime polls no other.
	}
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	p := &poller{file: os.NewFile(uintptr(fd), "icmp")}
	if p.raw, err = p.file.SyscallConn(); err != nil {
		p.file.Close()
		return nil, err
	}
	return p, nil
}

// watch tells once when there is something to read on a socket: operation is
// EPOLL_CTL_ADD at first, and then EPOLL_CTL_MOD.
func (p *poller) watch(operation int, s *socket) (err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fd < 0 {
		return nil // It was closed meanwhile, and is forgotten.
	}
	event := unix.EpollEvent{Events: unix.EPOLLIN | unix.EPOLLONESHOT, Fd: s.number}
	e := p.raw.Control(func(fd uintptr) { err = unix.EpollCtl(int(fd), operation, s.fd, &event) })
	if e != nil {
		return e
	}
	return os.NewSyscallError("socket", err)
}

// run calls read with the numbers of sockets that can be read, until the poller
// is closed.
func (p *poller) run(read func(number int32)) {
	var events [16]unix.EpollEvent
	_ = p.raw.Read(func(fd uintptr) bool {
		for {
			n, err := unix.EpollWait(int(fd), events[:], 0)
			if n <= 0 && err != unix.EINTR {
				return false
			}
			for _, e := range events[:max(0, n)] {
				read(e.Fd)
			}
		}
	})
}
