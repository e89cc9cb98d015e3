package burst

import "encoding/binary"

// Types of messages (RFC 792, RFC 4443).
const (
	requestType  = 8
	replyType    = 0
	requestType6 = 128
	replyType6   = 129
)

const (
	headerLen = 8
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
	return max(leastPayload, size-header-headerLen)
}

// echoRequest returns a message. What the sequence number adds to the checksum
// the first two bytes of the payload take away, so that it is the same for all.
func echoRequest(is6 bool, id, seq uint16, cookie [cookieLen]byte, size int) []byte {
	m := make([]byte, headerLen+payloadLen(is6, size))
	m[0] = requestType
	if is6 {
		m[0] = requestType6
	}
	binary.BigEndian.PutUint16(m[4:], id)
	binary.BigEndian.PutUint16(m[6:], seq)
	binary.BigEndian.PutUint16(m[headerLen:], ^seq)
	copy(m[headerLen+2:], cookie[:])
	if !is6 {
		binary.BigEndian.PutUint16(m[2:], checksum(m))
	}
	return m
}

// datagram returns a payload for UDP that names its packet.
func datagram(is6 bool, seq uint16, cookie [cookieLen]byte, size int) []byte {
	m := make([]byte, payloadLen(is6, size))
	binary.BigEndian.PutUint16(m, seq)
	copy(m[2:], cookie[:])
	return m
}

// checksum is that of RFC 1071.
func checksum(b []byte) uint16 {
	var sum uint32
	for i := 0; i < len(b); i += 2 {
		sum += uint32(b[i]) << 8
		if i+1 < len(b) {
			sum += uint32(b[i+1])
		}
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
	if len(b) < headerLen+leastPayload || b[0] != kind || b[1] != 0 || [cookieLen]byte(b[headerLen+2:]) != cookie {
		return 0, false
	}
	return binary.BigEndian.Uint16(b[6:]), true
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
	kind := byte(requestType)
	if is6 {
		kind = requestType6
	}
	if len(b) < headerLen || b[0] != kind || id != 0 && binary.BigEndian.Uint16(b[4:]) != id {
		return 0, false
	}
	return binary.BigEndian.Uint16(b[6:]), true
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
