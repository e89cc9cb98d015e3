package burst

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

// Port is where datagrams go: the first of those that traceroute(8) has used
// from the beginning, which nobody listens on.
const Port = 33434

// A Socket sends packets of one kind and family, by one interface or any. It is
// safe for concurrent use.
type Socket struct {
	kind   Kind
	is6    bool
	index  int
	cookie [cookieLen]byte
	id     uint16
	file   *os.File
	raw    syscall.RawConn

	mu      sync.Mutex // guards all following
	reader  sock.Reader
	answers []Answer
	news    chan struct{}
}

// Open opens a socket for a family, bound to interface index unless that is 0.
func Open(kind Kind, is6 bool, index int) (*Socket, error) {
	s, err := open(kind, is6, index)
	if err == nil {
		go s.read()
	}
	return s, err
}

// open opens a socket that nobody reads from.
func open(kind Kind, is6 bool, index int) (*Socket, error) {
	a, protocol, typ := netip.IPv4Unspecified(), unix.IPPROTO_ICMP, unix.SOCK_DGRAM
	if is6 {
		a, protocol = netip.IPv6Unspecified(), unix.IPPROTO_ICMPV6
	}
	switch kind {
	case RawEcho:
		typ = unix.SOCK_RAW
	case Datagram:
		protocol = 0
	}
	fd, err := sock.Open(a, typ, protocol, index)
	if err != nil {
		return nil, err
	}
	if err = sock.StampReceived(fd); err == nil {
		err = dontFragment(fd, is6)
	}
	if err != nil {
		unix.Close(fd)
		return nil, err
	}
	s := &Socket{kind: kind, is6: is6, index: index, file: os.NewFile(uintptr(fd), "burst"), news: make(chan struct{}, 1)}
	var random [cookieLen + 2]byte
	_, _ = rand.Read(random[:]) // It never fails.
	s.cookie = [cookieLen]byte(random[:])
	if kind == RawEcho {
		s.id = binary.BigEndian.Uint16(random[cookieLen:]) | 1
	}
	if s.raw, err = s.file.SyscallConn(); err != nil {
		s.file.Close()
		return nil, err
	}
	return s, nil
}

// dontFragment lets packets go in one piece or not at all, whatever the kernel
// has learnt of the path before: what is measured is the path.
func dontFragment(fd int, is6 bool) error {
	if is6 {
		err := unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_MTU_DISCOVER, unix.IPV6_PMTUDISC_PROBE)
		return os.NewSyscallError("setsockopt", err)
	}
	return os.NewSyscallError("setsockopt", unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_MTU_DISCOVER, unix.IP_PMTUDISC_PROBE))
}

// Close closes the socket.
func (s *Socket) Close() { s.file.Close() }

// News has a value when something came since it was read last.
func (s *Socket) News() <-chan struct{} { return s.news }

// Answer returns what became of packet n so far.
func (s *Socket) Answer(n int) Answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.answers[n]
}

// Send sends a packet and returns its number.
func (s *Socket) Send(p Packet) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	p.To = p.To.WithZone("")
	n := len(s.answers)
	s.answers = append(s.answers, Answer{Packet: p})
	seq := uint16(n + 1)
	msg, port := datagram(s.is6, seq, s.cookie, p.Size), uint16(Port)
	if s.kind != Datagram {
		msg, port = echoRequest(s.is6, s.id, seq, s.cookie, p.Size), 0
	}
	to := sock.Sockaddr(netip.AddrPortFrom(p.To, port), s.index)
	oob := s.control(p.TTL)
	err := os.ErrClosed
	if e := s.raw.Control(func(fd uintptr) {
		for range 2 {
			// The kernel returns the error of an earlier packet that is pending,
			// and sends nothing.
			s.errors(int(fd))
			s.answers[n].Sent = time.Now()
			if err = unix.Sendmsg(int(fd), msg, oob, to, 0); err == nil {
				return
			}
		}
	}); e != nil {
		err = e
	}
	errno, ok := errors.AsType[syscall.Errno](err)
	switch refusal := s.answers[n].Refusal; {
	case err == nil:
	case ok && (refusal == nil || refusal.Errno != errno):
		// A tunnel, and a packet filter that rejects, send a message besides, which
		// says less.
		s.answers[n].Err = &sock.Refusal{Errno: errno}
	case refusal == nil:
		s.answers[n].Err = err
	}
	return n
}

// control returns the control message that sets the time to live.
func (s *Socket) control(ttl int) []byte {
	if ttl == 0 {
		return nil
	}
	level, kind := unix.IPPROTO_IP, unix.IP_TTL
	if s.is6 {
		level, kind = unix.IPPROTO_IPV6, unix.IPV6_HOPLIMIT
	}
	b := make([]byte, unix.CmsgSpace(4))
	// The length is as wide as a pointer, level and type have four bytes each.
	if unix.SizeofCmsghdr == 16 {
		binary.NativeEndian.PutUint64(b, uint64(unix.CmsgLen(4)))
	} else {
		binary.NativeEndian.PutUint32(b, uint32(unix.CmsgLen(4)))
	}
	binary.NativeEndian.PutUint32(b[unix.SizeofCmsghdr-8:], uint32(level))
	binary.NativeEndian.PutUint32(b[unix.SizeofCmsghdr-4:], uint32(kind))
	binary.NativeEndian.PutUint32(b[unix.CmsgLen(0):], uint32(ttl))
	return b
}

// read reads both queues until the socket is closed.
func (s *Socket) read() {
	_ = s.raw.Read(func(fd uintptr) bool {
		s.take(int(fd))
		return false
	})
}

// Collect reads what has come and was not read yet: after a process was not run for
// a while, its time is over before its answers are read.
func (s *Socket) Collect() {
	_ = s.raw.Control(func(fd uintptr) { s.take(int(fd)) })
}

// take reads both queues until they are empty.
func (s *Socket) take(fd int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for failures := 0; failures < 8; {
		m, err := s.reader.Data(fd)
		if err == nil {
			s.replied(&m)
			continue
		}
		if s.errors(fd) > 0 {
			continue
		}
		if errors.Is(err, unix.EAGAIN) {
			return
		}
		failures++
	}
}

func (s *Socket) errors(fd int) (n int) {
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

// waiting returns the answer of a packet with a sequence number, or nil.
func (s *Socket) waiting(seq uint16, ok bool) *Answer {
	if !ok || seq == 0 || int(seq) > len(s.answers) {
		return nil
	}
	return &s.answers[seq-1]
}

func (s *Socket) replied(m *sock.Message) {
	b := m.Payload
	if s.kind == RawEcho && !s.is6 {
		b = icmp.SkipHeader(b)
	}
	a := s.waiting(parseReply(s.is6, b, s.cookie))
	switch {
	case a == nil:
		return
	case m.Name != a.To:
		a.Stranger = m.Name
	case a.Replied:
		a.Again++
	default:
		a.Replied, a.From, a.Left = true, m.Name, m.TTL
		a.RTT = since(a.Sent, m.Stamp)
	}
	s.tell()
}

func (s *Socket) refused(m *sock.Message) {
	a := s.waiting(parseQuote(s.kind == Datagram, s.is6, s.id, m.Payload))
	if a == nil || a.Done() || m.Name.IsValid() && m.Name != a.To {
		return
	}
	a.Refusal, a.From, a.Left = m.Refusal, m.Refusal.Offender, m.TTL
	a.RTT = since(a.Sent, m.Stamp)
	s.tell()
}

// since returns how long ago a packet was sent when its answer came in.
func since(sent, stamp time.Time) time.Duration {
	rtt, _ := sock.RoundTrip(sent, stamp, time.Now())
	return rtt
}

func (s *Socket) tell() {
	select {
	case s.news <- struct{}{}:
	default:
	}
}
