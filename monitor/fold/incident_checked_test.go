package fold

import (
	"testing"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/path"
)

// TestCheckedAgainAfterLoss: what a diagnosis found stands again when the path is back
// that was lost meanwhile, as the same incident, which overlaps nothing.
func TestCheckedAgainAfterLoss(t *testing.T) {
	l := newLab(t, path.DefaultSettings()).boot()
	l.wait(2 * time.Second)
	l.put(&fact.Check{
		Trigger: fact.CheckAttached, Begun: l.now, Took: time.Millisecond, Index: 2, State: "degraded", Text: "HTTPS is blocked.",
		Findings: []fact.CheckFinding{{What: "https_blocked", Leg: "tls", Index: 2, Detail: "resets from every operator", Since: l.now}},
	})
	l.wait(10 * time.Second)
	l.lose()
	l.wait(10 * time.Second)
	l.gain()
	l.wait(10 * time.Second)
	var last []*Incident
	for _, e := range l.events {
		if i := e.Incident; i != nil && i.Root.What == path.HTTPSBlocked {
			last = append(last, i)
		}
	}
	if len(last) == 0 {
		t.Fatal("no incident")
	}
	first, now := last[0], last[len(last)-1]
	if now.ID != first.ID || now.Count != 2 || !now.Open() {
		t.Errorf("got #%d %d ×, open %v: %s; want #%d come back", now.ID, now.Count, now.Open(), now.Text, first.ID)
	}
	want := fact.Untrusted("HTTPS on eth0 is blocked: resets from every operator")
	if first.Text != want {
		t.Errorf("got %s, want %s", first.Text, want)
	}
}
