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

// A Starter is a Prober whose probes wait for their answers without a goroutine
// each.
type Starter interface {
	Prober
	// Start asks t once, or returns false if that takes a goroutine. What is known
	// goes to report, which does not wait: the outcome, if it is not silence, then
	// an answer that is late, and one without an outcome for each that came once
	// more. The Flight is nil when nothing is in flight.
	Start(t *fact.Target, report func(fact.ProbeResult)) (Flight, bool)
	// Hold lets answers wait for Collect, or no longer, and Collect reports those
	// that there are: who will be awake soon need not be woken by each.
	Hold(on bool)
	Collect()
}

// A Flight is a probe in flight.
type Flight interface {
	// GiveUp ends the wait for an answer, and returns what silence means, or
	// false if an outcome was reported.
	GiveUp() (fact.ProbeResult, bool)
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
