package stats

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"flapscope/history/timeline"
	"flapscope/history/timeline/timelinetest"
	"flapscope/monitor/path"
)

func TestAvailability(t *testing.T) {
	cut := timelinetest.Strip(0, timeline.LevelGood, 10, timeline.LevelGood, 10, timeline.LevelGap, 3600, timeline.LevelGood, 10, timeline.LevelBad, 20, timeline.LevelGood, 20)
	cut[0].Label, cut[1].Label, cut[3].Label, cut[5].Label = "eth0", "wlan0", "wlan0", "eth0"
	want := Availability{
		Observed: 70 * time.Second, Good: 50 * time.Second, Bad: 20 * time.Second,
		Outages: 1, Longest: 20 * time.Second, Failovers: 1,
	}
	settled := slices.Clone(cut)
	whole := timeline.Span{From: 0, To: 1 << 60}
	if diff := cmp.Diff(want, AvailabilityOf(cut, settled, whole, path.DefaultSettings())); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	part := AvailabilityOf(cut, settled, timeline.Span{From: 5 * time.Second, To: 20 * time.Second}, path.DefaultSettings())
	if part.Observed != 15*time.Second || part.Bad != 0 {
		t.Errorf("the first 5 s left out: %+v", part)
	}
	if cut[0].From != 0 {
		t.Errorf("the segments were changed: %+v", cut[0])
	}
}
