package ui

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"flapscope/themes"
	"flapscope/ui/grid"
)

// A detailPopup shows the selected item with its cause chain. Up and down go
// to its neighbours, as they do in the log.
type detailPopup struct{ page *scope }

// update implements popup.
func (d *detailPopup) update(msg tea.KeyPressMsg) (bool, tea.Cmd) {
	k := d.page.keys
	if key.Matches(msg, k.Up, k.Down, k.Next, k.Prev, k.NextTrouble, k.PrevTrouble) {
		d.page.update(msg)
		return !d.page.selected.on, nil
	}
	return true, nil
}

// draw implements popup.
func (d *detailPopup) draw(a grid.Area, k look) {
	item := d.page.selected.item
	width := min(a.Width()-6, 96)
	lines := detailLines(item.Text, item.Detail, width-4)
	title := k.clock(item.Time, "Mon 2 Jan 15:04:05.000") + "  " + item.Kind
	in := box(a, k, width, len(lines)+4, title, "↑↓ other events · any other key closes")
	for y, line := range lines {
		st := k.Popup
		if line.first {
			st = k.Strong.With(themes.Bold).On(k.Popup.Bg)
		}
		in.Text(0, y+1, line.text, st)
	}
}

// A detailLine is a line of the popup; first is whether it belongs to the
// item's own text rather than to its chain.
type detailLine struct {
	text  string
	first bool
}

// detailLines wraps an item's text and its further lines.
func detailLines(text string, detail []string, width int) []detailLine {
	var out []detailLine
	for _, l := range wrap(text, width) {
		out = append(out, detailLine{l, true})
	}
	if len(detail) > 0 {
		out = append(out, detailLine{})
	}
	for _, d := range detail {
		if grid.Width(d) <= width {
			out = append(out, detailLine{d, false}) // keeps its columns
			continue
		}
		for i, l := range wrap(d, width-2) {
			if i > 0 {
				l = "  " + l
			}
			out = append(out, detailLine{l, false})
		}
	}
	return out
}
