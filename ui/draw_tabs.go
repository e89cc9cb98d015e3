package ui

import (
	"flapscope/themes"
	"flapscope/ui/grid"
)

// A tabsView is what the row of the pages shows.
type tabsView struct {
	look
	titles  []string
	current int
	// open is how many incidents go on, and openStyle how bad they are.
	open      int
	openStyle themes.Style
}

// drawTabs draws the names of the pages with their keys. How many incidents go
// on stands on theirs, whatever page is shown.
func drawTabs(a grid.Area, v tabsView) {
	x := 1
	for i, title := range v.titles {
		from := x
		st := v.Muted
		if i == v.current {
			st = v.Focus
		}
		x = a.Text(x, 0, num(int64(i+1)), v.Muted)
		x = a.Text(x+1, 0, title, st)
		if v.open > 0 && title == incidentsTitle {
			x = a.Text(x+1, 0, num(int64(v.open))+" open", v.openStyle)
		}
		a.Sub(from, 0, x-from, 1).Mark(pagePart(i))
		x += 3
	}
}

// tabsView returns what the row of the pages shows.
func (f *frame) tabsView(titles []string, current int) tabsView {
	v := tabsView{look: f.look, titles: titles, current: current}
	if f.tl == nil || f.unread() {
		return v
	}
	open := going(f.incidentsAt())
	if v.open = len(open); v.open > 0 {
		_, v.openStyle = f.severityMark(open[0])
	}
	return v
}
