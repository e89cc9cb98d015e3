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
		if isTimeout(err) && filteredStrictly(to.Addr(), index) {
			err = errors.Join(errStrictFilter, err)
		}
		return stream{}, err
	}
	return stream{s.Conn, s.RTT, s.Resent}, nil
}
