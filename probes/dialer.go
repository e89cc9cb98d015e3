package probes

import (
	"context"
	"net"
	"net/http/httptrace"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"flapscope/monitor/fact"
)

// dialer returns a dialer whose sockets are bound to interface index, unless
// that is 0, and hear who refuses what they send.
func dialer(index int) *net.Dialer {
	return &net.Dialer{KeepAlive: -1, Control: func(network, _ string, c syscall.RawConn) error {
		var err error
		if e := c.Control(func(fd uintptr) { err = prepare(fd, strings.HasSuffix(network, "6"), index) }); e != nil {
			return e
		}
		return os.NewSyscallError("setsockopt", err)
	}}
}

// device returns the interface that probes of t are bound to. What listens on
// the loopback network is reached through no other interface.
func device(t *fact.Target) int {
	if t.Addr.IsLoopback() {
		return 0
	}
	return t.Index
}

// zoned adds the zone that a link-local address needs. The index stands for the
// interface: package net caches names for a minute, and they may change hands.
func zoned(a netip.Addr, index int) netip.Addr {
	if index != 0 && a.Is6() && a.IsLinkLocalUnicast() {
		return a.WithZone(strconv.Itoa(index))
	}
	return a
}

// A stopwatch times the phases of a connection. The hooks of a request are
// called by several goroutines.
type stopwatch struct {
	mu                              sync.Mutex // guards all following
	resolving, connecting, securing time.Time
	wrote                           time.Time
	phases                          fact.Phases
}

// watch returns a context in which the phases of a request are timed, but those
// of its connection.
func (w *stopwatch) watch(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		WroteRequest:         func(httptrace.WroteRequestInfo) { w.start(&w.wrote) },
		GotFirstResponseByte: func() { w.stop(&w.wrote, &w.phases.FirstByte) },
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

// awaited says what did not come on a connection that was opened.
func (w *stopwatch) awaited() fact.Untrusted {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case !w.wrote.IsZero():
		return "no answer to the request"
	case !w.securing.IsZero():
		return silentHandshake
	}
	return ""
}

// connected notes how long the network took for a connection.
func (w *stopwatch) connected(took time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.phases.Connect = took
}

// times returns the phases so far.
func (w *stopwatch) times() fact.Phases {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.phases
}
