//go:build linux

package wireless

import (
	"encoding/binary"
	"iter"

	"golang.org/x/sys/unix"

	"flapscope/monitor/fact"
)

// genlHeaderLen is the length of struct genlmsghdr: command, version, reserved.
const genlHeaderLen = 4

// A message is one message of a datagram.
type message struct {
	typ   uint16
	flags uint16
	seq   uint32
	pid   uint32
	// body is what follows the netlink header.
	body []byte
}

// messages walks over the messages of a datagram, up to one whose length does not
// fit.
func messages(b []byte) iter.Seq[message] {
	return func(yield func(message) bool) {
		for len(b) >= unix.SizeofNlMsghdr {
			n := binary.NativeEndian.Uint32(b)
			if n < unix.SizeofNlMsghdr || uint64(n) > uint64(len(b)) {
				return
			}
			m := message{
				typ: binary.NativeEndian.Uint16(b[4:]), flags: binary.NativeEndian.Uint16(b[6:]),
				seq: binary.NativeEndian.Uint32(b[8:]), pid: binary.NativeEndian.Uint32(b[12:]),
				body: b[unix.SizeofNlMsghdr:n],
			}
			if !yield(m) {
				return
			}
			b = b[min(align(int(n)), len(b)):]
		}
	}
}

func align(n int) int { return (n + 3) &^ 3 }

// generic splits the body of a message into its command and attributes.
func generic(body []byte) (command uint8, attrs []byte, ok bool) {
	if len(body) < genlHeaderLen {
		return 0, nil, false
	}
	return body[0], body[genlHeaderLen:], true
}

// attributes walks over the attributes (struct nlattr) of b, up to one whose
// length does not fit; the nested and byte-order flags are masked off.
func attributes(b []byte) iter.Seq2[uint16, value] {
	const typeMask = 0x3fff // NLA_TYPE_MASK
	return func(yield func(uint16, value) bool) {
		for len(b) >= unix.SizeofNlAttr {
			n := int(binary.NativeEndian.Uint16(b))
			if n < unix.SizeofNlAttr || n > len(b) {
				return
			}
			if !yield(binary.NativeEndian.Uint16(b[2:])&typeMask, value(b[unix.SizeofNlAttr:n])) {
				return
			}
			b = b[min(align(n), len(b)):]
		}
	}
}

// A value is the payload of an attribute. The readers return zero for one that is
// too short, which is as good as an absent one.
type value []byte

func (v value) u8() uint8 {
	if len(v) < 1 {
		return 0
	}
	return v[0]
}

// s8 is a signed byte: a power in dBm.
func (v value) s8() int { return int(int8(v.u8())) }

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

func (v value) u64() uint64 {
	if len(v) < 8 {
		return 0
	}
	return binary.NativeEndian.Uint64(v)
}

// str is text up to its terminating zero.
func (v value) str() fact.Untrusted {
	for i, c := range v {
		if c == 0 {
			return fact.Untrusted(v[:i])
		}
	}
	return fact.Untrusted(v)
}

// A mac is a link-layer address of six bytes.
type mac [6]byte

func (v value) mac() (m mac) {
	if len(v) >= len(m) {
		copy(m[:], v)
	}
	return m
}

// text is the address in hex with colons, or "" for none.
func (m mac) text() fact.Untrusted {
	if m == (mac{}) {
		return ""
	}
	const digits = "0123456789abcdef"
	b := make([]byte, 0, 3*len(m))
	for i, c := range m {
		if i > 0 {
			b = append(b, ':')
		}
		b = append(b, digits[c>>4], digits[c&15])
	}
	return fact.Untrusted(b)
}

// A request is one question to the kernel.
type request struct{ buf []byte }

// newRequest begins a question to family typ.
func newRequest(typ uint16, command uint8, flags uint16, seq uint32) *request {
	b := make([]byte, unix.SizeofNlMsghdr+genlHeaderLen, 64)
	binary.NativeEndian.PutUint16(b[4:], typ)
	binary.NativeEndian.PutUint16(b[6:], unix.NLM_F_REQUEST|flags)
	binary.NativeEndian.PutUint32(b[8:], seq)
	b[unix.SizeofNlMsghdr] = command
	return &request{b}
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

// bytes is the whole message.
func (q *request) bytes() []byte {
	binary.NativeEndian.PutUint32(q.buf, uint32(len(q.buf)))
	return q.buf
}
