package probes

import (
	"context"
	"errors"
	"net/netip"
	"syscall"

	"flapscope/probes/sock"
)

// open opens a TCP connection.
func open(ctx context.Context, to netip.AddrPort, index int) (stream, error) {
	s, err := sock.Connect(ctx, to, index)
	if err != nil {
		if errors.Is(err, syscall.EADDRNOTAVAIL) && routed(to.Addr()) {
			err = errors.Join(errNoPorts, err)
		}
		return stream{}, better(err, to.Addr(), index)
	}
	return stream{s.Conn, s.RTT, s.Resent}, nil
}
