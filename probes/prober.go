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

// timeout is how long a probe may take. Two seconds for a ping, since more than
// that is dead for people and Wi-Fi, cellular and satellite links stay below
// it; TCP sends a lost SYN again after one second (RFC 6298 §2), so the methods
// on it get a second chance.
func timeout(m monitor.Method) time.Duration {
	switch m {
	case monitor.MethodPing:
		return 2 * time.Second
	case monitor.MethodHTTP, monitor.MethodTLS:
		return 5 * time.Second
	}
	return 3 * time.Second
}

// failed returns the result of a probe that ended in err.
func failed(ctx context.Context, err error, p monitor.Phases) monitor.ProbeResult {
	outcome, detail := classify(ctx, err)
	return monitor.ProbeResult{Outcome: outcome, Detail: detail, Phases: p}
}
