package watch

import (
	"fmt"
	"testing"

	"flapscope/history/pattern"
	"flapscope/monitor/fact"
)

// A machine whose interfaces come and go under new names has new patterns for as long
// as it runs.
func TestKnownPatternsAreBounded(t *testing.T) {
	known := map[string]bool{}
	for i := range 3 * maxKnown {
		p := pattern.Pattern{Interface: fact.Untrusted(fmt.Sprintf("veth%d", i))}
		if got := unknown(known, []pattern.Pattern{p, p}); len(got) != 1 {
			t.Fatalf("%d of the same two are new, want 1", len(got))
		}
		if len(unknown(known, []pattern.Pattern{p})) != 0 {
			t.Fatal("what was found just now is new again")
		}
	}
	if len(known) > maxKnown {
		t.Errorf("%d titles are known, at most %d are kept", len(known), maxKnown)
	}
}
