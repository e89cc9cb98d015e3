package probes

import (
	"context"
	"net"
	"net/netip"
	"time"

	"flapscope/monitor/fact"
)

// headStart is what the first address of a name has before the next one is
// tried too (RFC 8305 §5).
const headStart = 250 * time.Millisecond

// A stream is a TCP connection that was opened.
type stream struct {
	net.Conn
	// rtt is the network's round trip of the handshake, or 0 if unknown.
	rtt time.Duration
	// resent is how many SYN were sent again.
	resent int
}

// dial opens a TCP connection to t, and times it.
func (w *stopwatch) dial(ctx context.Context, t *fact.Target) (stream, error) {
	w.start(&w.resolving)
	addrs, err := addresses(ctx, t)
	if !t.Addr.IsValid() {
		w.stop(&w.resolving, &w.phases.Resolve)
	}
	if err != nil {
		return stream{}, err
	}
	w.start(&w.connecting)
	s, err := race(ctx, oneOfEach(addrs), func(ctx context.Context, a netip.Addr) (stream, error) {
		return open(ctx, netip.AddrPortFrom(a, t.Port), device(t))
	})
	if err == nil {
		w.stop(&w.connecting, &w.phases.Connect)
		if s.rtt > 0 && s.resent == 0 {
			w.connected(s.rtt)
		}
	}
	return s, err
}

// oneOfEach returns the first address of each family.
func oneOfEach(addrs []netip.Addr) []netip.Addr {
	first := addrs[0].Unmap()
	for _, a := range addrs[1:] {
		if a = a.Unmap(); a.Is4() != first.Is4() {
			return []netip.Addr{first, a}
		}
	}
	return []netip.Addr{first}
}

// race opens a connection to the first address, and to each other one where
// those before it fail or take long. The first connection wins.
func race(ctx context.Context, addrs []netip.Addr, open func(context.Context, netip.Addr) (stream, error)) (stream, error) {
	if len(addrs) == 1 {
		return open(ctx, addrs[0])
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	type attempt struct {
		stream
		err error
	}
	attempts := make(chan attempt, len(addrs))
	start := func(a netip.Addr) {
		go func() {
			s, err := open(ctx, a)
			attempts <- attempt{s, err}
		}()
	}
	start(addrs[0])
	rest, running := addrs[1:], 1
	patience := time.NewTimer(headStart)
	defer patience.Stop()
	var trouble error
	for running > 0 {
		select {
		case <-patience.C:
		case a := <-attempts:
			running--
			if a.err == nil {
				cancel()
				for range running {
					if loser := <-attempts; loser.err == nil {
						loser.Close()
					}
				}
				return a.stream, nil
			}
			if trouble == nil {
				trouble = a.err
			}
		}
		if len(rest) > 0 {
			start(rest[0])
			rest, running = rest[1:], running+1
		}
	}
	return stream{}, trouble
}
