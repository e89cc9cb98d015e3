package probes

import (
	"context"
	"errors"
	"net/netip"
	"syscall"

	"flapscope/monitor/fact"
	"flapscope/probes/sock"
)

// knock sends a datagram to a port on which nobody listens. That the target says
// so is its answer; where somebody listens after all and answers, so is that. It
// needs no permission, and Linux answers once a second (icmp_ratelimit).
func knock(ctx context.Context, t *fact.Target) fact.ProbeResult {
	var w stopwatch
	addr, err := resolve(ctx, &w, t)
	if err != nil {
		return failed(ctx, err, w.times())
	}
	k, err := sock.KnockUDP(ctx, netip.AddrPortFrom(addr, t.Port), device(t), []byte(knockPayload))
	if errors.Is(err, syscall.EAGAIN) {
		err = errors.Join(errNoPorts, err) // What connect says where a datagram has none.
	}
	if r := k.Refused; err == nil && r != nil && (!r.Port() || !r.Target()) {
		err = r
	}
	if err = better(err, addr, device(t)); err != nil {
		return refusedBy(err, failed(ctx, err, w.times()))
	}
	r := fact.ProbeResult{Outcome: fact.OutcomeOK, RTT: k.RTT, Uncertain: k.Uncertain, Phases: w.times(), TTL: k.TTL, Index: k.Index}
	if k.Refused == nil {
		r.Detail = "somebody listens on the port"
	}
	return r
}
