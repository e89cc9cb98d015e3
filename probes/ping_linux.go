package probes

import (
	"context"
	"errors"

	"flapscope/monitor/fact"
	"flapscope/probes/echo"
)

// A pinger pings with sockets that stay open.
type pinger struct{ engine echo.Engine }

func newPinger() *pinger { return new(pinger) }

// Close closes the sockets.
func (p *pinger) Close() error { return p.engine.Close() }

// Probe implements Prober: it sends one ICMP echo request.
func (p *pinger) Probe(ctx context.Context, t *fact.Target) fact.ProbeResult {
	if t.Mode == "" {
		return failed(ctx, errNoPermission, fact.Phases{})
	}
	var w stopwatch
	addr, err := resolve(ctx, &w, t)
	if err != nil {
		return failed(ctx, err, w.times())
	}
	reply, err := p.engine.Ping(ctx, echo.Request{Addr: addr, Index: device(t), Raw: t.Mode == ModeRaw})
	if err == nil {
		return fact.ProbeResult{Outcome: fact.OutcomeOK, RTT: reply.RTT, Uncertain: reply.Uncertain, Phases: w.times()}
	}
	if isTimeout(err) && filteredStrictly(addr, device(t)) {
		err = errors.Join(errStrictFilter, err)
	}
	return refusedBy(err, failed(ctx, err, w.times()))
}
