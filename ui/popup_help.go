package ui

import (
	tea "charm.land/bubbletea/v2"

	"flapscope/history/timeline"
	"flapscope/themes"
	"flapscope/ui/grid"
)

// A helpPopup shows every key, and what the shapes mean.
type helpPopup struct{ keys *keyMap }

// update implements popup: any key closes the help.
func (*helpPopup) update(tea.KeyPressMsg) (bool, tea.Cmd) { return true, nil }

// draw implements popup.
func (h *helpPopup) draw(a grid.Area, k look) {
	groups := h.keys.full()
	tallest := 0
	for _, g := range groups {
		tallest = max(tallest, len(enabled(g)))
	}
	const column = 25
	in := box(a, k, len(groups)*column+5, tallest+8, "keys", "any key closes")
	for i, g := range groups {
		col := in.Sub(i*column, 1, column-1, in.Height()-1)
		col.Text(0, 0, g.title, k.Focus.On(k.Popup.Bg))
		for y, b := range enabled(g) {
			x := col.Text(0, y+1, b.Key, k.Strong.With(themes.Bold).On(k.Popup.Bg))
			col.Cut(max(x+1, 7), y+1, column, b.Desc, k.Popup)
		}
	}
	drawLegendOfShapes(in.Sub(0, in.Height()-4, in.Width(), 4), k)
}

// A shownKey is a key as the help shows it.
type shownKey struct{ Key, Desc string }

// enabled returns the keys of a group that work.
func enabled(g keyGroup) []shownKey {
	var out []shownKey
	for _, b := range g.keys {
		if b.Enabled() {
			out = append(out, shownKey{b.Help().Key, b.Help().Desc})
		}
	}
	return out
}

// drawLegendOfShapes explains the strips and the marks.
func drawLegendOfShapes(a grid.Area, k look) {
	x := 0
	put := func(y int, r rune, st themes.Style, text string) {
		a.Set(x, y, r, st)
		a.Set(x+1, y, r, st)
		x = a.Text(x+3, y, text, k.Muted) + 2
	}
	for _, l := range []struct {
		level timeline.Level
		text  string
	}{
		{timeline.LevelGood, "in use"},
		{timeline.LevelStandby, "standby"},
		{timeline.LevelDegraded, "degraded"},
		{timeline.LevelWaiting, "waiting"},
		{timeline.LevelBad, "down"},
		{timeline.LevelIdle, "idle"},
		{timeline.LevelGap, "gap"},
	} {
		r, st := k.laneGlyph(l.level, themes.Wired)
		put(1, r, st, l.text)
	}
	x = 0
	for _, m := range []struct {
		mark timeline.Mark
		text string
	}{
		{timeline.MarkUp, "up"},
		{timeline.MarkDown, "down"},
		{timeline.MarkRoute, "route"},
		{timeline.MarkAddress, "address"},
		{timeline.MarkProbe, "probe"},
		{timeline.MarkRecovery, "recovery"},
		{timeline.MarkGap, "gap"},
		{timeline.MarkNote, "mark"},
	} {
		a.Set(x, 2, rune(m.mark), k.markStyle(m.mark, timeline.LevelNone).With(themes.Bold))
		x = a.Text(x+2, 2, m.text, k.Muted) + 2
	}
	onPopup(a, k)
}
