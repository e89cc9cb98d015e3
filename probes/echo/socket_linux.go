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

	"flapscope/probes/icmp"
	"flapscope/probes/sock"
)

// errClosed is a send on a socket that was closed meanwhile.
var errClosed = errors.New("socket closed")

// A socket is open for all requests of its kind. The engine's reader reads it.
type socket struct {
	key    key
	cookie [cookieLen]byte
	// id is the identifier of a raw socket's requests; that of a ping socket's
	// the kernel chooses. A ping socket is not bound to one: a second socket
	// with the same one would take all replies.
	id uint16
	// used, number and watched belong to the engine.
	used    time.Time
	number  int32
	watched bool

	mu sync.Mutex // guards all following
	// fd is -1 when the socket is closed.
	fd         int
	record     record
	departures departures
	reader     sock.Reader
	// deliveries wait until nothing is locked.
	deliveries []delivery
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
	s := &socket{key: k, fd: fd, record: record{flights: map[uint16]*Flight{}}}
	var random [cookieLen + 2]byte
	_, _ = rand.Read(random[:]) // It never fails.
	s.cookie, s.id = [cookieLen]byte(random[:]), binary.BigEndian.Uint16(random[cookieLen:])
	return s, nil
}

// filterReplies lets a raw socket see echo replies only (raw(7)).
func filterReplies(fd int, is6 bool) error {
	if !is6 {
		const solRaw, icmpFilter = 255, 1 // linux/icmp.h
		return os.NewSyscallError("setsockopt", unix.SetsockoptInt(fd, solRaw, icmpFilter, ^(1<<icmp.EchoReply)))
	}
	var blocked unix.ICMPv6Filter
	for i := range blocked.Data {
		blocked.Data[i] = ^uint32(0)
	}
	blocked.Data[icmp.EchoReply6>>5] &^= 1 << (icmp.EchoReply6 & 31)
	return os.NewSyscallError("setsockopt", unix.SetsockoptICMPv6Filter(fd, unix.IPPROTO_ICMPV6, unix.ICMPV6_FILTER, &blocked))
}

// close closes the socket.
func (s *socket) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fd >= 0 {
		unix.Close(s.fd)
	}
	s.fd = -1
}

// send sends a request. The kernel returns the error of an earlier packet from a
// send, and sends nothing then: once the errors are read, the next one is this
// packet's own.
func (s *socket) send(r Request, report func(Answer)) (*Flight, error) {
	f := &Flight{socket: s, to: r.Addr.WithZone(""), report: report, sent: time.Now()}
	s.mu.Lock()
	defer s.deliver()
	if s.fd < 0 {
		return nil, errClosed
	}
	s.record.add(f)
	msg := request(s.key.is6, s.id, f.seq, s.cookie)
	sa := sock.Sockaddr(netip.AddrPortFrom(f.to, 0), s.key.index)
	var err error
	for range 2 {
		f.sent = time.Now()
		if r.Queue {
			err = sock.SendStamped(s.fd, msg[:], sa)
		} else {
			err = unix.Sendto(s.fd, msg[:], 0, sa)
		}
		if took := time.Since(f.sent); err == nil {
			f.slow = took > preempted
			if r.Queue {
				s.departures.sent(f, took)
			}
			s.record.inAir++
			return f, nil
		}
		s.errors()
	}
	delete(s.record.flights, f.seq)
	return nil, local(err)
}

// deliver unlocks the socket, and reports what came in.
func (s *socket) deliver() {
	var buffer [16]delivery
	all := append(buffer[:0], s.deliveries...)
	s.deliveries = s.deliveries[:0]
	s.mu.Unlock()
	for _, d := range all {
		d.flight.report(d.answer)
	}
}

// local says that the kernel refused to send.
func local(err error) error {
	if errno, ok := errors.AsType[syscall.Errno](err); ok && errno != unix.ENODEV && errno != unix.ENXIO {
		return &sock.Refusal{Errno: errno}
	}
	return err
}

// read reads both queues until they are empty: first that of errors, where the
// stamps are of what was answered.
func (s *socket) read() {
	s.mu.Lock()
	defer s.deliver()
	if s.fd >= 0 {
		s.errors()
	}
	for failures := 0; s.fd >= 0 && failures < 8; {
		m, err := s.reader.Data(s.fd)
		if err == nil {
			s.replied(&m)
			continue
		}
		if errors.Is(err, unix.EAGAIN) {
			return
		}
		// An error that is pending is in the error queue too, mostly.
		if s.errors() == 0 {
			failures++
		}
	}
}

// errors reads the error queue, and returns how many messages there were.
func (s *socket) errors() (n int) {
	for ; ; n++ {
		m, err := s.reader.Errors(s.fd)
		if err != nil {
			return n
		}
		switch {
		case m.Refusal != nil:
			s.refused(&m)
		case m.Departure != nil:
			s.departures.left(m.Departure, m.Stamp)
		}
	}
}

// replied takes in a message of the data queue.
func (s *socket) replied(m *sock.Message) {
	b := m.Payload
	if s.key.raw && !s.key.is6 {
		b = icmp.SkipHeader(b)
	}
	seq, ok := parseReply(s.key.is6, b, s.cookie)
	f := s.record.flights[seq]
	if !ok || f == nil {
		return
	}
	if a, ok := f.replied(m, time.Now()); ok {
		s.deliveries = append(s.deliveries, delivery{f, a})
	}
}

// refused takes in a message of the error queue.
func (s *socket) refused(m *sock.Message) {
	id, seq, ok := icmp.Quote(s.key.is6, m.Payload)
	f := s.record.flights[seq]
	if !ok || f == nil || f.over || m.Name != f.to || s.key.raw && id != s.id {
		return
	}
	f.end()
	m.Refusal.To = f.to
	s.deliveries = append(s.deliveries, delivery{f, Answer{Err: m.Refusal}})
}
