package cli

import (
	"testing"
	"time"

	"flapscope/history/timeline"
	"flapscope/monitor/fold"
)

func TestFeedBeforeTheFirstObservation(t *testing.T) {
	f := newLiveFeed(func() (time.Time, time.Duration) { return time.Unix(1, 0), time.Second }, timeline.DefaultLimits())
	if f.Snapshot() != nil || f.Timeline() != nil {
		t.Error("before anything is published: want nil")
	}
	// A state is published before anything was observed.
	f.publish(&fold.Snapshot{})
	if tl := f.Timeline(); tl != nil && tl.Bounds() != (timeline.Span{}) {
		t.Errorf("nothing observed: got bounds %v", tl.Bounds())
	}
}
