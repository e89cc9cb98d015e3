package cli

import (
	"strings"
	"testing"
	"time"

	"flapscope/monitor"
)

// A status waits for an answer, and for longer where there is none: silence is
// known only when several probes were lost.
func TestStatusWaitsForSilence(t *testing.T) {
	internet, gateway := &monitor.Target{Role: monitor.RoleInternet}, &monitor.Target{Role: monitor.RoleGateway}
	answered := map[string]*monitor.TargetState{"a": {Target: internet}, "b": {Target: internet, Answered: 1}}
	silent := map[string]*monitor.TargetState{"a": {Target: internet, Lost: 1, LostSince: time.Hour}, "b": {Target: gateway}}
	beyond := map[string]*monitor.TargetState{"a": {Target: internet}, "b": {Target: gateway, Answered: 1}}
	for name, tt := range map[string]struct {
		targets map[string]*monitor.TargetState
		health  monitor.HealthState
		since   time.Duration
		want    bool
	}{
		"early":         {silent, monitor.HealthUnknown, 100 * time.Millisecond, false},
		"known":         {answered, monitor.HealthOnline, 100 * time.Millisecond, true},
		"answered":      {answered, monitor.HealthUnknown, 2600 * time.Millisecond, true},
		"no-targets":    {nil, monitor.HealthUnknown, 2600 * time.Millisecond, true},
		"silent":        {silent, monitor.HealthUnknown, 2600 * time.Millisecond, false},
		"beyond":        {beyond, monitor.HealthUnknown, 2600 * time.Millisecond, false},
		"silence-known": {silent, monitor.HealthNoInternet, 5 * time.Second, true},
		"bounded":       {silent, monitor.HealthUnknown, 8100 * time.Millisecond, true},
	} {
		s := &monitor.Snapshot{Raw: &monitor.Path{Status: monitor.Satisfied}, Targets: tt.targets, Health: monitor.Health{State: tt.health}}
		if got := (statusOptions{}).enough(true)(s, tt.since); got != tt.want {
			t.Errorf("%s: got %v, want %v", name, got, tt.want)
		}
	}
	s := &monitor.Snapshot{Mono: time.Hour + 2500*time.Millisecond, Raw: &monitor.Path{Status: monitor.Satisfied}, Targets: silent, Health: monitor.Health{State: monitor.HealthUnknown}}
	var b strings.Builder
	if err := printStatus(&b, s, nil, nil, paint{}); err != nil {
		t.Fatal(err)
	}
	if first, _, _ := strings.Cut(b.String(), "\n"); !strings.HasSuffix(first, "  nothing answered in 2.5 s") {
		t.Errorf("the first line is %q", first)
	}
}
