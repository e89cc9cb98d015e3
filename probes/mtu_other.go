//go:build !linux

package probes

import (
	"context"
	"errors"

	"flapscope/monitor/fact"
)

// measureMTU needs packets that must not be fragmented.
func measureMTU(ctx context.Context, _ *fact.Target) fact.ProbeResult {
	return fact.ProbeResult{Outcome: fact.OutcomeNoData, Detail: fact.Untrusted(errors.ErrUnsupported.Error())}
}
