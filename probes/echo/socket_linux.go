package echo

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"net/netip"
	"os"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"flapscope/probes/sock"
)

// errClosed is a send on a socket that was closed meanwhile.
var errClosed = errors.New("socket closed")

// A socket is open for all requests of its kind. A goroutine reads it.
type socket struct {
	key    key
	cookie [cookieLen]byte
	// id is the identifier of a raw socket's requests; that of a ping socket's
	// the kernel chooses. A ping socket is not bound to one: a second socket
	// with the same one would take all replies.
	id  uint16
	raw syscall.RawConn
	// used belongs to the engine.
	used time.Time

	file *os.File

	mu      sync.Mutex // guards all following
	reader  sock.Reader
	seq     uint16
	waiting map[uint16]*waiting
}

// A waiting is a request that was sent.
type waiting struct {
	socket *socket
	seq    uint16
	to     netip.Addr
	// sent has both clocks: the kernel stamps by that of the wall.
	sent time.Time
	// slow is whether the send took so long that sent says little.
	slow bool
	// stranger is who else answered.
	stranger netip.Addr
	answer   chan answer
}

type answer struct {
	Reply
	err error
}

func open(k key) (*socket, error) {
	a, protocol, kind := netip.IPv4Unspecified(), unix.IPPROTO_ICMP, unix.SOCK_DGRAM
	if k.is6 {
		a, protocol = netip.IPv6Unspecified(), unix.IPPROTO_ICMPV6
	}
	if k.raw {
		kind = unix.SOCK_RAW
	}
	fd, err := sock.Open(a, kind, protocol, k.index)
	if err != nil {
		return nil, err
	}
	if err = sock.StampReceived(fd); err == nil && k.raw {
		err = filterReplies(fd, k.is6)
	}
	if err != nil {
		unix.Close(fd)
		return nil, err
	}
	s := &socket{key: k, waiting: map[uint16]*waiting{}, file: os.NewFile(uintptr(fd), "icmp")}
	var random [cookieLen + 2]byte
	_, _ = rand.Read(random[:]) // It never fails.
	s.cookie, s.id = [cookieLen]byte(random[:]), binary.BigEndian.Uint16(random[cookieLen:])
	if s.raw, err = s.file.SyscallConn(); err != nil {
		s.file.Close()
		return nil, err
	}
	go s.read()
	return s, nil
}

// filterReplies lets a raw socket see echo replies only (raw(7)).
func filterReplies(fd int, is6 bool) error {
	if !is6 {
		const solRaw, icmpFilter = 255, 1 // linux/icmp.h
		return os.NewSyscallError("setsockopt", unix.SetsockoptInt(fd, solRaw, icmpFilter, ^(1<<replyType)))
	}
	var blocked unix.ICMPv6Filter
	for i := range blocked.Data {
		blocked.Data[i] = ^uint32(0)
	}
	blocked.Data[replyType6>>5] &^= 1 << (replyType6 & 31)
	return os.NewSyscallError("setsockopt", unix.SetsockoptICMPv6Filter(fd, unix.IPPROTO_ICMPV6, unix.ICMPV6_FILTER, &blocked))
}

// close closes the socket; its goroutine ends.
func (s *socket) close() { s.file.Close() }

// send sends a request. Errors of earlier packets are read before: the kernel
// returns a pending one from the next send, and sends nothing.
func (s *socket) send(to netip.Addr) (*waiting, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := &waiting{socket: s, to: to.WithZone(""), answer: make(chan answer, 1)}
	for s.seq++; s.waiting[s.seq] != nil; s.seq++ {
		if len(s.waiting) > 1<<15 {
			return nil, unix.ENOBUFS
		}
	}
	w.seq = s.seq
	msg := request(s.key.is6, s.id, w.seq, s.cookie)
	sa := sock.Sockaddr(netip.AddrPortFrom(w.to, 0), s.key.index)
	s.waiting[w.seq] = w
	err := errClosed
	if e := s.raw.Control(func(fd uintptr) {
		for range 2 {
			s.errors(int(fd))
			w.sent = time.Now()
			err = unix.Sendto(int(fd), msg[:], 0, sa)
			w.slow = time.Since(w.sent) > preempted
			if err == nil {
				return
			}
			// The second error is of this packet.
		}
	}); e != nil {
		err = errClosed
	}
	if err != nil {
		delete(s.waiting, w.seq)
		return nil, local(err)
	}
	return w, nil
}

// local says that the kernel refused to send.
func local(err error) error {
	if errno, ok := errors.AsType[syscall.Errno](err); ok && errno != unix.ENODEV && errno != unix.ENXIO {
		return &sock.Refusal{Errno: errno}
	}
	return err
}

// abandon forgets a request, and returns who answered it without being asked.
func (s *socket) abandon(w *waiting) netip.Addr {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.waiting, w.seq)
	return w.stranger
}

// read reads both queues until the socket is closed. The poller wakes it once
// for each change, of either queue, so both are read until they are empty.
func (s *socket) read() {
	_ = s.raw.Read(func(fd uintptr) bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		for failures := 0; failures < 8; {
			m, err := s.reader.Data(int(fd))
			if err == nil {
				s.replied(&m)
				continue
			}
			// An error that is pending is in the error queue too, mostly.
			if s.errors(int(fd)) > 0 {
				continue
			}
			if errors.Is(err, unix.EAGAIN) {
				return false
			}
			failures++
		}
		return false
	})
}

// errors reads the error queue, and returns how many messages there were.
func (s *socket) errors(fd int) (n int) {
	for ; ; n++ {
		m, err := s.reader.Errors(fd)
		if err != nil {
			return n
		}
		if m.Refusal != nil {
			s.refused(&m)
		}
	}
}

// replied takes in a message of the data queue.
func (s *socket) replied(m *sock.Message) {
	now := time.Now()
	b := m.Payload
	if s.key.raw && !s.key.is6 {
		b = skipHeader(b)
	}
	seq, ok := parseReply(s.key.is6, b, s.cookie)
	w := s.waiting[seq]
	if !ok || w == nil {
		return // A duplicate, or too late.
	}
	if m.Name != w.to {
		w.stranger = m.Name
		return
	}
	r := Reply{RTT: now.Sub(w.sent), Uncertain: true, TTL: m.TTL, Index: m.Index}
	// A round trip that the monotonic clock rules out shows a step of the wall
	// clock. The stamp is rounded, the clocks are read apart.
	if !m.Stamp.IsZero() {
		if rtt := m.Stamp.Round(0).Sub(w.sent.Round(0)); rtt > 0 && rtt <= r.RTT {
			r.RTT, r.Uncertain = rtt, w.slow
		}
	}
	s.end(w, answer{Reply: r})
}

// refused takes in a message of the error queue.
func (s *socket) refused(m *sock.Message) {
	id, seq, ok := parseQuote(s.key.is6, m.Payload)
	w := s.waiting[seq]
	if !ok || w == nil || m.Name != w.to || s.key.raw && id != s.id {
		return
	}
	m.Refusal.To = w.to
	s.end(w, answer{err: m.Refusal})
}

func (s *socket) end(w *waiting, a answer) {
	delete(s.waiting, w.seq)
	w.answer <- a
}
