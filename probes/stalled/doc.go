// Package stalled lists the TCP connections of the user, and which of them wait for
// answers, as the kernel tells everybody (sock_diag(7)).
package stalled

import "net/netip"

// A Connection is one TCP connection.
type Connection struct {
	Local, Remote netip.AddrPort
	// Waits is whether what was sent was not acknowledged in time, and is sent again;
	// Retries is how often that was done since an answer.
	Waits   bool
	Retries int
}

// maxConnections bounds the list.
const maxConnections = 4096
