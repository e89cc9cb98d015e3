package watch

import (
	"context"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"flapscope/history/timeline"
	"flapscope/monitor/fact"
	"flapscope/monitor/fact/facttest"
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

// TestFeedPublishesCounters: they change no state, are there when the screen draws
// next, and wake up nobody.
func TestFeedPublishesCounters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		clock := func() (time.Time, time.Duration) { return time.Now(), time.Hour + time.Since(start) }
		m := live.New(path.DefaultSettings(), clock)
		feed := NewFeed(clock, timeline.DefaultLimits())
		m.Listen(feed)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go feed.Run(ctx, m)
		m.Observe(fact.Put, &fact.Sync{Source: "kernel"})
		time.Sleep(time.Minute)
		m.Sample(func(*fold.Snapshot) {}) // What became of the first path is known.
		time.Sleep(time.Minute)
		<-feed.Published()
		for i := range 3 {
			m.Observe(fact.Put, &fact.Traffic{Index: 2, RxBytes: uint64(i) * 1000})
			synctest.Wait()
			if got, want := feed.View().Bounds().To, time.Hour+time.Since(start); got != want {
				t.Errorf("reading %d: the screen reads what is known until %v, want %v", i, got, want)
			}
			time.Sleep(time.Second)
		}
		select {
		case <-feed.Published():
			t.Error("the screen is woken up for counters")
		default:
		}
	})
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

// TestFeedPublishesOfACrowd: the screen is told of hundreds of interfaces as seldom
// as of anything else that is observed.
func TestFeedPublishesOfACrowd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		clock := func() (time.Time, time.Duration) { return time.Now(), time.Hour + time.Since(start) }
		m := live.New(path.DefaultSettings(), clock)
		feed := NewFeed(clock, timeline.DefaultLimits())
		m.Listen(feed)
		go feed.Run(t.Context(), m)
		m.Observe(fact.Put, &fact.Sync{Source: "kernel"})
		time.Sleep(5 * time.Second)
		synctest.Wait()
		told := 0
		published := func() {
			synctest.Wait()
			select {
			case <-feed.Published():
				told++
			default:
			}
		}
		published()
		told = 0
		for i := range 200 {
			m.Observe(fact.Put, facttest.LabLink(i+2, "v"+strconv.Itoa(i), true, true))
			published()
			time.Sleep(5 * time.Millisecond)
		}
		if told > 5 {
			t.Errorf("told %d times of 200 interfaces within a second, want 4 or 5", told)
		}
	})
}
