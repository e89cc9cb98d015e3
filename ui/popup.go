package ui

import (
	tea "charm.land/bubbletea/v2"

	"flapscope/themes"
	"flapscope/ui/grid"
)

// A popup is drawn over the page and receives all keys while it is open.
type popup interface {
	// update handles a key and returns whether the popup is done, and what to
	// do next.
	update(msg tea.KeyPressMsg) (done bool, cmd tea.Cmd)
	draw(a grid.Area, k look)
}

// An openMsg puts a popup on the stack, over the page of a title if there is one.
type openMsg struct {
	popup popup
	page  string
}

// box draws an empty popup of w by h cells in the middle of the screen, with a
// frame and a title, and returns its inside.
func box(a grid.Area, k look, w, h int, title, foot string) grid.Area {
	w, h = min(w, a.Width()-2), min(h, a.Height()-2)
	b := a.Sub((a.Width()-w)/2, (a.Height()-h)/2, w, h)
	b.Fill(' ', k.Popup)
	for x := 1; x < w-1; x++ {
		b.Set(x, 0, '─', k.PopupFrame)
		b.Set(x, h-1, '─', k.PopupFrame)
	}
	for y := 1; y < h-1; y++ {
		b.Set(0, y, '│', k.PopupFrame)
		b.Set(w-1, y, '│', k.PopupFrame)
	}
	for _, c := range []struct {
		x, y int
		r    rune
	}{{0, 0, '╭'}, {w - 1, 0, '╮'}, {0, h - 1, '╰'}, {w - 1, h - 1, '╯'}} {
		b.Set(c.x, c.y, c.r, k.PopupFrame)
	}
	b.Cut(2, 0, w-4, " "+title+" ", k.PopupFrame.With(themes.Bold))
	if foot != "" {
		b.Right(w-2, h-1, " "+foot+" ", k.Muted.On(k.Popup.Bg))
	}
	return b.Sub(2, 1, w-4, h-2)
}

// onPopup gives everything in an area the background of a popup, for what is
// drawn in the styles of the page.
func onPopup(a grid.Area, k look) {
	a.Restyle(func(s themes.Style) themes.Style {
		if s.Bg == 0 {
			s.Bg = k.Popup.Bg
		}
		return s
	})
}
