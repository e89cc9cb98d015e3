package lan

import (
	"context"
	"errors"
	"net/netip"
	"sync"
	"syscall"
	"time"

	"flapscope/monitor/fact"
	"flapscope/probes/sock"
)

// Ports opens a connection to each port of a host, and closes it at once.
func Ports(ctx context.Context, host netip.Addr, index int, ports []uint16) []Port {
	out := make([]Port, len(ports))
	tick := time.NewTicker(time.Second / PortRate)
	defer tick.Stop()
	var running sync.WaitGroup
	for i, number := range ports {
		out[i] = Port{Number: number, Name: portName(number)}
		select {
		case <-ctx.Done():
			running.Wait()
			return out[:i]
		case <-tick.C:
		}
		running.Go(func() { out[i].ask(ctx, netip.AddrPortFrom(host, number), index) })
	}
	running.Wait()
	return out
}

// ask fills in what becomes of a connection.
func (p *Port) ask(ctx context.Context, to netip.AddrPort, index int) {
	ctx, cancel := context.WithTimeout(ctx, portWithin)
	defer cancel()
	began := time.Now()
	c, err := sock.Connect(ctx, to, index)
	p.RTT = time.Since(began)
	switch {
	case err == nil:
		p.Open = true
		c.Close()
	case errors.Is(err, syscall.ECONNREFUSED):
		p.Refused = true
	case ctx.Err() == nil:
		p.Words = fact.Untrusted(err.Error())
	}
}
