package trace

import (
	"net/netip"
	"time"
)

// A Method is what is sent.
type Method string

// The methods.
const (
	ICMP Method = "icmp"
	UDP  Method = "udp"
	TCP  Method = "tcp"
)

// A Target is where to, and how.
type Target struct {
	Addr   netip.Addr
	Method Method
	// Port is that of TCP.
	Port uint16
	// Index is the interface to leave by, or 0.
	Index int
	// Raw is whether ping sockets are not allowed.
	Raw bool
}

// patience is how long a round waits for answers.
const patience = time.Second
