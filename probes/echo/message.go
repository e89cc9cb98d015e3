package echo

import (
	"encoding/binary"
	"net/netip"
)

// Types of messages (RFC 792, RFC 4443).
const (
	requestType  = 8
	replyType    = 0
	requestType6 = 128
	replyType6   = 129
)

const (
	headerLen = 8
	// messageLen leaves room for 24 bytes behind the header, as many as other
	// pingers send: the cookie and zeros.
	messageLen = headerLen + 24
	cookieLen  = 8
)

// request returns the message to send. On a ping socket the kernel sets
// identifier and checksum, on a raw one for IPv6 the checksum.
func request(is6 bool, id, seq uint16, cookie [cookieLen]byte) [messageLen]byte {
	var m [messageLen]byte
	m[0] = requestType
	if is6 {
		m[0] = requestType6
	}
	binary.BigEndian.PutUint16(m[4:], id)
	binary.BigEndian.PutUint16(m[6:], seq)
	copy(m[headerLen:], cookie[:])
	if !is6 {
		binary.BigEndian.PutUint16(m[2:], checksum(m[:]))
	}
	return m
}

// checksum is that of RFC 1071 over an even number of bytes.
func checksum(b []byte) uint16 {
	var sum uint32
	for i := 0; i+1 < len(b); i += 2 {
		sum += uint32(binary.BigEndian.Uint16(b[i:]))
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return ^uint16(sum)
}

// parseReply returns the sequence number of a reply that carries the cookie.
func parseReply(is6 bool, b []byte, cookie [cookieLen]byte) (seq uint16, ok bool) {
	kind := byte(replyType)
	if is6 {
		kind = replyType6
	}
	if len(b) < headerLen+cookieLen || b[0] != kind || b[1] != 0 || [cookieLen]byte(b[headerLen:]) != cookie {
		return 0, false
	}
	return binary.BigEndian.Uint16(b[6:]), true
}

// parseQuote returns identifier and sequence number of a request of which an
// error has brought the beginning back: eight bytes at least (RFC 792).
func parseQuote(is6 bool, b []byte) (id, seq uint16, ok bool) {
	kind := byte(requestType)
	if is6 {
		kind = requestType6
	}
	if len(b) < headerLen || b[0] != kind {
		return 0, 0, false
	}
	return binary.BigEndian.Uint16(b[4:]), binary.BigEndian.Uint16(b[6:]), true
}

// skipHeader skips the IPv4 header with which a raw socket gives a message.
func skipHeader(b []byte) []byte {
	if len(b) == 0 || b[0]>>4 != 4 {
		return nil
	}
	n := int(b[0]&0xf) * 4
	if n < 20 || n > len(b) {
		return nil
	}
	return b[n:]
}

// A Request is what to ping.
type Request struct {
	Addr netip.Addr
	// Index is the interface to ping by, or 0 for the one that the routes say.
	Index int
	// Raw is whether to use a raw socket, where ping sockets are not allowed.
	Raw bool
	// Queue is whether to measure how long the request waits in this machine's own
	// queue, which costs two more messages of the kernel.
	Queue bool
}

// A StrangerError is an answer from an address that was not asked.
type StrangerError struct{ Addr netip.Addr }

// Error implements error.
func (e *StrangerError) Error() string { return "answered by " + e.Addr.String() }

// Timeout reports that the address that was asked did not answer.
func (*StrangerError) Timeout() bool { return true }
