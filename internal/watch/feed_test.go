package watch

import (
	"context"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"flapscope/history/timeline"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/live"
	"flapscope/monitor/path"
)

func TestFeedBeforeTheFirstObservation(t *testing.T) {
	f := NewFeed(func() (time.Time, time.Duration) { return time.Unix(1, 0), time.Second }, timeline.DefaultLimits())
	if f.Snapshot() != nil || f.Timeline() != nil {
		t.Error("before anything is published: want nil")
	}
	// A state is published before anything was observed.
	f.publish(&fold.Snapshot{})
	if tl := f.Timeline(); tl != nil && tl.Bounds() != (timeline.Span{}) {
		t.Errorf("nothing observed: got bounds %v", tl.Bounds())
	}
}

// TestFeedPublishes checks how often the screen is told: not at all when nothing
// is observed, and four times a second when much is.
func TestFeedPublishes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		clock := func() (time.Time, time.Duration) { return time.Now(), time.Hour + time.Since(start) }
		m := live.New(path.DefaultSettings(), clock)
		feed := NewFeed(clock, timeline.DefaultLimits())
		m.Listen(feed)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go feed.Run(ctx, m)
		told := 0
		go func() {
			for {
				select {
				case <-ctx.Done():
					return
				case <-feed.Published():
					told++
				}
			}
		}()
		m.Observe(fact.Put, &fact.Sync{Source: "kernel"})
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if told == 0 || feed.Snapshot() == nil {
			t.Fatal("the first state does not reach the screen")
		}
		told = 0
		time.Sleep(time.Minute)
		synctest.Wait()
		if told > 0 {
			t.Errorf("told %d times of nothing", told)
		}
		for i := range 100 {
			time.Sleep(100 * time.Millisecond)
			m.Observe(fact.Put, &fact.Mark{Text: fact.Untrusted(strconv.Itoa(i))})
		}
		synctest.Wait()
		if told < 35 || told > 41 {
			t.Errorf("told %d times in 10 s of ten observations a second, want 40", told)
		}
	})
}
