package burst

import (
	"net/netip"
	"time"

	"flapscope/probes/sock"
)

// A Kind says what packets are sent.
type Kind uint8

// The kinds.
const (
	// Echo is ICMP from a ping socket, and RawEcho from a raw one, where ping
	// sockets are not allowed.
	Echo Kind = iota
	RawEcho
	// Datagram is UDP to a port where nobody listens.
	Datagram
)

// A Packet is one packet to send.
type Packet struct {
	To netip.Addr
	// TTL is the time to live, or 0 for the usual one.
	TTL int
	// Size is that of the whole packet in bytes, or 0 for a small one.
	Size int
}

// An Answer is what became of a packet.
type Answer struct {
	Packet
	Sent time.Time
	// Replied is whether the answer that was asked for came; Refusal is who said
	// no instead. Neither is so while nothing came.
	Replied bool
	Refusal *sock.Refusal
	RTT     time.Duration
	// From is who said it, and Left what was left of its time to live.
	From netip.Addr
	Left int
	// Again is how often the answer came once more.
	Again int
	// Stranger is who else answered in the name of who was asked.
	Stranger netip.Addr
	// Err is why it could not be sent.
	Err error
}

// Done reports whether it is known what became of the packet.
func (a *Answer) Done() bool { return a.Replied || a.Refusal != nil || a.Err != nil }
