package ui

import (
	"slices"

	"flapscope/history/timeline"
	"flapscope/internal/text"
	"flapscope/ui/grid"
)

const (
	// leastRelated is the least height that lines of the log are worth.
	leastRelated = 4
	// relatedStep is how many lines are looked at at once for those of some kinds,
	// and mostRelated how many in all.
	relatedStep = 200
	mostRelated = 2000
)

// drawRelated fills the room below the charts of a page with what the log says of
// their kinds, newest first.
func (f *frame) drawRelated(a grid.Area, title string, kinds ...string) {
	if a.Height() < leastRelated || f.tl == nil {
		return
	}
	f.head(a.Row(0), title, "newest first", f.Title)
	v := f.eventsView()
	items := f.related(a.Height()-1, kinds)
	if len(items) == 0 {
		a.Text(0, 1, "none in "+text.Elapsed(f.at-f.tl.Bounds().From), f.Dim)
	}
	for y, item := range items {
		row := a.Row(1 + y)
		row.Mark(itemPart{item})
		drawItem(row, v, item, false)
	}
}

// related returns the newest n items until the cursor that are of some kinds.
func (f *frame) related(n int, kinds []string) (out []timeline.Item) {
	span := timeline.Span{From: f.tl.Bounds().From, To: f.at + 1}
	for seen := 0; seen < mostRelated; {
		items := f.tl.Items(span, seen+relatedStep)
		if len(items) <= seen {
			return out
		}
		for _, item := range items[seen:] {
			if slices.Contains(kinds, item.Kind) {
				if out = append(out, item); len(out) == n {
					return out
				}
			}
		}
		seen = len(items)
	}
	return out
}
