package ui

import (
	"slices"
	"time"

	"flapscope/history/timeline"
)

// A foldedLog is a stretch of the log that was folded, of which a list shows some
// lines. It is kept from picture to picture: folding looks at thousands of lines,
// and most pictures show nearly the same ones again.
type foldedLog struct {
	of Timeline
	// toggles is how many groups had been folded or unfolded by then.
	toggles int
	lines   []timeline.Item
	// edge is the end of what had happened at the cursor, and newest and oldest are
	// whether nothing is known beyond the lines.
	edge           time.Duration
	newest, oldest bool
	// top is the instant of the newest line that was looked at, until the newest one
	// of a group, and most whether there were as many lines as are looked at.
	top, until time.Duration
	most       bool
}

// log returns the lines of the log for n rows, with what repeats folded: those
// before the cursor, and above them a few of those after it.
func (f *frame) log(n int) []timeline.Item {
	if l := f.folded; l.of == f.tl && l.toggles == f.toggles {
		if lines, ok := f.rows(l, n); ok {
			return lines
		}
	}
	for many := 4 * n; ; many *= 2 {
		*f.folded = f.foldLog(many)
		if lines, ok := f.rows(f.folded, n); ok || f.folded.most {
			return lines
		}
	}
}

// foldLog folds the lines around the cursor, so many before it.
func (f *frame) foldLog(many int) foldedLog {
	l := foldedLog{of: f.tl, toggles: f.toggles, edge: f.listEdge(), most: many >= mostFolded}
	var after []timeline.Item
	if !f.live {
		after = f.later(l.edge-1, many/2)
	}
	before := f.tl.Items(timeline.Span{From: f.tl.Bounds().From, To: l.edge}, many)
	l.newest, l.oldest = len(after) < many/2, len(before) < many
	all := append(after, before...)
	if len(all) > 0 {
		l.top = all[0].Mono
	}
	l.lines, l.until = foldItems(all, f.unfolded)
	return l
}

// listEdge returns the end of what had happened at the cursor, or when the selected
// line did.
func (f *frame) listEdge() time.Duration {
	edge := f.at + 1
	if f.selected.on {
		edge = max(edge, f.selected.item.Mono+1)
	}
	return edge
}

// rows returns the lines for n rows, and whether they are the same as if more were
// looked at: a group at either end may go on behind it. Where no more are, those
// around an instant nearby will do.
func (f *frame) rows(l *foldedLog, n int) ([]timeline.Item, bool) {
	current := f.currentIndex(l.lines)
	found := current >= 0 || !f.selected.on
	switch {
	case current >= 0:
	case f.live || f.selected.on:
		current = 0
	default:
		current = max(len(l.lines)-1, 0) // all is to come: the first of it
	}
	first := max(0, min(current-n/3, len(l.lines)-n))
	rows := l.lines[first:min(first+n, len(l.lines))]
	newest := l.newest || current > n/3 && (l.until < l.top-foldWithin || slices.IndexFunc(l.lines, isFold) < first)
	oldest := l.oldest || len(l.lines)-current > n+1
	if !found || newest && oldest {
		return rows, found
	}
	edge := f.listEdge()
	moved := f.tl.Count(timeline.Span{From: min(edge, l.edge), To: max(edge, l.edge)})
	return rows, l.most && moved < mostFolded/8
}

// maxSame is how many items of one instant can be stepped through one by one.
const maxSame = 64

// later returns the n items next to an instant, after it, newest first.
func (f *frame) later(at time.Duration, n int) []timeline.Item {
	var out []timeline.Item
	for len(out) < n {
		next, ok := f.tl.Nearest(at, true, timeline.LevelNone)
		if !ok || next.Mono <= at {
			break
		}
		same := f.tl.Items(timeline.Span{From: next.Mono, To: next.Mono + 1}, maxSame)
		if len(same) == 0 {
			break
		}
		slices.Reverse(same)
		out, at = append(out, same...), next.Mono
	}
	out = out[:min(n, len(out))]
	slices.Reverse(out)
	return out
}
