package cli

import (
	"runtime/debug"
	"testing"
)

// TestModest checks that a screen collects memory more often than usual, until it
// ends, and not where the user says how often.
func TestModest(t *testing.T) {
	percent := func() int {
		now := debug.SetGCPercent(-1)
		debug.SetGCPercent(now)
		return now
	}
	before := percent()
	for _, c := range []struct {
		name, set string
		want      int
	}{{"GOGC", "80", before}, {"GOMEMLIMIT", "1GiB", before}, {"HOME", "/", livePercent}} {
		a := &App{Env: func(name string) string {
			if name == c.name {
				return c.set
			}
			return ""
		}}
		back := a.modest(livePercent)
		if got := percent(); got != c.want {
			t.Errorf("with %s=%s memory is collected at %d %%, want %d", c.name, c.set, got, c.want)
		}
		back()
		if got := percent(); got != before {
			t.Errorf("afterwards memory is collected at %d %%, want %d", got, before)
		}
	}
}
