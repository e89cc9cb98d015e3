//go:build !linux

package probes

import (
	"context"
	"net/netip"
)

// open opens a TCP connection.
func open(ctx context.Context, to netip.AddrPort, index int) (stream, error) {
	c, err := dialer(index).DialContext(ctx, "tcp", netip.AddrPortFrom(zoned(to.Addr(), index), to.Port()).String())
	return stream{Conn: c}, err
}
