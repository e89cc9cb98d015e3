package ui

import (
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"flapscope/themes"
	"flapscope/ui/grid"
)

// A textPopup shows lines that are laid out already.
type textPopup struct {
	title string
	lines []string
	top   int
	keys  *keyMap
	// rows is how many lines were shown last.
	rows int
}

// textWidth is how wide the lines of a text may be.
const textWidth = 96

// update implements popup.
func (p *textPopup) update(msg tea.KeyPressMsg) (bool, tea.Cmd) {
	last := max(0, len(p.lines)-p.rows)
	switch {
	case key.Matches(msg, p.keys.Up):
		p.top = max(0, p.top-1)
	case key.Matches(msg, p.keys.Down):
		p.top = min(last, p.top+1)
	case key.Matches(msg, p.keys.PageLeft):
		p.top = max(0, p.top-p.rows)
	case key.Matches(msg, p.keys.PageRight):
		p.top = min(last, p.top+p.rows)
	default:
		return true, nil
	}
	return false, nil
}

// draw implements popup.
func (p *textPopup) draw(a grid.Area, k look) {
	foot := "any key closes"
	if h := a.Height() - 4; len(p.lines) > h {
		foot = "↑↓ more · any other key closes"
	}
	in := box(a, k, textWidth+4, len(p.lines)+4, p.title, foot)
	p.rows = in.Height() - 2
	for y, line := range p.lines[min(p.top, len(p.lines)):] {
		if y >= p.rows {
			break
		}
		st := k.Popup
		if y+p.top == 0 {
			st = k.Strong.With(themes.Bold).On(k.Popup.Bg)
		}
		in.Text(0, y+1, line, st)
		marks(in, k, y+1, line)
	}
}

// marks colours what says how something does.
func marks(in grid.Area, k look, y int, line string) {
	for x, r := range []rune(line) {
		st, ok := map[rune]themes.Style{'✓': k.Good, '×': k.Bad, '!': k.Warn, '●': k.Good, '◐': k.Warn}[r]
		if ok && strings.ContainsRune(" ", next(line, x)) {
			in.Set(x, y, r, st.On(k.Popup.Bg))
		}
	}
}

// next returns the rune behind the one at a place, or a space.
func next(line string, at int) rune {
	if r := []rune(line); at+1 < len(r) {
		return r[at+1]
	}
	return ' '
}
