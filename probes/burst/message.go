package burst

import (
	"encoding/binary"

	"flapscope/probes/icmp"
)

const (
	cookieLen = 8
	// leastPayload is the inverted sequence number and the cookie.
	leastPayload = 2 + cookieLen
	// smallPayload is as much as other pingers send.
	smallPayload = 24
)

// The sizes of the headers before the payload (RFC 791, RFC 8200).
const (
	ipHeader  = 20
	ip6Header = 40
)

// payloadLen returns how many bytes fill a packet of a size.
func payloadLen(is6 bool, size int) int {
	header := ipHeader
	if is6 {
		header = ip6Header
	}
	if size == 0 {
		return smallPayload
	}
	return max(leastPayload, size-header-icmp.HeaderLen)
}

// echoRequest returns a message. What the sequence number adds to the checksum
// the first two bytes of the payload take away, so that it is the same for all.
func echoRequest(is6 bool, id, seq uint16, cookie [cookieLen]byte, size int) []byte {
	m := make([]byte, icmp.HeaderLen+payloadLen(is6, size))
	binary.BigEndian.PutUint16(m[icmp.HeaderLen:], ^seq)
	copy(m[icmp.HeaderLen+2:], cookie[:])
	icmp.PutRequest(m, is6, id, seq)
	return m
}

// datagram returns a payload for UDP that names its packet.
func datagram(is6 bool, seq uint16, cookie [cookieLen]byte, size int) []byte {
	m := make([]byte, payloadLen(is6, size))
	binary.BigEndian.PutUint16(m, seq)
	copy(m[2:], cookie[:])
	return m
}

// parseReply returns the sequence number of a reply that carries the cookie.
func parseReply(is6 bool, b []byte, cookie [cookieLen]byte) (seq uint16, ok bool) {
	seq, payload, ok := icmp.Reply(is6, b)
	return seq, ok && len(payload) >= leastPayload && [cookieLen]byte(payload[2:]) == cookie
}

// parseQuote returns the sequence number of a packet of which an error brought
// the beginning back: a message of ICMP, or what stands in a datagram.
func parseQuote(udp, is6 bool, id uint16, b []byte) (seq uint16, ok bool) {
	if udp {
		if len(b) < 2 {
			return 0, false // The router quotes no more than the headers.
		}
		return binary.BigEndian.Uint16(b), true
	}
	of, seq, ok := icmp.Quote(is6, b)
	return seq, ok && (id == 0 || of == id)
}
