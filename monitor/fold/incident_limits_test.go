package fold

import (
	"testing"
	"time"

	"flapscope/monitor/fact"
)

// TestIncidentIsBounded: what comes back for ever is one incident, and each of
// its reports holds no more than the one before.
func TestIncidentIsBounded(t *testing.T) {
	const times = 2 * max(keepExplained, keepLags)
	cable := &trouble{declared: true, state: troubleOver}
	c := incidents{troubles: []*trouble{cable}}
	for i := range times {
		at := time.Duration(i) * time.Minute
		cable.add(&trouble{began: fact.Instant{Mono: at}, Incident: Incident{To: fact.Instant{Mono: at + time.Second}}})
		// It is told of when it begins and when it ends.
		c.episode(&Episode{ID: i, StartMono: at, Open: true})
		c.episode(&Episode{ID: i, StartMono: at})
	}
	i := cable.form(fact.Instant{Mono: times * time.Minute}, PhaseUpdate)
	if n := len(i.Episodes); n != keepExplained || i.Episodes[n-1] != times-1 {
		t.Errorf("%d episodes are named, want %d, the newest last", n, keepExplained)
	}
	if i.Count != times || i.Pattern == nil || i.Pattern.Of != keepLags {
		t.Errorf("%d times, with the pattern %+v of %d", i.Count, i.Pattern, keepLags)
	}
}
