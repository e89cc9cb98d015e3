package timeline

import (
	"slices"
	"sort"
	"time"

	"flapscope/monitor/fact"
)

// A change is the condition of a scope from some instant on, until the next.
type change struct {
	at    time.Duration
	level Level
	label fact.Untrusted
	note  string
}

func (c change) same(d change) bool {
	return c.level == d.level && c.label == d.label && c.note == d.note
}

// A levelSeries is how one scope went: its changes in order. Done is append-only
// and shared with readers; last, the newest change, may still be corrected in
// the instant in which it was made, and is copied.
type levelSeries struct {
	done []change
	last change
	// known is whether there is a last.
	known bool
}

// set records that the scope is as c says from c.at on.
func (k *levelSeries) set(c change) {
	switch {
	case !k.known:
		k.last, k.known = c, true
		return
	case k.last.same(c):
		return
	}
	c.at = max(c.at, k.last.at)
	if c.at > k.last.at || k.last.level == LevelBad {
		// A loss that was over in the same instant stays visible.
		k.done = append(k.done, k.last)
		k.last = c
		return
	}
	// Several facts of one instant: only their sum counts.
	if n := len(k.done); n > 0 && k.done[n-1].same(c) {
		k.last = k.done[n-1]
		k.done = k.done[: n-1 : n-1]
		return
	}
	k.last = c
}

// gap records that nothing can be claimed in [from, to), and goes on as before
// from then on.
func (k *levelSeries) gap(from, to time.Duration, label fact.Untrusted) {
	if !k.known || k.last.level == LevelNone {
		return
	}
	// What was recorded since it began, as of what is known after it, is moved to
	// its end.
	after := k.last
	var later []change
	for n := len(k.done); n > 0 && k.last.at > from; n-- {
		if k.last.at > to {
			later = append(later, k.last)
			after = k.done[n-1]
		}
		k.last, k.done = k.done[n-1], k.done[:n-1:n-1]
	}
	k.set(change{at: from, level: LevelGap, label: label})
	after.at = to
	k.set(after)
	for _, c := range slices.Backward(later) {
		k.set(c)
	}
}

// trim drops what ended before limit, and the oldest beyond most.
func (k *levelSeries) trim(limit time.Duration, most int) {
	n := 0
	for n < len(k.done) && k.end(n) < limit {
		n++
	}
	n = max(n, len(k.done)-most)
	// A copy now and then, so that the array behind does not keep the dropped.
	if n > 64 && n > len(k.done)/4 {
		k.done = slices.Clone(k.done[n:])
	}
}

// end returns where change i of done ends.
func (k *levelSeries) end(i int) time.Duration {
	if i+1 < len(k.done) {
		return k.done[i+1].at
	}
	return k.last.at
}

// segments calls fn for every segment that overlaps span, oldest first. The
// newest one ends at now. An empty segment lies in the span that holds it.
func (k *levelSeries) segments(span Span, now time.Duration, fn func(s Segment)) {
	if !k.known {
		return
	}
	first := sort.Search(len(k.done), func(i int) bool { return max(k.end(i), k.done[i].at+1) > span.From })
	for i := first; i < len(k.done) && k.done[i].at < span.To; i++ {
		fn(k.done[i].segment(k.end(i)))
	}
	if k.last.at < span.To && max(now, k.last.at+1) > span.From {
		fn(k.last.segment(max(now, k.last.at)))
	}
}

func (c change) segment(end time.Duration) Segment {
	return Segment{Span: Span{c.at, end}, Level: c.level, Label: c.label, Note: c.note}
}

// levelAt returns the level that held at an instant.
func (k *levelSeries) levelAt(at time.Duration) Level {
	if !k.known {
		return LevelNone
	}
	if at >= k.last.at {
		return k.last.level
	}
	i := sort.Search(len(k.done), func(i int) bool { return k.done[i].at > at })
	if i == 0 {
		return LevelNone
	}
	return k.done[i-1].level
}

// strip returns the worst level in each column. The newest level goes on past
// now.
func (k *levelSeries) strip(c columns) []Level {
	out := make([]Level, c.n)
	k.segments(c.Span, c.To, func(s Segment) {
		c.each(s.From, s.To, func(i int) { out[i] = max(out[i], s.Level) })
	})
	return out
}
