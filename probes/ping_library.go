package probes

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"runtime"
	"strconv"
	"syscall"
	"time"

	probing "github.com/prometheus-community/pro-bing"

	"flapscope/monitor/fact"
)

// pingByLibrary sends one ICMP echo request, where the engine does not build. A
// library pinger that lives for one packet can leave nothing behind that grows,
// can't hold on to a device that is gone, and reports the error of its one send.
func pingByLibrary(ctx context.Context, t *fact.Target) fact.ProbeResult {
	if t.Mode == "" {
		return failed(ctx, errNoPermission, fact.Phases{})
	}
	var w stopwatch
	addr, err := resolve(ctx, &w, t)
	if err != nil {
		return failed(ctx, err, w.times())
	}
	e := libraryEcho{asked: addr, logger: new(prohibited)}
	p, err := e.pinger(t, addr)
	if err == nil {
		err = p.RunWithContext(ctx)
	}
	switch {
	case e.answered:
		return fact.ProbeResult{Outcome: fact.OutcomeOK, RTT: e.rtt, Phases: w.times()}
	case e.logger.seen:
		err = syscall.EACCES
	case err == nil:
		err = context.DeadlineExceeded
	}
	r := failed(ctx, err, w.times())
	if e.stranger.IsValid() {
		r.Detail = fact.Untrusted("answered by " + e.stranger.String())
	}
	return r
}

// libraryMode is how the library pings on a system: macOS lets everybody have a
// ping socket; Windows has an interface of its own, which the library calls
// privileged and anybody may use; elsewhere a raw socket is left.
func libraryMode(goos string) string {
	if goos == "darwin" || goos == "ios" {
		return ModeUnprivileged
	}
	return ModeRaw
}

// A libraryEcho is one request and its reply.
type libraryEcho struct {
	// asked is where the request went, and stranger who else answered it.
	asked, stranger netip.Addr
	logger          *prohibited
	// opened and sent are taken on the monotonic clock.
	opened, sent time.Time
	answered     bool
	rtt          time.Duration
}

// pinger prepares a pinger for one packet.
func (e *libraryEcho) pinger(t *fact.Target, addr netip.Addr) (*probing.Pinger, error) {
	p := probing.New("")
	ip := net.IPAddr{IP: addr.AsSlice()}
	switch index := device(t); {
	case index == 0:
	case addr.Is6() && addr.IsLinkLocalUnicast():
		ip.Zone = strconv.Itoa(index)
	default:
		ifi, err := net.InterfaceByIndex(index)
		if err != nil {
			return nil, errors.Join(syscall.ENODEV, err)
		}
		p.InterfaceName = ifi.Name
	}
	p.SetIPAddr(&ip)
	p.SetPrivileged(t.Mode == ModeRaw)
	p.SetLogger(e.logger)
	p.Count = 1
	p.RecordRtts, p.RecordTTLs = false, false
	p.OnSetup = func() { e.opened = time.Now() }
	p.OnSend = func(*probing.Packet) { e.sent = time.Now() }
	p.OnRecv = func(pkt *probing.Packet) {
		if !e.received(pkt) {
			// The library takes any address's reply for the one it waits for;
			// to it the true one is then a duplicate.
			p.PacketsRecv = 0
		}
	}
	p.OnDuplicateRecv = func(pkt *probing.Packet) {
		if e.received(pkt) {
			p.Stop()
		}
	}
	return p, nil
}

// received takes a reply, and reports whether it came from the address that was
// asked: whoever sees a request on its way can answer it (RFC 4443 §11.1 for
// IPv6), which says nothing of the host. The library's round trip is a
// difference of wall clocks; a step of the clock shows as a value that the
// monotonic clock rules out: the packet left after the socket was opened and
// before the send returned.
func (e *libraryEcho) received(pkt *probing.Packet) bool {
	now := time.Now()
	from, _ := netip.AddrFromSlice(pkt.IPAddr.IP)
	if from = from.Unmap(); from != e.asked.WithZone("") {
		e.stranger = from
		return false
	}
	e.answered = true
	e.rtt = min(max(pkt.Rtt, now.Sub(e.sent)), now.Sub(e.opened))
	return true
}

// prohibited is a logger that keeps silent, and ends a pinger that a prohibit
// route forbids to send: on EACCES the library sets SO_BROADCAST and tries
// again for ever, without a look at its context, and the only call on that way
// out of the library is this logger's.
type prohibited struct {
	probing.NoopLogger
	seen bool
}

// Infof is called before each new try after EACCES.
func (p *prohibited) Infof(string, ...any) {
	p.seen = true
	runtime.Goexit()
}
