package ui

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"flapscope/ui/grid"
)

// A panesPopup shows what stands beside the timeline on a wide screen.
type panesPopup struct {
	page *scope
	// top is the first row that is shown.
	top int
}

// panesWidth is the width of the popup.
const panesWidth = 48

// update implements popup.
func (p *panesPopup) update(msg tea.KeyPressMsg) (bool, tea.Cmd) {
	up, down := bind("", "", "up", "k"), bind("", "", "down", "j")
	switch {
	case key.Matches(msg, up):
		p.top = max(p.topOf(p.rows())-1, 0)
	case key.Matches(msg, down):
		p.top = p.topOf(p.rows()) + 1
	default:
		return true, nil
	}
	return false, nil
}

func (p *panesPopup) rows() int { return paneRows(p.page.frame().panes(panesWidth - 4)) }

// topOf returns the first row shown of a list of rows, which may have become
// shorter.
func (p *panesPopup) topOf(rows int) int {
	inside := min(rows+2, p.page.h-2) - 2
	return min(p.top, max(0, rows-inside))
}

// draw implements popup.
func (p *panesPopup) draw(a grid.Area, k look) {
	f := p.page.frame()
	panes := f.panes(panesWidth - 4)
	rows := paneRows(panes)
	in := box(a, k, panesWidth, rows+2, "details", "↑↓ · any other key closes")
	// The list is drawn whole on a grid of its own and the visible part of it
	// copied.
	all := grid.New(in.Width(), rows, 0).Area()
	drawPanes(all, k, panes)
	in.Copy(all.Sub(0, p.topOf(rows), all.Width(), in.Height()))
	onPopup(in, k)
}
