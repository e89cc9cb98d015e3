package probes

import (
	"context"
	"net"
	"net/netip"
	"os"
	"strconv"

	"golang.org/x/sys/unix"

	"flapscope/monitor/fact"
	"flapscope/probes/burst"
)

// measureMTU pings with a packet that is as large as the first link takes it and
// must not be fragmented, and with a small one. Where the small one alone is
// answered, and nobody says that the other was too large, large packets vanish. It
// needs what a ping needs.
func measureMTU(ctx context.Context, t *fact.Target) fact.ProbeResult {
	if t.Mode == "" {
		return failed(ctx, errNoPermission, fact.Phases{})
	}
	var w stopwatch
	addr, err := resolve(ctx, &w, t)
	if err != nil {
		return failed(ctx, err, w.times())
	}
	size, err := linkMTU(addr)
	if err != nil {
		return failed(ctx, err, w.times())
	}
	kind := burst.Echo
	if t.Mode == ModeRaw {
		kind = burst.RawEcho
	}
	s, err := burst.Open(kind, addr.Is6(), device(t))
	if err != nil {
		return failed(ctx, err, w.times())
	}
	defer s.Close()
	large, small := s.Send(burst.Packet{To: addr, Size: size}), s.Send(burst.Packet{To: addr})
	for {
		over := ctx.Err() != nil
		if over {
			s.Collect()
		}
		a, b := s.Answer(large), s.Answer(small)
		if a.Done() && (b.Done() || a.Replied) || over {
			return tooLarge(size, &a, &b)
		}
		select {
		case <-s.News():
		case <-ctx.Done():
		}
	}
}

// tooLarge says what the answers to a large and a small packet mean.
func tooLarge(size int, large, small *burst.Answer) fact.ProbeResult {
	switch {
	case large.Replied:
		return fact.ProbeResult{Outcome: fact.OutcomeOK, RTT: large.RTT}
	case large.Refusal != nil && large.Refusal.MTU != 0 && small.Replied:
		r := refusedBy(large.Refusal, fact.ProbeResult{Outcome: fact.OutcomeOK, RTT: small.RTT})
		r.Detail = fact.Untrusted("path MTU " + strconv.Itoa(large.Refusal.MTU))
		return r
	case small.Replied && large.Refusal == nil && large.Err == nil:
		return fact.ProbeResult{Outcome: fact.OutcomeTimeout, Detail: vanished(size)}
	}
	return fact.ProbeResult{Outcome: fact.OutcomeNoData, Detail: "no answer to a small packet either"}
}

// linkMTU is the size of the largest packet to an address that the kernel sends in
// one piece.
func linkMTU(a netip.Addr) (size int, err error) {
	c, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(netip.AddrPortFrom(a, 9)))
	if err != nil {
		return 0, err
	}
	defer c.Close()
	raw, err := c.SyscallConn()
	if err != nil {
		return 0, err
	}
	level, option := unix.IPPROTO_IP, unix.IP_MTU
	if a.Is6() {
		level, option = unix.IPPROTO_IPV6, unix.IPV6_MTU
	}
	e := raw.Control(func(fd uintptr) { size, err = unix.GetsockoptInt(int(fd), level, option) })
	if e != nil {
		return 0, e
	}
	return min(size, largest), os.NewSyscallError("getsockopt", err)
}
