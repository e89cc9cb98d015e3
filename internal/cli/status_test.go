package cli

import (
	"strings"
	"testing"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
	"flapscope/monitor/state"
)

// Of silence a status says how long it has lasted.
func TestStatusOfSilence(t *testing.T) {
	targets := map[string]*state.TargetState{
		"a": {Target: &fact.Target{Role: fact.RoleInternet}, Lost: 1, LostSince: time.Hour},
		"b": {Target: &fact.Target{Role: fact.RoleGateway}},
	}
	s := &fold.Snapshot{Mono: time.Hour + 2500*time.Millisecond, Raw: &path.Path{Status: path.Satisfied}, Targets: targets, Health: path.Health{State: path.HealthUnknown}}
	var b strings.Builder
	if err := printStatus(&b, &statusView{Snapshot: s}, paint{}); err != nil {
		t.Fatal(err)
	}
	if first, _, _ := strings.Cut(b.String(), "\n"); !strings.HasSuffix(first, "  nothing answered in 2.5 s") {
		t.Errorf("the first line is %q", first)
	}
}

// Of a recording a status says how it was at the end, and the last episodes only.
func TestStatusOfRecording(t *testing.T) {
	out, bad, _ := runMain(t, nil, "status", sampleFile)
	if !strings.HasPrefix(out, "satisfied  eth0 (virtual)  online") {
		t.Errorf("stdout %q, stderr %q", out, bad)
	}
	if n := strings.Count(out, "\n  episode "); n != shownEpisodes {
		t.Errorf("%d episodes, want %d:\n%s", n, shownEpisodes, out)
	}
}
