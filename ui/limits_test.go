package ui

import (
	"fmt"
	"testing"
	"time"

	"flapscope/history/timeline"
	"flapscope/internal/scene"
)

// A crowdedLog is a timeline of which one instant has many items.
type crowdedLog struct {
	*timeline.View
	at    time.Duration
	items []timeline.Item
}

func (c *crowdedLog) Items(span timeline.Span, limit int) []timeline.Item {
	if span.From <= c.at && c.at < span.To {
		return c.items[:min(limit, len(c.items))]
	}
	return nil
}

func (c *crowdedLog) Nearest(from time.Duration, forward bool, _ timeline.Level) (timeline.Item, bool) {
	if forward && from < c.at {
		return c.items[0], true
	}
	return timeline.Item{}, false
}

// TestSameInstantIsBounded: of one item more at an instant than can be stepped
// through the oldest is stepped over, and every other one is reached once.
func TestSameInstantIsBounded(t *testing.T) {
	for _, n := range []int{maxSame, maxSame + 1} {
		feed := scene.New("failover")
		log := &crowdedLog{View: feed.View(), at: feed.End - time.Second}
		for i := range n {
			log.items = append(log.items, timeline.Item{Seq: n - i, Mono: log.at, Text: fmt.Sprint(n - i)})
		}
		p := &scope{}
		p.tl = log
		first, ok := p.oldestAfter(log.at - 1)
		if want := 1 + n - maxSame; !ok || first.Seq != want {
			t.Errorf("%d items: the first one stepped to is %d, want %d", n, first.Seq, want)
		}
		seen := 0
		for item, ok := first, true; ok && seen <= n; seen++ {
			p.selected = selection{on: true, item: item}
			item, ok = p.neighbour(true)
		}
		if seen != maxSame {
			t.Errorf("%d items: %d can be stepped through, want %d", n, seen, maxSame)
		}
	}
}
