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
	// relatedStep is how many lines are looked at first for those of some kinds.
	relatedStep = 250
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
		drawItem(row, v, item, f.selectedIndex([]timeline.Item{item}) == 0)
	}
}

// related returns the newest n lines until the cursor that are of some kinds, with
// what repeats folded.
func (f *frame) related(n int, kinds []string) []timeline.Item {
	span := timeline.Span{From: f.tl.Bounds().From, To: f.at + 1}
	for many := relatedStep; ; many *= 2 {
		items := f.tl.Items(span, many)
		seen := len(items)
		items = slices.DeleteFunc(items, func(i timeline.Item) bool { return !slices.Contains(kinds, i.Kind) })
		// The last group of what was looked at may go on behind it.
		if lines, _ := foldItems(items, f.unfolded); len(lines) > n || seen < many || many >= mostFolded {
			return lines[:min(n, len(lines))]
		}
	}
}
