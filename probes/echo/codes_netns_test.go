package echo

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"testing"
	"time"

	"golang.org/x/net/icmp"
	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"

	"flapscope/internal/netlab"
	message "flapscope/probes/icmp"
	"flapscope/probes/sock"
)

// errorsFrom answers each echo request that reaches a namespace with an ICMP
// message of the type, code and MTU that were set last, and as much of the
// request as it is told.
type errorsFrom struct {
	kind, code, mtu, quoted int
}

// header returns the IP header of a request, as a router quotes it.
func header(from, to netip.Addr, payload int) []byte {
	if from.Is4() {
		h := make([]byte, 20)
		h[0], h[8], h[9] = 0x45, 64, 1
		binary.BigEndian.PutUint16(h[2:], uint16(20+payload))
		copy(h[12:], from.AsSlice())
		copy(h[16:], to.AsSlice())
		return h
	}
	h := make([]byte, 40)
	h[0], h[6], h[7] = 0x60, 58, 64
	binary.BigEndian.PutUint16(h[4:], uint16(payload))
	copy(h[8:], from.AsSlice())
	copy(h[24:], to.AsSlice())
	return h
}

// message returns an ICMP message about a request.
func (e errorsFrom) message(request []byte, from, to netip.Addr) []byte {
	quote := append(header(from, to, len(request)), request[:min(len(request), e.quoted)]...)
	m := append([]byte{byte(e.kind), byte(e.code), 0, 0, 0, 0, 0, 0}, quote...)
	if from.Is4() {
		binary.BigEndian.PutUint16(m[6:], uint16(e.mtu))
		binary.BigEndian.PutUint16(m[2:], message.Checksum(m))
		return m
	}
	binary.BigEndian.PutUint32(m[4:], uint32(e.mtu))
	return m // The kernel sets the checksum.
}

// serve answers requests until the test ends.
func serveErrors(t *testing.T, ns *netlab.Namespace, network string, current func() errorsFrom) {
	t.Helper()
	var c net.PacketConn
	if err := ns.Do(func() (err error) {
		c, err = net.ListenPacket(network, "")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	go func() {
		b := make([]byte, 1500)
		for {
			n, peer, err := c.ReadFrom(b)
			if err != nil {
				return
			}
			from, _ := netip.AddrFromSlice(peer.(*net.IPAddr).IP)
			from = from.Unmap()
			to, kind, protocol := netip.MustParseAddr("198.51.100.2"), icmp.Type(ipv4.ICMPTypeEcho), 1
			if from.Is6() {
				to, kind, protocol = netip.MustParseAddr("2001:db8:2::2"), ipv6.ICMPTypeEchoRequest, 58
			}
			if m, err := icmp.ParseMessage(protocol, b[:n]); err == nil && m.Type == kind {
				c.WriteTo(current().message(b[:n], from, to), peer)
			}
		}
	}()
}

// TestEveryCode: what a code is to the kernel, and to people. An errno alone has
// no words. The rows are named as codes are written: type/code.
func TestEveryCode(t *testing.T) {
	l := netlab.NewChain(t)
	l.There.Sysctl(t, "ipv4/icmp_echo_ignore_all", "1")
	l.There.Sysctl(t, "ipv6/icmp/echo_ignore_all", "1")
	messages := make(chan errorsFrom, 1)
	current := func() errorsFrom { return <-messages }
	serveErrors(t, l.There, "ip4:icmp", current)
	serveErrors(t, l.There, "ip6:ipv6-icmp", current)
	type row struct {
		kind, code int
		errno      syscall.Errno
		words      string
	}
	for family, rows := range map[string][]row{
		"IPv4": {
			{3, 0, syscall.ENETUNREACH, "network unreachable"},
			{3, 9, syscall.ENETUNREACH, "administratively prohibited"},
			{3, 1, syscall.EHOSTUNREACH, "host unreachable"},
			{3, 10, syscall.EHOSTUNREACH, "administratively prohibited"},
			{3, 13, syscall.EHOSTUNREACH, "administratively prohibited"},
			{11, 0, syscall.EHOSTUNREACH, "time to live exceeded"},
			{3, 2, syscall.ENOPROTOOPT, "protocol unreachable"},
			{3, 3, syscall.ECONNREFUSED, "port unreachable"},
			{3, 4, syscall.EMSGSIZE, "packet too big for a path MTU of 1400"},
		},
		"IPv6": {
			{1, 0, syscall.ENETUNREACH, "network unreachable: no route"},
			{1, 1, syscall.EACCES, "administratively prohibited"},
			{1, 2, syscall.EHOSTUNREACH, "source address beyond its scope"},
			{1, 3, syscall.EHOSTUNREACH, "host unreachable"},
			{1, 4, syscall.ECONNREFUSED, "port unreachable"},
			{1, 5, syscall.EACCES, "source address prohibited by a policy"},
			{1, 6, syscall.EACCES, "rejected by a route"},
			{2, 0, syscall.EMSGSIZE, "packet too big for a path MTU of 1400"},
			{3, 0, syscall.EHOSTUNREACH, "hop limit exceeded"},
		},
	} {
		kinds(t, func(t *testing.T, raw bool) {
			for _, r := range rows {
				for _, quoted := range []int{8, messageLen} {
					t.Run(fmt.Sprintf("%s %d/%d, %d bytes quoted", family, r.kind, r.code, quoted), func(t *testing.T) {
						request := request4(raw)
						if family == "IPv6" {
							request = request6(raw)
						}
						m := errorsFrom{r.kind, r.code, 0, quoted}
						if r.errno == syscall.EMSGSIZE {
							m.mtu = 1400
						}
						messages <- m
						// A fresh engine each: raw sockets have the identifier in the quote.
						_, err := ping(t, l.Here, engine(t), request, 3*time.Second)
						got, ok := errors.AsType[*sock.Refusal](err)
						if !ok {
							t.Fatalf("%v, want a refusal", err)
						}
						if got.Errno != r.errno || got.Words() != r.words || got.Offender != request.Addr || got.Own || !got.Target() || got.MTU != m.mtu {
							t.Errorf("%+v (%s), want %v, %q", *got, got, r.errno, r.words)
						}
					})
				}
			}
		})
	}
}

// TestDownAndUp: a bound socket survives that its interface is switched off.
func TestDownAndUp(t *testing.T) {
	l := netlab.NewChain(t)
	kinds(t, func(t *testing.T, raw bool) {
		e := engine(t)
		r := Request{Addr: netip.MustParseAddr("192.0.2.2"), Raw: raw}
		if err := l.Here.Do(func() error {
			i, err := net.InterfaceByName("l0")
			if err == nil {
				r.Index = i.Index
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if _, err := ping(t, l.Here, e, r, 3*time.Second); err != nil {
				t.Error(err)
			}
			l.Here.IP(t, "link set l0 down")
			if _, err := ping(t, l.Here, e, r, time.Second); !errors.Is(err, syscall.ENETUNREACH) && !errors.Is(err, syscall.ENETDOWN) {
				t.Errorf("down: %v, want ENETUNREACH", err)
			}
			l.Here.IP(t, "link set l0 up")
			deadline := time.Now().Add(10 * time.Second)
			for _, err := ping(t, l.Here, e, r, time.Second); err != nil; _, err = ping(t, l.Here, e, r, time.Second) {
				if time.Now().After(deadline) {
					t.Fatalf("up again: %v", err)
				}
			}
		}
		if len(e.sockets) != 1 {
			t.Errorf("%d sockets, want the one from before", len(e.sockets))
		}
	})
}
