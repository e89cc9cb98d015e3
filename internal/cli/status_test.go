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

// A status waits for an answer, and for longer where there is none: silence is
// known only when several probes were lost.
func TestStatusWaitsForSilence(t *testing.T) {
	internet, gateway := &fact.Target{Role: fact.RoleInternet}, &fact.Target{Role: fact.RoleGateway}
	answered := map[string]*state.TargetState{"a": {Target: internet}, "b": {Target: internet, Answered: 1}}
	silent := map[string]*state.TargetState{"a": {Target: internet, Lost: 1, LostSince: time.Hour}, "b": {Target: gateway}}
	beyond := map[string]*state.TargetState{"a": {Target: internet}, "b": {Target: gateway, Answered: 1}}
	resolver := &fact.Target{Role: fact.RoleResolver}
	refused := map[string]*state.TargetState{"a": {Target: internet, Answered: 1}, "b": {Target: resolver, Last: &fact.ProbeResult{}, Lost: 1, LostSince: 2 * time.Hour}}
	refusedLong := map[string]*state.TargetState{"a": {Target: internet, Answered: 1}, "b": {Target: resolver, Last: &fact.ProbeResult{}, Lost: 3, LostSince: 2*time.Hour - 4*time.Second}}
	unheard := map[string]*state.TargetState{"a": {Target: internet, Answered: 1}, "b": {Target: resolver}}
	one := map[string]*state.TargetState{"a": {Target: &fact.Target{Role: fact.RoleInternet, Family: fact.IPv6}, Answered: 1}, "b": {Target: &fact.Target{Role: fact.RoleInternet, Family: fact.IPv4}}}
	for name, tt := range map[string]struct {
		targets map[string]*state.TargetState
		health  path.HealthState
		since   time.Duration
		want    bool
	}{
		"early":         {silent, path.HealthUnknown, 100 * time.Millisecond, false},
		"one-family":    {one, path.HealthOnline, 100 * time.Millisecond, false},
		"one-silent":    {one, path.HealthUnknown, 2600 * time.Millisecond, false},
		"known":         {answered, path.HealthOnline, 100 * time.Millisecond, true},
		"answered":      {answered, path.HealthUnknown, 2600 * time.Millisecond, true},
		"no-targets":    {nil, path.HealthUnknown, 2600 * time.Millisecond, true},
		"silent":        {silent, path.HealthUnknown, 2600 * time.Millisecond, false},
		"beyond":        {beyond, path.HealthUnknown, 2600 * time.Millisecond, false},
		"refused":       {refused, path.HealthOnline, 100 * time.Millisecond, false},
		"refused-long":  {refusedLong, path.HealthDegraded, 3100 * time.Millisecond, true},
		"not-yet":       {unheard, path.HealthOnline, 100 * time.Millisecond, false},
		"refused-ever":  {refused, path.HealthOnline, 8100 * time.Millisecond, true},
		"silence-known": {silent, path.HealthNoInternet, 5 * time.Second, true},
		"bounded":       {silent, path.HealthUnknown, 8100 * time.Millisecond, true},
	} {
		s := &fold.Snapshot{Mono: 2 * time.Hour, Raw: &path.Path{Status: path.Satisfied}, Targets: tt.targets, Health: path.Health{State: tt.health}}
		if got := (statusOptions{}).enough(true)(s, tt.since); got != tt.want {
			t.Errorf("%s: got %v, want %v", name, got, tt.want)
		}
	}
	s := &fold.Snapshot{Mono: time.Hour + 2500*time.Millisecond, Raw: &path.Path{Status: path.Satisfied}, Targets: silent, Health: path.Health{State: path.HealthUnknown}}
	var b strings.Builder
	if err := printStatus(&b, s, nil, nil, paint{}); err != nil {
		t.Fatal(err)
	}
	if first, _, _ := strings.Cut(b.String(), "\n"); !strings.HasSuffix(first, "  nothing answered in 2.5 s") {
		t.Errorf("the first line is %q", first)
	}
}
