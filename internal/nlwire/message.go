//go:build linux

// Package nlwire reads and writes netlink messages without copying them. What the
// kernel sends is checked for its lengths alone: what it means is its readers'.
package nlwire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"iter"

	"golang.org/x/sys/unix"
)

// ErrShort is the cause of every failure: a length that does not fit.
var ErrShort = errors.New("message too short")

// A Message is a netlink message (struct nlmsghdr) and what follows its header.
type Message struct {
	Type, Flags uint16
	Seq         uint32
	// Port is the socket that asked for the message, or 0 of an event.
	Port uint32
	Body []byte
}

// Messages walks over the messages of a datagram. One whose length does not fit is
// an error, and the end: nothing after it can be found.
func Messages(b []byte) iter.Seq2[Message, error] {
	return func(yield func(Message, error) bool) {
		for len(b) >= unix.SizeofNlMsghdr {
			n := binary.NativeEndian.Uint32(b)
			if n < unix.SizeofNlMsghdr || uint64(n) > uint64(len(b)) {
				yield(Message{}, fmt.Errorf("netlink message of %d bytes in %d: %w", n, len(b), ErrShort))
				return
			}
			m := Message{
				Type: binary.NativeEndian.Uint16(b[4:]), Flags: binary.NativeEndian.Uint16(b[6:]),
				Seq: binary.NativeEndian.Uint32(b[8:]), Port: binary.NativeEndian.Uint32(b[12:]),
				Body: b[unix.SizeofNlMsghdr:n],
			}
			if !yield(m, nil) {
				return
			}
			b = b[min(Align(int(n)), len(b)):]
		}
		if len(b) > 0 {
			yield(Message{}, fmt.Errorf("%d bytes after the last netlink message: %w", len(b), ErrShort))
		}
	}
}

// Errno is the error that an NLMSG_ERROR or NLMSG_DONE says, or 0.
func (m *Message) Errno() unix.Errno {
	if len(m.Body) < 4 {
		return 0
	}
	return unix.Errno(max(0, -int32(binary.NativeEndian.Uint32(m.Body))))
}

// Align is where what follows n bytes begins (NLMSG_ALIGN, NLA_ALIGN).
func Align(n int) int { return (n + unix.NLMSG_ALIGNTO - 1) &^ (unix.NLMSG_ALIGNTO - 1) }

// An Attribute is a struct nlattr; the flags for nested ones and for the order of
// bytes are not in its type.
type Attribute struct {
	Type uint16
	Value
}

// Readable walks over attributes up to one whose length does not fit.
func Readable(b []byte) iter.Seq[Attribute] {
	return func(yield func(Attribute) bool) {
		for a, err := range Attributes(b) {
			if err != nil || !yield(a) {
				return
			}
		}
	}
}

// Attributes walks over attributes. One whose length does not fit is an error, and
// the end.
func Attributes(b []byte) iter.Seq2[Attribute, error] {
	const typeMask = 0x3fff // NLA_TYPE_MASK
	return func(yield func(Attribute, error) bool) {
		for len(b) >= unix.SizeofNlAttr {
			n := int(binary.NativeEndian.Uint16(b))
			if n < unix.SizeofNlAttr || n > len(b) {
				yield(Attribute{}, fmt.Errorf("attribute of %d bytes in %d: %w", n, len(b), ErrShort))
				return
			}
			if !yield(Attribute{binary.NativeEndian.Uint16(b[2:]) & typeMask, b[unix.SizeofNlAttr:n]}, nil) {
				return
			}
			b = b[min(Align(n), len(b)):]
		}
	}
}
