package probes

import (
	"context"
	"net/netip"
	"time"

	"flapscope/monitor/fact"
	"flapscope/probes/echo"
)

// A pinger pings with sockets that stay open.
type pinger struct {
	engine echo.Engine
	// far is the internet target on the way to which this machine's queue is
	// looked at, and farAsked when that was. They belong to whoever calls Start.
	far      string
	farAsked time.Duration
}

const (
	// longQueue is from when on a wait in this machine's own queue is said.
	longQueue = time.Millisecond
	// farAway is when another target takes the place of one that is not asked any
	// more.
	farAway = 10 * time.Second
)

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
	reply, err := p.engine.Ping(ctx, echoRequest(t, addr))
	r := pinged(ctx, t, addr, echo.Answer{Reply: reply, Err: err})
	r.Phases = w.times()
	return r
}

func echoRequest(t *fact.Target, addr netip.Addr) echo.Request {
	return echo.Request{Addr: addr, Index: device(t), Raw: t.Mode == ModeRaw}
}

// pinged says what an answer means, or an error in place of one.
func pinged(ctx context.Context, t *fact.Target, addr netip.Addr, a echo.Answer) fact.ProbeResult {
	err := a.Err
	if err == nil {
		r := fact.ProbeResult{Outcome: fact.OutcomeOK, RTT: a.RTT, Uncertain: a.Uncertain, TTL: a.TTL, Index: a.Index}
		if a.Late {
			r.Outcome = fact.OutcomeLate
		}
		if a.Queue >= longQueue {
			r.Queue = a.Queue
		}
		return r
	}
	err = better(err, addr, device(t))
	return refusedBy(err, failed(ctx, err, fact.Phases{}))
}

// Start implements Starter.
func (p *pinger) Start(t *fact.Target, report func(fact.ProbeResult)) (Flight, bool) {
	switch {
	case t.Mode == "":
		report(failed(context.Background(), errNoPermission, fact.Phases{}))
		return nil, true
	case !t.Addr.IsValid():
		return nil, false // The name is looked up first.
	}
	request := echoRequest(t, t.Addr)
	request.Queue = p.nearOrFar(t)
	f, err := p.engine.Send(request, func(a echo.Answer) {
		if a.Again {
			report(fact.ProbeResult{Duplicates: 1})
			return
		}
		report(pinged(context.Background(), t, t.Addr, a))
	})
	if err != nil {
		report(pinged(context.Background(), t, t.Addr, echo.Answer{Err: err}))
		return nil, true
	}
	return echoFlight{f, t}, true
}

// nearOrFar reports whether to look at this machine's own queue on the way to t:
// for the gateways, and one target beyond them.
func (p *pinger) nearOrFar(t *fact.Target) bool {
	if t.Role != fact.RoleInternet {
		return t.Role == fact.RoleGateway
	}
	now := bootTime()
	if t.ID != p.far && now-p.farAsked < farAway {
		return false
	}
	p.far, p.farAsked = t.ID, now
	return true
}

// Hold implements Starter.
func (p *pinger) Hold(on bool) { p.engine.Hold(on) }

// Collect implements Starter.
func (p *pinger) Collect() { p.engine.Collect() }

// An echoFlight is a ping in flight.
type echoFlight struct {
	flight *echo.Flight
	target *fact.Target
}

// GiveUp implements Flight.
func (f echoFlight) GiveUp() (fact.ProbeResult, bool) {
	stranger, waited := f.flight.GiveUp()
	if !waited {
		return fact.ProbeResult{}, false
	}
	err := context.DeadlineExceeded
	if stranger.IsValid() {
		err = &echo.StrangerError{Addr: stranger}
	}
	return pinged(context.Background(), f.target, f.target.Addr, echo.Answer{Err: err}), true
}
