package probes

import (
	"context"
	"time"

	"flapscope/monitor"
)

// A Prober carries out probes of one method.
type Prober interface {
	// Probe asks t once and returns when the outcome is known, at the latest
	// soon after ctx ends: the deadline of ctx is the probe's timeout. It fills
	// in everything but Target and Sent. It neither keeps nor changes t, and is
	// safe for concurrent use.
	Probe(ctx context.Context, t *monitor.Target) monitor.ProbeResult
}

// A ProberFunc is a function that is a Prober.
type ProberFunc func(ctx context.Context, t *monitor.Target) monitor.ProbeResult

// Probe calls f.
func (f ProberFunc) Probe(ctx context.Context, t *monitor.Target) monitor.ProbeResult {
	return f(ctx, t)
}

// probers returns the probers that ask the real world.
func probers(portal Portal) map[monitor.Method]Prober {
	return map[monitor.Method]Prober{
		monitor.MethodPing: ProberFunc(ping),
		monitor.MethodDNS:  ProberFunc(query),
		monitor.MethodHTTP: httpProber{portal},
		monitor.MethodTCP:  ProberFunc(connect),
		monitor.MethodTLS:  ProberFunc(handshake),
	}
}

// timeout is how long a probe may take, where a ping may take ping. Methods of
// several round trips get more; those on TCP a second chance at least, since a
// lost SYN is sent again after one second (RFC 6298 §2).
func timeout(m monitor.Method, ping time.Duration) time.Duration {
	switch m {
	case monitor.MethodPing:
		return ping
	case monitor.MethodHTTP, monitor.MethodTLS:
		return ping * 5 / 2
	}
	return ping * 3 / 2
}

// failed returns the result of a probe that ended in err.
func failed(ctx context.Context, err error, p monitor.Phases) monitor.ProbeResult {
	outcome, detail := classify(ctx, err)
	return monitor.ProbeResult{Outcome: outcome, Detail: detail, Phases: p}
}
