package probes

import (
	"context"
	"crypto/tls"
	"net"
	"net/http/httptrace"
	"net/netip"
	"os"
	"strconv"
	"sync"
	"syscall"
	"time"

	"flapscope/monitor/fact"
)

// dialer returns a dialer whose sockets are bound to interface index, unless
// that is 0.
func dialer(index int) *net.Dialer {
	d := &net.Dialer{KeepAlive: -1}
	if index != 0 {
		d.Control = func(_, _ string, c syscall.RawConn) error {
			var err error
			if e := c.Control(func(fd uintptr) { err = bind(fd, index) }); e != nil {
				return e
			}
			return os.NewSyscallError("setsockopt", err)
		}
	}
	return d
}

// device returns the interface that probes of t are bound to. What listens on
// the loopback network is reached through no other interface.
func device(t *fact.Target) int {
	if t.Addr.IsLoopback() {
		return 0
	}
	return t.Index
}

// hostport returns where t is, in the form that net.Dial takes.
func hostport(t *fact.Target) string {
	host := string(t.Host)
	if t.Addr.IsValid() {
		host = zoned(t.Addr, t.Index).String()
	}
	return net.JoinHostPort(host, strconv.Itoa(int(t.Port)))
}

// zoned adds the zone that a link-local address needs. The index stands for the
// interface: package net caches names for a minute, and they may change hands.
func zoned(a netip.Addr, index int) netip.Addr {
	if index != 0 && a.Is6() && a.IsLinkLocalUnicast() {
		return a.WithZone(strconv.Itoa(index))
	}
	return a
}

// A stopwatch times the phases of a connection. Dials to both families run at
// the same time (RFC 8305), so its hooks are called concurrently.
type stopwatch struct {
	mu                              sync.Mutex // guards all following
	resolving, connecting, securing time.Time
	wrote                           time.Time
	phases                          fact.Phases
}

// watch returns a context in which the phases of dials and requests are timed.
func (w *stopwatch) watch(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		DNSStart: func(httptrace.DNSStartInfo) { w.start(&w.resolving) },
		DNSDone:  func(httptrace.DNSDoneInfo) { w.stop(&w.resolving, &w.phases.Resolve) },
		ConnectStart: func(_, _ string) {
			w.start(&w.connecting)
		},
		ConnectDone: func(_, _ string, err error) {
			if err == nil {
				w.stop(&w.connecting, &w.phases.Connect)
			}
		},
		WroteRequest:         func(httptrace.WroteRequestInfo) { w.start(&w.wrote) },
		GotFirstResponseByte: func() { w.stop(&w.wrote, &w.phases.FirstByte) },
		TLSHandshakeStart:    func() { w.start(&w.securing) },
		TLSHandshakeDone:     func(tls.ConnectionState, error) { w.stop(&w.securing, &w.phases.TLS) },
	})
}

// start notes when a phase began; the first of several beginnings counts.
func (w *stopwatch) start(at *time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if at.IsZero() {
		*at = time.Now()
	}
}

// stop notes how long a phase took; the first of several ends counts.
func (w *stopwatch) stop(from *time.Time, took *time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !from.IsZero() && *took == 0 {
		*took = time.Since(*from)
	}
}

// times returns the phases so far.
func (w *stopwatch) times() fact.Phases {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.phases
}
