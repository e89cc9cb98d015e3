//go:build !linux

package probes

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"syscall"
	"time"

	"flapscope/monitor/fact"
)

// knock sends a datagram to a port on which nobody listens. Who says so is not
// known here.
func knock(ctx context.Context, t *fact.Target) fact.ProbeResult {
	var w stopwatch
	addr, err := resolve(ctx, &w, t)
	if err != nil {
		return failed(ctx, err, w.times())
	}
	conn, err := dialer(device(t)).DialContext(ctx, "udp", netip.AddrPortFrom(zoned(addr, t.Index), t.Port).String())
	if err != nil {
		return failed(ctx, err, w.times())
	}
	defer conn.Close()
	sent := time.Now()
	err = ask(ctx, conn)
	if err != nil && !errors.Is(err, syscall.ECONNREFUSED) {
		return failed(ctx, err, w.times())
	}
	return fact.ProbeResult{Outcome: fact.OutcomeOK, RTT: time.Since(sent), Uncertain: true, Phases: w.times()}
}

// ask sends the datagram and waits for what comes back.
func ask(ctx context.Context, conn net.Conn) error {
	defer context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })()
	if _, err := conn.Write([]byte(knockPayload)); err != nil {
		return err
	}
	_, err := conn.Read(make([]byte, 1))
	return err
}
