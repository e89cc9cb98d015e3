package ui

import (
	"time"

	"flapscope/history"
	"flapscope/internal/scene"
	"flapscope/monitor"
)

// A cached scene answers each question once, so that a benchmark measures the
// drawing and not the story.
type cached struct {
	*scene.Scene
	snap    *monitor.Snapshot
	buckets map[string][]history.Bucket
	stats   map[string]history.Stats
}

// Snapshot implements Feed.
func (c *cached) Snapshot() *monitor.Snapshot {
	if c.snap == nil {
		c.snap = c.Scene.Snapshot()
	}
	return c.snap
}

// Timeline implements Feed.
func (c *cached) Timeline() Timeline { return c }

// Latency implements Timeline.
func (c *cached) Latency(target string, span history.Span, n int) []history.Bucket {
	key := target + "/" + num(int64(n)) + "/" + num(int64(span.To-span.From)/int64(time.Second))
	if c.buckets == nil {
		c.buckets = map[string][]history.Bucket{}
	}
	if c.buckets[key] == nil {
		c.buckets[key] = c.Scene.Latency(target, span, n)
	}
	return c.buckets[key]
}

// Stats implements Timeline.
func (c *cached) Stats(target string, span history.Span) history.Stats {
	if c.stats == nil {
		c.stats = map[string]history.Stats{}
	}
	st, ok := c.stats[target]
	if !ok {
		st = c.Scene.Stats(target, span)
		c.stats[target] = st
	}
	return st
}
