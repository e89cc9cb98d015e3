// Package icmp writes echo requests, and reads what comes back, without copying.
package icmp

import "encoding/binary"

// Types of messages (RFC 792, RFC 4443).
const (
	EchoRequest  = 8
	EchoReply    = 0
	EchoRequest6 = 128
	EchoReply6   = 129
)

// HeaderLen is the length of the header of an echo message.
const HeaderLen = 8

// PutRequest writes the header of an echo request in front of its payload. On a ping
// socket the kernel sets identifier and checksum, on a raw one for IPv6 the checksum.
func PutRequest(m []byte, is6 bool, id, seq uint16) {
	m[0] = EchoRequest
	if is6 {
		m[0] = EchoRequest6
	}
	binary.BigEndian.PutUint16(m[4:], id)
	binary.BigEndian.PutUint16(m[6:], seq)
	if !is6 {
		binary.BigEndian.PutUint16(m[2:], Checksum(m))
	}
}

// Reply returns the sequence number and the payload of an echo reply.
func Reply(is6 bool, b []byte) (seq uint16, payload []byte, ok bool) {
	kind := byte(EchoReply)
	if is6 {
		kind = EchoReply6
	}
	if len(b) < HeaderLen || b[0] != kind || b[1] != 0 {
		return 0, nil, false
	}
	return binary.BigEndian.Uint16(b[6:]), b[HeaderLen:], true
}

// Quote returns identifier and sequence number of a request of which an error has
// brought the beginning back: eight bytes at least (RFC 792).
func Quote(is6 bool, b []byte) (id, seq uint16, ok bool) {
	kind := byte(EchoRequest)
	if is6 {
		kind = EchoRequest6
	}
	if len(b) < HeaderLen || b[0] != kind {
		return 0, 0, false
	}
	return binary.BigEndian.Uint16(b[4:]), binary.BigEndian.Uint16(b[6:]), true
}

// SkipHeader skips the IPv4 header with which a raw socket gives a message.
func SkipHeader(b []byte) []byte {
	if len(b) == 0 || b[0]>>4 != 4 {
		return nil
	}
	n := int(b[0]&0xf) * 4
	if n < 20 || n > len(b) {
		return nil
	}
	return b[n:]
}

// Checksum is that of RFC 1071.
func Checksum(b []byte) uint16 {
	var sum uint32
	for ; len(b) > 1; b = b[2:] {
		sum += uint32(binary.BigEndian.Uint16(b))
	}
	if len(b) > 0 {
		sum += uint32(b[0]) << 8
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return ^uint16(sum)
}
