package sock

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"flapscope/internal/netlab"
)

// A bench is a chain with sockets of each kind at its near end.
type bench struct {
	netlab.Chain
	index int // of l0
}

func newBench(t *testing.T) bench {
	t.Helper()
	b := bench{Chain: netlab.NewChain(t)}
	for _, route := range []string{"prohibit 203.0.113.2", "prohibit 2001:db8:3::2"} {
		b.Gateway.IP(t, "route add "+route)
	}
	b.Gateway.IP(t, "link set w0 mtu 1400")
	if err := b.Here.Do(func() error {
		i, err := net.InterfaceByName("l0")
		if err == nil {
			b.index = i.Index
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return b
}

// A line is an open socket that stamps what it gets.
type line struct {
	t    *testing.T
	fd   int
	to   netip.AddrPort
	kind string
	Reader
}

// open opens a socket of a kind: "ping", "udp" or "tcp".
func (b bench) open(t *testing.T, kind, to string) *line {
	t.Helper()
	l := &line{t: t, kind: kind, to: netip.AddrPortFrom(netip.MustParseAddr(to), 33434)}
	types := map[string]int{"ping": unix.SOCK_DGRAM, "udp": unix.SOCK_DGRAM, "tcp": unix.SOCK_STREAM}
	protocol := 0
	if kind == "ping" {
		protocol = unix.IPPROTO_ICMP
		if l.to.Addr().Is6() {
			protocol = unix.IPPROTO_ICMPV6
		}
	}
	if err := b.Here.Do(func() (err error) {
		if l.fd, err = Open(l.to.Addr(), types[kind], protocol, 0); err == nil && kind != "tcp" {
			err = StampReceived(l.fd)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(l.fd) })
	return l
}

// payload is what a socket sends: a ping's header, eight bytes for its checksum
// and number, and as much as is asked for.
func (l *line) payload(size int) []byte {
	b := make([]byte, 8+size)
	copy(b[8:], "hello")
	if l.kind == "ping" {
		b[0] = 8
		if l.to.Addr().Is6() {
			b[0] = 128
		}
		binary.BigEndian.PutUint16(b[6:], 4711)
	}
	return b
}

// send sends a packet, or asks for a connection.
func (l *line) send(size int) {
	l.t.Helper()
	var err error
	if l.kind == "tcp" {
		if err = unix.Connect(l.fd, Sockaddr(l.to, 0)); err == unix.EINPROGRESS {
			err = nil
		}
	} else {
		err = unix.Sendto(l.fd, l.payload(size), 0, Sockaddr(l.to, 0))
	}
	if err != nil {
		l.t.Fatalf("send: %v", err)
	}
}

// await returns the next message of a queue.
func (l *line) await(read func(fd int) (Message, error), limit time.Duration) Message {
	l.t.Helper()
	for deadline := time.Now().Add(limit); ; time.Sleep(time.Millisecond) {
		m, err := read(l.fd)
		switch {
		case err == nil:
			return m
		case !errors.Is(err, unix.EAGAIN) || time.Now().After(deadline):
			l.t.Fatalf("%s to %v: %v", l.kind, l.to, err)
		}
	}
}

// near is the address of this end in the family of an address.
func near(a netip.Addr) netip.Addr {
	if a.Is6() {
		return netip.MustParseAddr("2001:db8:1::1")
	}
	return netip.MustParseAddr("192.0.2.1")
}

// within reports a stamp that is not of the time since a send.
func within(t *testing.T, stamp, sent time.Time) {
	t.Helper()
	if stamp.Before(sent.Round(0)) || stamp.After(time.Now()) {
		t.Errorf("stamped at %v, not since %v", stamp, sent)
	}
}

// TestWhatArrives: what the kernel says in which queue. The rows are named as
// what happened.
func TestWhatArrives(t *testing.T) {
	b := newBench(t)
	for name, row := range map[string]func(*testing.T, bench, string){
		"echo reply":         echoReply,
		"stamps of a send":   stampsOfASend,
		"prohibited":         prohibited,
		"too big":            tooBig,
		"nobody listens":     nobodyListens,
		"a silent neighbour": silentNeighbour,
	} {
		for _, far := range []string{"198.51.100.2", "2001:db8:2::2"} {
			t.Run(name+" "+far, func(t *testing.T) { row(t, b, far) })
		}
	}
}

func echoReply(t *testing.T, b bench, far string) {
	l := b.open(t, "ping", far)
	// The first stamps may be missing: the kernel switches them on late.
	for try := 0; ; try++ {
		sent := time.Now()
		l.send(24)
		m := l.await(l.Data, 3*time.Second)
		kind := byte(0)
		if l.to.Addr().Is6() {
			kind = 129
		}
		if m.Name != l.to.Addr() || len(m.Payload) != 8+24 || m.Payload[0] != kind || binary.BigEndian.Uint16(m.Payload[6:]) != 4711 {
			t.Fatalf("from %v: % x", m.Name, m.Payload)
		}
		if m.TTL != 63 || m.Index != b.index || m.To != near(l.to.Addr()) || m.Refusal != nil || m.Departure != nil {
			t.Fatalf("%+v", m.Control)
		}
		if m.Stamp.IsZero() && try < 50 {
			time.Sleep(20 * time.Millisecond)
			continue
		}
		within(t, m.Stamp, sent)
		return
	}
}

func stampsOfASend(t *testing.T, b bench, far string) {
	const port = 9
	server := listenPacket(t, b.There, port)
	defer server.Close()
	for _, kind := range []string{"ping", "udp"} {
		l := b.open(t, kind, far)
		l.to = netip.AddrPortFrom(l.to.Addr(), port)
		last := time.Now()
		for id := range uint32(2) {
			if err := SendStamped(l.fd, l.payload(24), Sockaddr(l.to, 0)); err != nil {
				t.Fatal(err)
			}
			for _, queued := range []bool{true, false} {
				m := l.await(l.departures, time.Second)
				if len(m.Payload) != 0 || *m.Departure != (Departure{queued, id}) {
					t.Errorf("%s: %+v with %d bytes, want packet %d, queued: %v", kind, *m.Departure, len(m.Payload), id, queued)
				}
				within(t, m.Stamp, last)
				last = m.Stamp
			}
		}
	}
}

// listenPacket opens a port that takes datagrams of both families.
func listenPacket(t *testing.T, ns *netlab.Namespace, port int) (c net.PacketConn) {
	t.Helper()
	if err := ns.Do(func() (err error) {
		c, err = net.ListenPacket("udp", fmt.Sprint(":", port))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return c
}

// departures reads the error queue past what others say.
func (l *line) departures(fd int) (Message, error) {
	for {
		if m, err := l.Errors(fd); err != nil || m.Departure != nil {
			return m, err
		}
	}
}

// refused awaits an error, and compares what it brings back and who says it.
func (l *line) refused(b bench, want Refusal, size int) {
	l.t.Helper()
	sent := time.Now()
	l.send(size)
	m := l.await(l.Errors, 5*time.Second)
	if m.Name != l.to.Addr() && l.kind != "tcp" {
		l.t.Errorf("%s: to %v, want where the packet was sent", l.kind, m.Name)
	}
	if m.Refusal == nil {
		l.t.Fatalf("%s: %+v, want a refusal", l.kind, m.Control)
	}
	if *m.Refusal != want {
		l.t.Errorf("%s: %+v, want %+v", l.kind, *m.Refusal, want)
	}
	if l.kind == "tcp" {
		return // It says neither when nor by which way.
	}
	if own := l.payload(size); len(m.Payload) < 8 || l.kind == "ping" && (m.Payload[0] != own[0] || m.Payload[7] != own[7]) ||
		l.kind == "udp" && string(m.Payload[8:13]) != "hello" {
		l.t.Errorf("%s: % x came back, want the beginning of the own message", l.kind, m.Payload)
	}
	// What this machine says itself comes by its loopback for IPv4.
	if !want.Own && m.Index != b.index || m.To != near(l.to.Addr()) || m.TTL != 64 {
		l.t.Errorf("%s: %+v", l.kind, m.Control)
	}
	if !m.Stamp.IsZero() {
		within(l.t, m.Stamp, sent)
	}
}

// says is a refusal of the gateway or of this machine.
func says(a netip.Addr, errno unix.Errno, kind, code uint8) Refusal {
	gateway := map[bool]string{false: "192.0.2.2", true: "2001:db8:1::2"}[a.Is6()]
	r := Refusal{Errno: errno, Protocol: ICMP, Type: kind, Code: code, Offender: netip.MustParseAddr(gateway)}
	if a.Is6() {
		r.Protocol = ICMPv6
	}
	return r
}

func prohibited(t *testing.T, b bench, far string) {
	to, errno, kind, code := "203.0.113.2", unix.EHOSTUNREACH, uint8(3), uint8(13)
	if netip.MustParseAddr(far).Is6() {
		to, errno, kind, code = "2001:db8:3::2", unix.EACCES, 1, 1
	}
	for _, kindOf := range []string{"ping", "udp", "tcp"} {
		// For a route some kernels say it once a second (ip_error in net/ipv4/route.c).
		time.Sleep(1100 * time.Millisecond)
		l := b.open(t, kindOf, to)
		l.refused(b, says(l.to.Addr(), errno, kind, code), 24)
	}
}

func tooBig(t *testing.T, b bench, far string) {
	for _, kind := range []string{"ping", "udp"} {
		l := b.open(t, kind, far)
		level, option, value := unix.IPPROTO_IP, unix.IP_MTU_DISCOVER, unix.IP_PMTUDISC_PROBE
		want := says(l.to.Addr(), unix.EMSGSIZE, 3, 4)
		if l.to.Addr().Is6() {
			level, option, value = unix.IPPROTO_IPV6, unix.IPV6_MTU_DISCOVER, unix.IPV6_PMTUDISC_PROBE
			want.Type, want.Code = 2, 0
		}
		if err := unix.SetsockoptInt(l.fd, level, option, value); err != nil {
			t.Fatal(err)
		}
		want.MTU = 1400
		l.refused(b, want, 1430)
	}
}

func nobodyListens(t *testing.T, b bench, far string) {
	l := b.open(t, "udp", far)
	l.send(24)
	m := l.await(l.Errors, 3*time.Second)
	if r := m.Refusal; r == nil || r.Errno != unix.ECONNREFUSED || r.Offender != l.to.Addr() || !r.Port() || m.TTL != 63 {
		t.Errorf("%+v, want that of the target", m.Control)
	}
}

// silentNeighbour: three questions, a second between them.
func silentNeighbour(t *testing.T, b bench, far string) {
	silent := map[bool]string{false: "192.0.2.77", true: "2001:db8:1::77"}[netip.MustParseAddr(far).Is6()]
	for _, kind := range []string{"ping", "udp", "tcp"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			l := b.open(t, kind, silent)
			want := says(l.to.Addr(), unix.EHOSTUNREACH, 3, 1)
			if l.to.Addr().Is6() {
				want.Type, want.Code = 1, 3
			}
			want.Offender, want.Own = near(l.to.Addr()), kind != "tcp"
			began := time.Now()
			l.refused(b, want, 24)
			if took := time.Since(began); took < 2*time.Second || took > 4500*time.Millisecond {
				t.Errorf("after %v, want three seconds", took)
			}
		})
	}
}

// TestIdentifiers: a socket that is bound to no identifier gets one of its own at
// its first send.
func TestIdentifiers(t *testing.T) {
	b := newBench(t)
	seen := map[string]bool{}
	for range 4 {
		for _, far := range []string{"198.51.100.2", "2001:db8:2::2"} {
			l := b.open(t, "ping", far)
			l.send(24)
			own, err := unix.Getsockname(l.fd)
			if err != nil {
				t.Fatal(err)
			}
			id := 0
			switch own := own.(type) {
			case *unix.SockaddrInet4:
				id = own.Port
			case *unix.SockaddrInet6:
				id = own.Port
			}
			m := l.await(l.Data, 3*time.Second)
			if got := int(binary.BigEndian.Uint16(m.Payload[4:])); got != id || id == 0 {
				t.Errorf("identifier %d is answered on a socket of %d", got, id)
			}
			if key := fmt.Sprint(l.to.Addr().Is6(), id); seen[key] {
				t.Errorf("identifier %d serves two sockets", id)
			} else {
				seen[key] = true
			}
		}
	}
}

// TestConnectionsWaitForNothing: a connection whose end was known before anybody
// waited for it, as many on a short wire are, has to be seen at once.
func TestConnectionsWaitForNothing(t *testing.T) {
	b := newBench(t)
	serve(t, b.There, 443)
	// The first one waits until all neighbours on the way are found.
	if s, err := connectIn(t, b.Here, "198.51.100.2:443", 5*time.Second); err == nil {
		s.Close()
	}
	for i := range 200 {
		to, refused := "198.51.100.2:443", i%2 == 0
		if refused {
			to = "198.51.100.2:444"
		}
		began := time.Now()
		s, err := connectIn(t, b.Here, to, 3*time.Second)
		if took := time.Since(began); took > 2*time.Second || (err != nil) != refused {
			t.Fatalf("connection %d: %v after %v", i, err, took)
		}
		if s != nil {
			s.Close()
		}
	}
}

// serve takes all connections to a port.
func serve(t *testing.T, ns *netlab.Namespace, port int) {
	t.Helper()
	var l net.Listener
	if err := ns.Do(func() (err error) {
		l, err = net.Listen("tcp", fmt.Sprint(":", port))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			c.Close()
		}
	}()
}
