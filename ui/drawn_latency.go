package ui

import (
	"slices"
	"time"

	"flapscope/history/timeline"
)

const (
	// maxDrawn bounds the charts whose columns are kept.
	maxDrawn = 64
	// lateAnswers is how long what became of a probe may still change.
	lateAnswers = 30 * time.Second
)

// drawnLatency keeps the columns of the charts from picture to picture: to sum up a
// day of round trips takes a hundred times as long as the newest column alone.
type drawnLatency struct {
	of Timeline
	// version counts the pasts that were drawn.
	version int
	charts  map[drawnKey]drawnChart
}

// A drawnKey tells charts apart: of which target, how long, and in how many columns.
type drawnKey struct {
	target string
	width  time.Duration
	n      int
}

// A drawnChart is the columns of a chart as they were drawn last: from when on, until
// when nothing of them changes any more, and of which past.
type drawnChart struct {
	buckets       []timeline.Bucket
	from, settled time.Duration
	version       int
}

// latency returns the round trips of a target in n columns. Of a past that only grew
// what was settled when it was asked for last is not asked for again.
func (f *frame) latency(target string, span timeline.Span, n int) []timeline.Bucket {
	d, width := f.drawn, span.To-span.From
	if d.of != f.tl || d.charts == nil {
		d.of = f.tl
		d.version++
	}
	if d.charts == nil || len(d.charts) >= maxDrawn {
		d.charts = map[drawnKey]drawnChart{}
	}
	key := drawnKey{target, width, n}
	c := d.charts[key]
	known := c.columns(span, n, c.version == d.version, f.replay)
	if len(known) == n {
		return known
	}
	from := span.From + width*time.Duration(len(known))/time.Duration(n)
	rest := f.tl.Latency(target, timeline.Span{From: from, To: span.To}, n-len(known))
	buckets := append(slices.Clip(known), rest...)
	if len(rest) > 0 {
		d.charts[key] = drawnChart{buckets, span.From, f.tl.Bounds().To - lateAnswers, d.version}
	}
	return buckets
}

// columns returns those of the n columns of a span that are known; same is whether it
// is the past of the chart. That of a recording which is being read may change in any
// part.
func (c *drawnChart) columns(span timeline.Span, n int, same, replay bool) []timeline.Bucket {
	if len(c.buckets) != n || !same && replay {
		return nil
	}
	width := span.To - span.From
	moved := (span.From - c.from) * time.Duration(n)
	shift := int(moved / width)
	if moved%width != 0 || shift < 0 || shift >= n {
		return nil
	}
	past := n
	if !same {
		past = min(max(int((c.settled-c.from)*time.Duration(n)/width), 0), n)
	}
	if past <= shift {
		return nil
	}
	return c.buckets[shift:past]
}
