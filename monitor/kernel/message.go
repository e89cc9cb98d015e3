//go:build linux

package kernel

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"

	"golang.org/x/sys/unix"

	"flapscope/monitor/fact"
)

// Message types and attributes that package unix has no names for
// (linux/rtnetlink.h, linux/netconf.h, linux/fib_rules.h, linux/if_addr.h).
const (
	rtmNewNexthop = 104
	rtmDelNexthop = 105
	rtmGetNexthop = 106
	rtmNewPrefix  = 52
	rtmNewUserOpt = 68
	rtmNewNetconf = 80
	rtmDelNetconf = 81
	rtmGetNetconf = 82

	ifaProto        = 11
	rtaNexthopID    = 30
	nhaFDB          = 11
	iflaLinkNetnsid = 37

	netconfIfindex        = 1
	netconfForwarding     = 2
	netconfRPFilter       = 3
	netconfIgnoreLinkdown = 6

	// Places in IFLA_INET6_CONF (linux/ipv6.h).
	devconfAcceptRA    = 3
	devconfUseTempaddr = 10
	devconfDisableIPv6 = 26

	extFilterSkipStats = 1 << 3

	attrTypeMask = 0x3fff // NLA_TYPE_MASK
)

// errShort is the cause of every decoding failure: a length that does not fit.
var errShort = errors.New("message too short")

// A header is a netlink message header (struct nlmsghdr).
type header struct {
	length uint32
	typ    uint16
	flags  uint16
	seq    uint32
	pid    uint32
}

// messages calls fn with every message of a datagram. A message whose length
// does not fit ends the datagram with an error: nothing after it can be found.
func messages(b []byte, fn func(h header, body []byte)) error {
	for len(b) >= unix.SizeofNlMsghdr {
		h := header{
			length: binary.NativeEndian.Uint32(b[0:]),
			typ:    binary.NativeEndian.Uint16(b[4:]),
			flags:  binary.NativeEndian.Uint16(b[6:]),
			seq:    binary.NativeEndian.Uint32(b[8:]),
			pid:    binary.NativeEndian.Uint32(b[12:]),
		}
		if h.length < unix.SizeofNlMsghdr || uint64(h.length) > uint64(len(b)) {
			return fmt.Errorf("netlink message of %d bytes in %d: %w", h.length, len(b), errShort)
		}
		fn(h, b[unix.SizeofNlMsghdr:h.length])
		b = b[min(align(int(h.length)), len(b)):]
	}
	if len(b) > 0 {
		return fmt.Errorf("%d bytes after the last netlink message: %w", len(b), errShort)
	}
	return nil
}

func align(n int) int { return (n + 3) &^ 3 }

// attributes calls fn with every attribute (struct nlattr) of b. The nested and
// byte-order flags are masked off.
func attributes(b []byte, fn func(typ uint16, v value)) error {
	for len(b) >= unix.SizeofNlAttr {
		n := int(binary.NativeEndian.Uint16(b))
		if n < unix.SizeofNlAttr || n > len(b) {
			return fmt.Errorf("attribute of %d bytes in %d: %w", n, len(b), errShort)
		}
		fn(binary.NativeEndian.Uint16(b[2:])&attrTypeMask, value(b[unix.SizeofNlAttr:n]))
		b = b[min(align(n), len(b)):]
	}
	return nil
}

// A value is the payload of an attribute. The readers return zero for a payload
// that is too short and never read past its end: a short attribute is as good
// as an absent one, and costs nothing but itself.
type value []byte

func (v value) u8() uint8 {
	if len(v) < 1 {
		return 0
	}
	return v[0]
}

func (v value) u16() uint16 {
	if len(v) < 2 {
		return 0
	}
	return binary.NativeEndian.Uint16(v)
}

func (v value) u32() uint32 {
	if len(v) < 4 {
		return 0
	}
	return binary.NativeEndian.Uint32(v)
}

func (v value) be64() uint64 {
	if len(v) < 8 {
		return 0
	}
	return binary.BigEndian.Uint64(v)
}

// str returns the payload as text without its terminating zero.
func (v value) str() string {
	for i, c := range v {
		if c == 0 {
			return string(v[:i])
		}
	}
	return string(v)
}

// addr returns the payload as an address, by its length; the zero Addr for
// any other length. A mapped IPv4 address stays IPv6: the kernel keeps such
// routes in its IPv6 tables.
func (v value) addr() netip.Addr {
	a, _ := netip.AddrFromSlice(v)
	return a
}

// hardware returns the payload as a link-layer address, or "" for what is none.
func (v value) hardware() fact.Untrusted {
	const digits = "0123456789abcdef"
	if len(v) == 0 || len(v) > 32 {
		return ""
	}
	b := make([]byte, 0, 3*len(v))
	for i, c := range v {
		if i > 0 {
			b = append(b, ':')
		}
		b = append(b, digits[c>>4], digits[c&15])
	}
	return fact.Untrusted(b)
}

// A request builds messages to the kernel, several in one datagram.
type request struct{ buf []byte }

// begin starts a message and returns where it starts.
func (q *request) begin(typ, flags uint16, seq uint32, body ...byte) int {
	start := len(q.buf)
	q.buf = binary.NativeEndian.AppendUint32(q.buf, 0)
	q.buf = binary.NativeEndian.AppendUint16(q.buf, typ)
	q.buf = binary.NativeEndian.AppendUint16(q.buf, flags|unix.NLM_F_REQUEST)
	q.buf = binary.NativeEndian.AppendUint32(q.buf, seq)
	q.buf = binary.NativeEndian.AppendUint32(q.buf, 0)
	q.buf = append(q.buf, body...)
	return start
}

// attr appends an attribute.
func (q *request) attr(typ uint16, v []byte) {
	q.buf = binary.NativeEndian.AppendUint16(q.buf, uint16(unix.SizeofNlAttr+len(v)))
	q.buf = binary.NativeEndian.AppendUint16(q.buf, typ)
	q.buf = append(q.buf, v...)
	for len(q.buf)%4 != 0 {
		q.buf = append(q.buf, 0)
	}
}

// attr32 appends an attribute of 32 bits.
func (q *request) attr32(typ uint16, v uint32) {
	q.attr(typ, binary.NativeEndian.AppendUint32(nil, v))
}

// end fixes the length of the message that starts at start.
func (q *request) end(start int) {
	binary.NativeEndian.PutUint32(q.buf[start:], uint32(len(q.buf)-start))
}

// swap16 and swap32 turn a number of this machine into the order in which a
// socket filter loads it.
func swap16(v uint16) uint32 {
	return uint32(binary.BigEndian.Uint16(binary.NativeEndian.AppendUint16(nil, v)))
}

func swap32(v uint32) uint32 {
	return binary.BigEndian.Uint32(binary.NativeEndian.AppendUint32(nil, v))
}
