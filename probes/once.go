package probes

import (
	"context"
	"sync"
	"time"

	"flapscope/monitor/fact"
)

// Once asks targets once, all at the same time, and returns their results in the
// same order. It needs nobody who observes this machine, and works wherever the
// program builds. A target that did not answer in time is asked once more: the
// first packet to a neighbour may be lost before it is found.
func Once(ctx context.Context, c Config, targets []fact.Target) []fact.ProbeResult {
	mode, _ := PingMode() // Without one the results say so.
	return once(ctx, probers(c.Portal), mode, c, targets)
}

func once(ctx context.Context, all map[fact.Method]Prober, mode string, c Config, targets []fact.Target) []fact.ProbeResult {
	out := make([]fact.ProbeResult, len(targets))
	var flying sync.WaitGroup
	for i := range targets {
		t := targets[i]
		if pings(&t) {
			t.Mode = mode
		}
		if t.Method == fact.MethodDNS && t.Query == "" {
			t.Query = c.query()
		}
		flying.Go(func() {
			for range 2 {
				if out[i] = askOnce(ctx, all[t.Method], &t, timeout(t.Method, c.Timeout)); out[i].Outcome != fact.OutcomeTimeout {
					return
				}
			}
		})
	}
	flying.Wait()
	return out
}

func askOnce(ctx context.Context, p Prober, t *fact.Target, patience time.Duration) fact.ProbeResult {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	sent := bootTime()
	r := survive(ctx, p, t)
	r.Target, r.Sent = t.ID, sent
	return r
}
