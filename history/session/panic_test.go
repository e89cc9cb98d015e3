package session

import (
	"strings"
	"testing"

	"flapscope/monitor/fact"
)

// A broken source panics when it is read.
type broken struct{}

func (broken) ReadAt([]byte, int64) (int, error) { panic("boom") }

// What panics in a goroutine would end the process with the exit code of a
// mistake, and the terminal of a replay raw.
func TestPanicsAreErrors(t *testing.T) {
	for _, err := range ahead(func() int { return 0 }, func(func(fact.Observation, error) bool) { panic("boom") }) {
		if err == nil || !strings.HasPrefix(err.Error(), "panic: boom in ") {
			t.Errorf("ahead: got %v", err)
		}
	}
	got := new(rollupReader).read(&Reader{src: broken{}, members: []member{{flags: flagRollup, size: 9, raw: 9}}}, 0)
	if len(got) != 1 || got[0].err == nil || !strings.HasPrefix(got[0].err.Error(), "panic: boom in ") {
		t.Errorf("rollups: got %+v", got)
	}
}
