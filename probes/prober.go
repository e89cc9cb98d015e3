package probes

import (
	"context"

	"flapscope/monitor/fact"
)

// A Prober carries out probes of one method.
type Prober interface {
	// Probe asks t once and returns when the outcome is known, at the latest
	// soon after ctx ends: the deadline of ctx is the probe's timeout. It fills
	// in everything but Target and Sent. It neither keeps nor changes t, and is
	// safe for concurrent use.
	Probe(ctx context.Context, t *fact.Target) fact.ProbeResult
}

// A ProberFunc is a function that is a Prober.
type ProberFunc func(ctx context.Context, t *fact.Target) fact.ProbeResult

// Probe calls f.
func (f ProberFunc) Probe(ctx context.Context, t *fact.Target) fact.ProbeResult {
	return f(ctx, t)
}

// failed returns the result of a probe that ended in err.
func failed(ctx context.Context, err error, p fact.Phases) fact.ProbeResult {
	outcome, detail := classify(ctx, err)
	return fact.ProbeResult{Outcome: outcome, Detail: detail, Phases: p}
}
