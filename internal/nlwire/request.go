//go:build linux

package nlwire

import (
	"encoding/binary"

	"golang.org/x/sys/unix"
)

// A Request builds messages to the kernel, several in one datagram.
type Request struct{ Datagram []byte }

// Begin starts a message, whose body is its header in the family, and returns where
// it starts.
func (q *Request) Begin(typ, flags uint16, seq uint32, body ...byte) int {
	start := len(q.Datagram)
	q.Datagram = binary.NativeEndian.AppendUint32(q.Datagram, 0)
	q.Datagram = binary.NativeEndian.AppendUint16(q.Datagram, typ)
	q.Datagram = binary.NativeEndian.AppendUint16(q.Datagram, flags|unix.NLM_F_REQUEST)
	q.Datagram = binary.NativeEndian.AppendUint32(q.Datagram, seq)
	q.Datagram = binary.NativeEndian.AppendUint32(q.Datagram, 0)
	q.Datagram = append(q.Datagram, body...)
	return start
}

// Attr appends an attribute.
func (q *Request) Attr(typ uint16, v []byte) {
	q.Datagram = binary.NativeEndian.AppendUint16(q.Datagram, uint16(unix.SizeofNlAttr+len(v)))
	q.Datagram = binary.NativeEndian.AppendUint16(q.Datagram, typ)
	q.Datagram = append(q.Datagram, v...)
	for len(q.Datagram)%unix.NLMSG_ALIGNTO != 0 {
		q.Datagram = append(q.Datagram, 0)
	}
}

// Attr32 appends an attribute of 32 bits.
func (q *Request) Attr32(typ uint16, v uint32) {
	q.Attr(typ, binary.NativeEndian.AppendUint32(nil, v))
}

// End fixes the length of the message that starts at start.
func (q *Request) End(start int) {
	binary.NativeEndian.PutUint32(q.Datagram[start:], uint32(len(q.Datagram)-start))
}
