package ui

import (
	"slices"
	"strings"
	"time"

	"flapscope/history/timeline"
	"flapscope/internal/text"
	"flapscope/themes"
	"flapscope/ui/grid"
)

// An eventsView is what the log shows.
type eventsView struct {
	look
	remark  string
	focused bool
	// empty says why there are no lines, or is "".
	empty string
	// items returns the items for so many rows, and which of them the cursor is
	// at, or -1.
	items func(rows int) ([]timeline.Item, int)
	// at is the instant of the cursor: what lies after it is dimmed.
	at time.Duration
	// layout is how times are written.
	layout  string
	notices []string
}

// eventsView returns what the log shows.
func (f *frame) eventsView() eventsView {
	v := eventsView{look: f.look, focused: f.focus == focusList, at: f.at, layout: f.listLayout(), notices: f.notices()}
	n := 0
	if f.tl != nil {
		// What happened at the newest instant has happened.
		b := f.tl.Bounds()
		n = f.tl.Count(timeline.Span{From: b.From, To: b.To + 1})
	}
	if n > 0 {
		v.remark = text.Count(n, "event")
		if f.recording.Reading {
			v.remark += " so far"
		}
	} else {
		v.empty = "nothing has happened yet"
	}
	if f.unread() {
		v.remark = "only episodes until all is read"
	}
	if n == 0 && f.unread() {
		v.empty = f.unknown()
	}
	v.items = func(rows int) ([]timeline.Item, int) {
		items := f.log(rows)
		return items, f.currentIndex(items)
	}
	return v
}

// listLayout is how a list writes times.
func (f *frame) listLayout() string {
	if f.span.To-f.span.From >= 24*time.Hour {
		return "2 Jan 15:04:05"
	}
	return "15:04:05"
}

// drawEvents draws the log: newest first, what lies after the cursor dimmed,
// the selected item marked.
func drawEvents(a grid.Area, v eventsView) {
	if a.Height() < 1 {
		return
	}
	v.head(a, "EVENTS", v.remark, v.titleStyle(v.focused))
	body := a.Sub(0, 1, a.Width(), a.Height()-1)
	if body.Width() < panesFrom-2 {
		body = drawNotice(body, v.look, v.notices)
	}
	if v.empty != "" {
		body.Text(0, 0, v.empty, v.Dim)
		return
	}
	items, current := v.items(body.Height())
	for y, item := range items {
		body.Row(y).Mark(itemPart{item})
		drawItem(body.Row(y), v, item, y == current)
	}
}

// drawNotice gives the last row to a degraded feature where no pane shows it.
func drawNotice(a grid.Area, k look, n []string) grid.Area {
	if len(n) == 0 || a.Height() < 2 {
		return a
	}
	row, more := a.Row(a.Height()-1), ""
	if len(n) > 1 {
		more = " (+" + num(int64(len(n)-1)) + ")"
	}
	room := row.Width() - 2 - grid.Width(more)
	said := n[0]
	if grid.Width(said) > room {
		const elsewhere = " · 8 says more" // on the page of quality
		more = elsewhere + more
		said = cutClauses(said, room-grid.Width(elsewhere))
	}
	row.Text(0, 0, "!", k.Warn.With(themes.Bold))
	row.Text(2, 0, said+more, k.Warn)
	return a.Sub(0, 0, a.Width(), a.Height()-1)
}

// cutClauses shortens text to at most width columns: to its first clauses without what
// is in brackets, or where not one fits by whole words.
func cutClauses(text string, width int) string {
	before, rest, _ := strings.Cut(text, " (")
	if _, after, ok := strings.Cut(rest, ")"); ok {
		text = before + after
	}
	cut := ""
	for i := range text {
		ends := strings.HasPrefix(text[i:], ": ") || strings.HasPrefix(text[i:], "; ")
		if ends && grid.Width(text[:i]) <= width {
			cut = text[:i]
		}
	}
	if cut == "" {
		return cutWords(text, width)
	}
	return cut
}

func (f *frame) selectedIndex(items []timeline.Item) int {
	if !f.selected.on {
		return -1
	}
	return slices.IndexFunc(items, func(it timeline.Item) bool { return it.Seq == f.selected.item.Seq })
}

// currentIndex returns the item that the cursor is at: the selected one, else
// the newest that had happened by then; -1 when live.
func (f *frame) currentIndex(items []timeline.Item) int {
	if f.selected.on {
		return f.selectedIndex(items)
	}
	return slices.IndexFunc(items, func(it timeline.Item) bool { return !f.live && it.Mono <= f.at })
}

func drawItem(a grid.Area, v eventsView, item timeline.Item, current bool) {
	mark := v.markStyle(item.Mark, item.Severity)
	text, muted := v.Text, v.Muted
	switch {
	case item.Mono > v.at:
		mark, text, muted = v.Dim, v.Dim, v.Dim
	case item.Kind == "raw":
		mark, text = v.Muted, v.Muted // the settled one says it again, if it held
	}
	x := a.Text(0, 0, v.clock(item.Time, v.layout), muted) + 1
	a.Set(x, 0, rune(item.Mark), mark.With(themes.Bold))
	a.Cut(x+2, 0, 8, item.Kind, mark)
	x += 11
	if isFold(item) {
		a.Text(x, 0, cutGroup(item.Text, a.Width()-x), text)
	} else {
		a.Text(x, 0, cutWords(item.Text, a.Width()-x), text)
	}
	if current {
		a.Restyle(v.Select)
		// The mark of the selected row stands in the margin, left of the area.
		a.Margin().Set(0, 0, '▸', v.Select(v.Accent))
	}
}
