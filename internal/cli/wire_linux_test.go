package cli

import (
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	"flapscope/history/session"
	"flapscope/internal/config"
	"flapscope/monitor/kernel"
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

// TestDefaults: a source without options observes as the shipped configuration
// does, and a store keeps as much.
func TestDefaults(t *testing.T) {
	c := config.Default().Kernel
	want := kernel.Options{
		RouterModeRoutes: kernel.DefaultRouterModeRoutes, Audit: kernel.DefaultAudit,
		LinkAudit: kernel.DefaultLinkAudit, ReceiveBuffer: kernel.DefaultReceiveBuffer,
	}
	got := kernel.Options{
		RouterModeRoutes: c.RouterModeRoutes, Audit: c.AuditInterval,
		LinkAudit: c.LinkAuditInterval, ReceiveBuffer: int(c.ReceiveBuffer),
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("configured %+v, by default %+v", got, want)
	}
	h := config.Default().History
	if h.MaxAge != session.DefaultMaxAge || h.MaxSize != session.DefaultMaxBytes {
		t.Errorf("the history is %v and %d bytes, by default %v and %d", h.MaxAge, h.MaxSize, session.DefaultMaxAge, session.DefaultMaxBytes)
	}
}
