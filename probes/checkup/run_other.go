//go:build !linux

package checkup

import (
	"context"

	"flapscope/monitor/verdict"
)

// Run diagnoses nothing but on Linux.
func Run(context.Context, Config, Scope) (*verdict.Evidence, Stats) {
	return &verdict.Evidence{}, Stats{}
}
