package ui

import (
	"cmp"
	"slices"

	"flapscope/themes"
	"flapscope/ui/grid"
)

// keyColumn is where the values of a pane begin.
const keyColumn = 10

// A pane is a titled list of facts.
type pane struct {
	title  string
	remark string
	rows   []paneRow
	// least is how many rows make the pane worth its place.
	least int
}

// A paneRow is one line of a pane: a mark or a key at the left, a value, and
// something at the right end: words or a bar. A value is never cut: where there
// is no room for all, first the right end goes, then the last words.
type paneRow struct {
	mark      rune
	markStyle themes.Style
	key       string
	keyStyle  themes.Style
	parts     spans
	// at is the column of the parts; zero is keyColumn.
	at    int
	right spans
	// bar, when set, is drawn from column barAt to the right end.
	bar      *float64
	barAt    int
	barStyle themes.Style
	// optional is whether the row may go when there is little room.
	optional bool
}

// A span is words in one style.
type span struct {
	text  string
	style themes.Style
}

// spans are words in several styles.
type spans []span

func (s spans) width() (n int) {
	for _, w := range s {
		n += grid.Width(w.text)
	}
	return n
}

// draw draws the words from column x on.
func (s spans) draw(a grid.Area, x int) {
	for _, w := range s {
		x = a.Text(x, 0, w.text, w.style)
	}
}

// drawPanes draws the panes below each other: as many as fit, with blank rows
// between them where there is room. It returns the room that is left.
func drawPanes(a grid.Area, k look, panes []pane) grid.Area {
	spare := a.Height() - paneRows(panes)
	for i := range panes {
		panes[i].rows = slices.DeleteFunc(panes[i].rows, func(r paneRow) bool {
			drop := r.optional && spare < 0
			if drop {
				spare++
			}
			return drop
		})
	}
	y := 0
	for i, p := range panes {
		rows := min(len(p.rows), a.Height()-y-1)
		if rows < min(p.least, len(p.rows)) || rows <= 0 {
			break
		}
		drawPane(a.Sub(0, y, a.Width(), rows+1), k, p)
		y += rows + 1
		// Blank rows go first when there is little room.
		if spare+len(panes)-1 > i {
			y++
		}
	}
	return a.Sub(0, y, a.Width(), a.Height()-y)
}

// paneRows returns the rows of all panes with a blank row between them.
func paneRows(panes []pane) int {
	n := -1
	for _, p := range panes {
		n += len(p.rows) + 2
	}
	return n
}

func drawPane(a grid.Area, k look, p pane) {
	k.head(a, p.title, p.remark, k.Title)
	for i, r := range p.rows {
		if i+1 < a.Height() {
			drawPaneRow(a.Row(i+1), k, r)
		}
	}
}

func drawPaneRow(a grid.Area, k look, r paneRow) {
	x := 0
	if r.mark != 0 {
		a.Set(0, 0, r.mark, r.markStyle)
		x = 2
	}
	x = a.Text(x, 0, r.key, r.keyStyle)
	if len(r.parts) > 0 {
		x = max(x+1, cmp.Or(r.at, keyColumn))
	}
	end := a.Width()
	if n := r.right.width(); n > 0 && x+r.parts.width() < end-n {
		end -= n
		at := end
		for _, p := range r.right {
			at = a.Text(at, 0, p.text, p.style)
		}
	}
	for i, p := range r.parts {
		if grid.Width(p.text) > end-x && i > 0 {
			break
		}
		x = a.Text(x, 0, cutWords(p.text, end-x), p.style)
	}
	if r.bar != nil {
		drawGauge(a.Sub(r.barAt, 0, a.Width()-r.barAt, 1), k, *r.bar, r.barStyle)
	}
}

// drawGauge draws a fraction as a thick line on a thin one; a little is never
// drawn as nothing.
func drawGauge(a grid.Area, k look, fraction float64, st themes.Style) {
	full := int(fraction*float64(a.Width()) + 0.5)
	if fraction > 0 {
		full = max(full, 1)
	}
	for x := range a.Width() {
		if x < full {
			a.Set(x, 0, '━', st)
		} else {
			a.Set(x, 0, '─', k.Rule)
		}
	}
}
