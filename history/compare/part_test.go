package compare

import (
	"testing"
	"time"

	"flapscope/history/timeline"
)

// The parts of a recording are all of it, once.
func TestParts(t *testing.T) {
	w := usual
	w.length = 2 * time.Hour
	s := w.side(3)
	spans := []timeline.Span{{From: begin + 10*time.Minute, To: begin + 20*time.Minute}, {From: begin + 15*time.Minute, To: begin + 30*time.Minute}, {From: begin + 110*time.Minute, To: begin + 3*time.Hour}}
	rest, inside := s.Parts(spans)
	sum := func(spans []timeline.Span) (d time.Duration) {
		for _, k := range spans {
			d += k.To - k.From
		}
		return d
	}
	if got := sum(inside.Observed); got != 30*time.Minute {
		t.Errorf("%v lie inside, want 30 min", got)
	}
	for what, n := range map[string][3]int{
		"observed": {int(sum(s.Observed)), int(sum(rest.Observed)), int(sum(inside.Observed))}, "down": {int(sum(s.Down)), int(sum(rest.Down)), int(sum(inside.Down))},
		"losses": {len(s.Losses), len(rest.Losses), len(inside.Losses)}, "outages": {len(s.Outages), len(rest.Outages), len(inside.Outages)},
		"roams": {len(s.Roams), len(rest.Roams), len(inside.Roams)}, "blocks": {len(s.legs[0].blocks), len(rest.legs[0].blocks), len(inside.legs[0].blocks)},
	} {
		if n[0] != n[1]+n[2] || n[2] == 0 {
			t.Errorf("%s: %d and %d of %d", what, n[1], n[2], n[0])
		}
	}
}
