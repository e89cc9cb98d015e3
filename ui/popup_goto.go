package ui

import (
	tea "charm.land/bubbletea/v2"

	"flapscope/ui/grid"
)

// A gotoPopup asks for an instant and puts the cursor there.
type gotoPopup struct {
	page *scope
	text input
	// why says why there is no going there, or is "".
	why string
}

// update implements popup.
func (g *gotoPopup) update(msg tea.KeyPressMsg) (bool, tea.Cmd) {
	switch msg.String() {
	case "esc":
		return true, nil
	case "enter":
		if g.text == "" || g.page.tl == nil {
			return true, nil
		}
		at, err := g.page.instant(string(g.text))
		if err != nil {
			g.why = err.Error()
			return false, nil
		}
		g.page.playing = false
		g.page.jump(at)
		return true, nil
	}
	g.why = ""
	g.text.update(msg)
	return false, nil
}

// draw implements popup.
func (g *gotoPopup) draw(a grid.Area, k look) {
	in := box(a, k, 60, 6, "go to", "enter goes there · esc does not")
	g.text.draw(in.Row(1), k, "14:23, 14:23:05, -10m, 2026-11-20 14:23")
	in.Cut(0, 2, in.Width(), g.why, k.Warn.On(k.Popup.Bg))
}
