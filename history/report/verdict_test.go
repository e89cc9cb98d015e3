package report

import (
	"strings"
	"testing"
	"time"

	"flapscope/history/timeline"
)

// A report that has two figures for the time without internet says what each is.
func TestVerdictSaysWhatIsAdded(t *testing.T) {
	for _, lost := range []time.Duration{40 * time.Second, 46 * time.Second} {
		share := Share{}
		r := Report{Observed: time.Minute, Reachable: &share, dead: []timeline.Span{{To: 40 * time.Second}}, Incidents: []Incident{
			{Class: ClassDead, Text: "eth0 lost its carrier 2 ×, 3 s to 37 s each, 40 s in all", Count: 2, Lost: lost},
		}}
		r.verdict()
		if said := strings.HasSuffix(r.Summary, howAdded); said != (lost != 40*time.Second) {
			t.Errorf("%s of 40 s: %q", lost, r.Summary)
		}
		if !strings.Contains(r.Summary, "eth0 lost its carrier (2 times") {
			t.Errorf("it says twice how often: %q", r.Summary)
		}
	}
}
