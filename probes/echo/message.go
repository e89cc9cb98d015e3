package echo

import (
	"net/netip"

	"flapscope/probes/icmp"
)

const (
	cookieLen = 8
	// messageLen leaves room for 24 bytes behind the header, as many as other
	// pingers send: the cookie and zeros.
	messageLen = icmp.HeaderLen + 24
)

// request returns the message to send.
func request(is6 bool, id, seq uint16, cookie [cookieLen]byte) (m [messageLen]byte) {
	copy(m[icmp.HeaderLen:], cookie[:])
	icmp.PutRequest(m[:], is6, id, seq)
	return m
}

// parseReply returns the sequence number of a reply that carries the cookie.
func parseReply(is6 bool, b []byte, cookie [cookieLen]byte) (seq uint16, ok bool) {
	seq, payload, ok := icmp.Reply(is6, b)
	return seq, ok && len(payload) >= cookieLen && [cookieLen]byte(payload) == cookie
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
