package ui

import "flapscope/ui/grid"

// The smallest screen that is drawn, and the widths from which panes stand
// beside the timeline.
const (
	minWidth, minHeight = 60, 16
	panesFrom           = 100
	widePanesFrom       = 160
	// roomyFrom is the height from which sections have heads and blank rows
	// between them.
	roomyFrom = 32
)

// A layout is the named rectangles of the path page.
//
//	┌ headline ────────────────────────────────────────────┐
//	│ 1 Path  2 Incidents  …                               │
//	│ axis  ┊ ticks                            │ panes     │
//	│ inc.  ┊     ━━ eth0 ━━    ── dns ──▶     │           │
//	│ path  ┊ ████████████▒▒██                 │ NOW       │
//	│ marks ┊      ! ▼  ▲◆                     │ HEALTH    │
//	│ lanes ┊ ▇▇▇▇▇▇▇▄▄▁▁▇▇▇                   │ INTERFACES│
//	│ chart ┊ ⣀⣠⣤⣶                             │ SESSION   │
//	│ loss  ┊        ▂▇                        │           │
//	│ targets                                  │           │
//	│ list: incidents or events                            │
//	└ keys ────────────────────────────────────────────────┘
//
// What stands right of ┊ shares its columns: one cursor crosses it all.
type layout struct {
	timelineHead, latencyHead, targetHead grid.Area
	axis, incidents, path, marks          grid.Area
	lanes                                 grid.Area
	chart, loss                           grid.Area
	targets, list                         grid.Area
	panes                                 grid.Area
	// gutter is where the columns of the time axis begin, cols how many there
	// are.
	gutter, cols int
	// roomy is whether sections have heads.
	roomy bool
}

// gutterFor returns the width of the labels left of the time axis.
func gutterFor(width int) int {
	switch {
	case width < 72:
		return 9
	case width < panesFrom:
		return 12
	case width < widePanesFrom:
		return 13
	}
	return 17
}

// timeAxis returns the width of the part of a screen that has the time axis,
// where the axis begins in it, and its columns.
func timeAxis(width int) (left, gutter, cols int) {
	left, gutter = width-2, gutterFor(width)
	switch {
	case width >= widePanesFrom:
		left -= 44
	case width >= panesFrom:
		left -= 36
	}
	return left, gutter, max(left-gutter, 1)
}

// contents are how many rows the parts of the path page could fill: interfaces,
// targets, and lines of the list.
type contents struct{ lanes, targets, list int }

// newLayout divides a screen among its contents.
func newLayout(a grid.Area, c contents) layout {
	w, h := a.Size()
	l := layout{roomy: h >= roomyFrom}
	left, gutter, cols := timeAxis(w)
	l.gutter, l.cols = gutter, cols
	rows := divide(h, c)
	x, y := 1, 1+tabRows(h)
	take := func(n int) grid.Area {
		r := a.Sub(x, y, left, n)
		y += n
		return r
	}
	gap := func() {
		if l.roomy {
			y++
		}
	}
	head := func() grid.Area {
		if l.roomy {
			return take(1)
		}
		return take(0)
	}
	top := y
	l.timelineHead = head()
	l.axis, l.incidents, l.path, l.marks = take(1), take(1), take(1), take(1)
	l.lanes = take(rows.lanes)
	gap()
	l.latencyHead = head()
	l.chart, l.loss = take(rows.chart), take(1)
	gap()
	l.targetHead = head()
	l.targets = take(rows.targets)
	if left < w-2 {
		l.panes = a.Sub(left+3, top, w-left-4, y-top)
	}
	gap()
	left = w - 2
	l.list = take(h - 1 - y)
	return l
}

// rows are the heights that depend on the screen.
type rows struct{ lanes, chart, targets, list int }

// divide shares the rows of a screen of height h. Each part has a least height, one
// that it is well with, and one that shows all of it. Rows that would stand empty go
// to a part that shows less than it has, and when none does to the chart.
func divide(h int, c contents) rows {
	fixed := 2 + 4 + 1 // header, keys; axis, incidents, path, marks; loss
	heads := 0
	if h >= roomyFrom {
		fixed += 3 + 3 + tabRows(h) // heads of sections, blank rows
		heads = 1
	}
	if h >= 20 {
		heads = 1
	}
	lanes, targets, list := c.lanes, c.targets+heads, c.list+1
	parts := []part{
		{least: 1, most: min(lanes, max(3, h/7)), all: lanes, weight: 4},
		{least: 3, most: max(5, h/5, h-40), weight: 4},
		{least: 1 + heads, most: min(targets, max(4, h/5)+heads), all: targets, weight: 3},
		{least: 2, most: min(list, max(h*3/10, 8)), all: list, weight: 3},
	}
	rest := max(h-fixed, 0)
	for i := range parts {
		p := &parts[i]
		p.most = max(p.most, p.least)
		p.got = min(p.least, rest)
		rest -= p.got
	}
	rest = share(rest, parts)
	for i := range parts {
		p := &parts[i]
		p.most = max(p.most, p.all)
	}
	rest = share(rest, parts)
	return rows{parts[0].got, parts[1].got + rest, parts[2].got, parts[3].got}
}

// A part wants between least and most rows, and could fill all.
type part struct{ least, most, all, weight, got int }

// share gives rows to the parts, one at a time, to whoever has the smallest share of
// its weight and not yet the most it wants. It returns how many are left.
func share(total int, parts []part) int {
	for ; total > 0; total-- {
		best := -1
		for i := range parts {
			p := &parts[i]
			if p.got < p.most && (best < 0 || p.got*parts[best].weight < parts[best].got*p.weight) {
				best = i
			}
		}
		if best < 0 {
			break
		}
		parts[best].got++
	}
	return total
}
