package cli

import (
	"testing"

	"flapscope/history/session"
	"flapscope/history/timeline"
	"flapscope/internal/replay"
	"flapscope/internal/replay/replaytest"
	"flapscope/monitor/path"
)

// A recording, and the facts of the machine in it.
var recorded, wired = replaytest.Recorded, replaytest.Wired

// readAll returns a recording as replay reads it to its end, and its chain.
func readAll(t *testing.T, name string) (*replay.Reading, *session.Chain) {
	t.Helper()
	c, err := session.OpenChain([]string{name})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	var span timeline.Span
	span.From, span.To = c.Bounds()
	r := replay.New(c, span, func(k *session.Run) (path.Settings, bool, error) { return k.Settings(), false, nil })
	if err := r.Load(nil); err != nil {
		t.Fatal(err)
	}
	return r, c
}
