package ui

import (
	"flapscope/themes"
	"flapscope/ui/grid"
)

// box draws an empty popup of w by h cells in the middle of the screen, with a
// frame and a title, and returns its inside.
func box(a grid.Area, f *frame, w, h int, title, foot string) grid.Area {
	w, h = min(w, a.Width()-2), min(h, a.Height()-2)
	b := a.Sub((a.Width()-w)/2, (a.Height()-h)/2, w, h)
	b.Fill(' ', f.Popup)
	for x := 1; x < w-1; x++ {
		b.Set(x, 0, '─', f.PopupFrame)
		b.Set(x, h-1, '─', f.PopupFrame)
	}
	for y := 1; y < h-1; y++ {
		b.Set(0, y, '│', f.PopupFrame)
		b.Set(w-1, y, '│', f.PopupFrame)
	}
	for _, c := range []struct {
		x, y int
		r    rune
	}{{0, 0, '╭'}, {w - 1, 0, '╮'}, {0, h - 1, '╰'}, {w - 1, h - 1, '╯'}} {
		b.Set(c.x, c.y, c.r, f.PopupFrame)
	}
	b.Cut(2, 0, w-4, " "+title+" ", f.PopupFrame.With(themes.Bold))
	if foot != "" {
		b.Right(w-2, h-1, " "+foot+" ", f.Muted.On(f.Popup.Bg))
	}
	return b.Sub(2, 1, w-4, h-2)
}

// onPopup gives everything in an area the background of a popup, for what is
// drawn in the styles of the page.
func onPopup(a grid.Area, f *frame) {
	a.Restyle(func(s themes.Style) themes.Style {
		if s.Bg == 0 {
			s.Bg = f.Popup.Bg
		}
		return s
	})
}
