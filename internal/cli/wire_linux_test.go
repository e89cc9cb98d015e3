package cli

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"flapscope/internal/config"
	"flapscope/probes"
)

// Package probes tests that its default plan fits its budget; this is the plan
// that runs.
func TestDefaultProbesAreThoseThatRun(t *testing.T) {
	c := config.Default()
	if diff := cmp.Diff(probes.DefaultConfig(), probeConfig(&c.Probes)); diff != "" {
		t.Errorf("(-default +configured):\n%s", diff)
	}
}
