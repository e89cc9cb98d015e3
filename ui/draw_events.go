package ui

import (
	"slices"
	"time"

	"flapscope/history"
	"flapscope/internal/text"
	"flapscope/themes"
	"flapscope/ui/grid"
)

// drawEvents draws the log: newest first, what lies after the cursor dimmed,
// the selected item marked.
func drawEvents(a grid.Area, f *frame) {
	if a.Height() < 1 {
		return
	}
	n := 0
	if f.tl != nil {
		n = f.tl.Count(f.tl.Bounds())
	}
	remark := ""
	if n > 0 {
		remark = text.Count(n, "event")
		if f.recording.Reading {
			remark += " so far"
		}
	}
	if f.unread() {
		remark = "only episodes until all is read"
	}
	f.head(a, "EVENTS", remark, f.titleStyle(f.focus == focusEvents))
	body := a.Sub(0, 1, a.Width(), a.Height()-1)
	if body.Width() < panesFrom-2 {
		body = drawNotice(body, f)
	}
	if n == 0 {
		text := "nothing has happened yet"
		if f.unread() {
			text = f.unknown()
		}
		body.Text(0, 0, text, f.Dim)
		return
	}
	items := f.log(body.Height())
	current := f.currentIndex(items)
	for y, item := range items {
		drawItem(body.Row(y), f, item, y == current)
	}
}

// drawNotice gives the last row to a degraded feature where no pane shows it.
func drawNotice(a grid.Area, f *frame) grid.Area {
	n := f.notices()
	if len(n) == 0 || a.Height() < 2 {
		return a
	}
	row := a.Row(a.Height() - 1)
	text := n[0]
	if len(n) > 1 {
		text += " (+" + num(int64(len(n)-1)) + ")"
	}
	row.Text(0, 0, "!", f.Warn.With(themes.Bold))
	row.Cut(2, 0, row.Width()-2, text, f.Warn)
	return a.Sub(0, 0, a.Width(), a.Height()-1)
}

// log returns the items of the log for n rows: those before the cursor, and
// above them a few of those after it.
func (f *frame) log(n int) []history.Item {
	bounds := f.tl.Bounds()
	if f.live {
		return f.tl.Items(history.Span{From: bounds.From, To: f.now + 1}, n)
	}
	edge := f.at + 1
	if f.selected.on {
		edge = max(edge, f.selected.item.Mono+1)
	}
	later := f.later(edge-1, n/3)
	earlier := f.tl.Items(history.Span{From: bounds.From, To: edge}, n+maxSame)
	// Of several items of the same instant the selected one stays in view.
	if i := f.selectedIndex(earlier); i > 0 && len(later)+i >= n {
		earlier = earlier[min(i, len(later)+i-n+1):]
	}
	all := append(later, earlier...)
	return all[:min(n, len(all))]
}

// maxSame is how many items of one instant can be stepped through one by one.
const maxSame = 64

// later returns up to n items after an instant, newest first.
func (f *frame) later(at time.Duration, n int) []history.Item {
	var out []history.Item
	for len(out) < n {
		next, ok := f.tl.Nearest(at, true, history.LevelNone)
		if !ok || next.Mono <= at {
			break
		}
		same := f.tl.Items(history.Span{From: next.Mono, To: next.Mono + 1}, maxSame)
		if len(same) == 0 {
			break
		}
		out, at = append(same, out...), next.Mono
	}
	return out[max(0, len(out)-n):]
}

func (f *frame) selectedIndex(items []history.Item) int {
	if !f.selected.on {
		return -1
	}
	return slices.IndexFunc(items, func(it history.Item) bool { return it.Seq == f.selected.item.Seq })
}

// currentIndex returns the item that the cursor is at: the selected one, else
// the newest that had happened by then; -1 when live.
func (f *frame) currentIndex(items []history.Item) int {
	if f.selected.on {
		return f.selectedIndex(items)
	}
	return slices.IndexFunc(items, func(it history.Item) bool { return !f.live && it.Mono <= f.at })
}

func drawItem(a grid.Area, f *frame, item history.Item, current bool) {
	layout := "15:04:05"
	if f.span.To-f.span.From >= 24*time.Hour {
		layout = "2 Jan 15:04:05"
	}
	mark := f.markStyle(item.Mark, item.Severity)
	text, muted := f.Text, f.Muted
	later := item.Mono > f.at
	if later {
		mark, text, muted = f.Dim, f.Dim, f.Dim
	}
	x := a.Text(0, 0, f.clock(item.Time, layout), muted) + 1
	a.Set(x, 0, rune(item.Mark), mark.With(themes.Bold))
	a.Cut(x+2, 0, 7, item.Kind, mark)
	x += 10
	a.Cut(x, 0, a.Width()-x, item.Text, text)
	if current {
		a.Restyle(f.Select)
		// The mark of the selected row stands in the margin, left of the area.
		a.Margin().Set(0, 0, '▸', f.Select(f.Accent))
	}
}
