//go:build linux

package nlwire

import (
	"bytes"
	"encoding/binary"
	"net/netip"
)

// A Value is the payload of an attribute. The readers return zero for one that is
// too short and never read past its end: it is as good as absent.
type Value []byte

// U8 is a number of one byte.
func (v Value) U8() uint8 {
	if len(v) < 1 {
		return 0
	}
	return v[0]
}

// S8 is a signed number of one byte.
func (v Value) S8() int8 { return int8(v.U8()) }

// U16 is a number of two bytes in the order of this machine.
func (v Value) U16() uint16 {
	if len(v) < 2 {
		return 0
	}
	return binary.NativeEndian.Uint16(v)
}

// U32 is a number of four bytes in the order of this machine.
func (v Value) U32() uint32 {
	if len(v) < 4 {
		return 0
	}
	return binary.NativeEndian.Uint32(v)
}

// U64 is a number of eight bytes in the order of this machine.
func (v Value) U64() uint64 {
	if len(v) < 8 {
		return 0
	}
	return binary.NativeEndian.Uint64(v)
}

// BE64 is a number of eight bytes in the order of the network.
func (v Value) BE64() uint64 {
	if len(v) < 8 {
		return 0
	}
	return binary.BigEndian.Uint64(v)
}

// Text is what comes before the terminating zero, if there is one.
func (v Value) Text() string {
	before, _, _ := bytes.Cut(v, []byte{0})
	return string(before)
}

// Addr is an address, by its length; the zero Addr for any other length. A mapped
// IPv4 address stays IPv6: the kernel keeps such routes in its IPv6 tables.
func (v Value) Addr() netip.Addr {
	a, _ := netip.AddrFromSlice(v)
	return a
}

// Hardware is a link-layer address (at most MAX_ADDR_LEN bytes), in hex with colons,
// or "" for what is none.
func (v Value) Hardware() string {
	const digits = "0123456789abcdef"
	if len(v) == 0 || len(v) > 32 {
		return ""
	}
	b := make([]byte, 0, 3*32)
	for i, c := range v {
		if i > 0 {
			b = append(b, ':')
		}
		b = append(b, digits[c>>4], digits[c&15])
	}
	return string(b)
}
