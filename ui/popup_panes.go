package ui

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"flapscope/ui/grid"
)

// A panesPopup shows what stands beside the timeline on a wide screen.
type panesPopup struct{ top int }

// update implements popup.
func (p *panesPopup) update(msg tea.KeyPressMsg) (bool, tea.Cmd) {
	up, down := bind("", "", "up", "k"), bind("", "", "down", "j")
	switch {
	case key.Matches(msg, up):
		p.top = max(p.top-1, 0)
	case key.Matches(msg, down):
		p.top++
	default:
		return true, nil
	}
	return false, nil
}

// draw implements popup.
func (p *panesPopup) draw(a grid.Area, f *frame) {
	const width = 48
	panes := f.panes(width - 4)
	rows := paneRows(panes)
	in := box(a, f, width, rows+2, "details", "↑↓ · any other key closes")
	// The list is drawn whole on a grid of its own and the visible part of it
	// copied.
	p.top = min(p.top, max(0, rows-in.Height()))
	all := grid.New(in.Width(), rows, 0).Area()
	drawPanes(all, f, panes)
	in.Copy(all.Sub(0, p.top, all.Width(), in.Height()))
	onPopup(in, f)
}
