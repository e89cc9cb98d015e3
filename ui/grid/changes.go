package grid

import (
	"image/color"
	"slices"
	"strconv"

	"github.com/charmbracelet/x/ansi"

	"flapscope/themes"
)

// bridge is how many cells that did not change are written again rather than
// jumped over: the control sequence for a jump is about as long.
const bridge = 6

// Forget makes the next Changes draw everything: nothing is known of what the
// terminal shows.
func (g *Grid) Forget() { g.known = false }

// SetIndexed chooses whether the terminal has 256 colours and no others.
func (g *Grid) SetIndexed(on bool) {
	if on != g.indexed {
		g.indexed = on
		g.Forget()
	}
}

// Changes appends what makes the terminal, which shows what the call before
// returned, show the grid as it is now. Nothing is erased but a terminal of which
// nothing is known, since some do not erase in the background colour.
func (g *Grid) Changes(b []byte) []byte {
	if !g.known || g.shownW != g.w || g.shownH != g.h {
		b = append(b, "\x1b[0m\x1b[H\x1b[2J"...)
		g.shown = slices.Grow(g.shown[:0], len(g.cells))[:len(g.cells)]
		for i := range g.shown {
			g.shown[i] = cell{r: ' '}
		}
		g.known, g.shownW, g.shownH = true, g.w, g.h
	}
	var last themes.Style
	for y := range g.h {
		now, old := g.cells[y*g.w:(y+1)*g.w], g.shown[y*g.w:(y+1)*g.w]
		for x := 0; x < g.w; {
			from, to := changed(now, old, x)
			if from < to {
				b, last = g.appendCells(b, y, from, now[from:to], last)
			}
			x = to
		}
	}
	if last != (themes.Style{}) {
		b = append(b, "\x1b[0m"...)
	}
	copy(g.shown, g.cells)
	return b
}

// changed returns the next cells of a row, from x on, that must be written
// again; none when from is to.
func changed(now, old []cell, x int) (from, to int) {
	for x < len(now) && looksLike(now[x], old[x]) {
		x++
	}
	if x == len(now) {
		return x, x
	}
	from, to = x, x+1
	for same := 0; x < len(now) && same <= bridge; x++ {
		if looksLike(now[x], old[x]) {
			same++
			continue
		}
		same, to = 0, x+1
	}
	// A wide character is written whole.
	for from > 0 && now[from].r == tail {
		from--
	}
	for to < len(now) && now[to].r == tail {
		to++
	}
	return from, to
}

// looksLike reports whether two cells look the same.
func looksLike(a, b cell) bool {
	return a == b || a.r == ' ' && b.r == ' ' && a.mark == b.mark && sameBlank(a.style, b.style)
}

// appendCells appends cells that begin at column x of row y, and returns the
// style that is then selected.
func (g *Grid) appendCells(b []byte, y, x int, cells []cell, last themes.Style) ([]byte, themes.Style) {
	b = appendCursor(b, x, y)
	for i, c := range cells {
		if c.r == tail {
			continue
		}
		if c.style != last && (c.r != ' ' || !sameBlank(c.style, last)) {
			b = g.reduced(c.style).AppendSGR(b)
			last = c.style
		}
		b = g.append(b, c)
		if (c.r >= 0x300 && runeWidth(c.r) != 1 || c.mark != 0) && i+1 < len(cells) {
			// Terminals disagree on how many columns it takes.
			next := i + 1
			if cells[next].r == tail {
				next++
			}
			b = appendCursor(b, x+next, y)
		}
	}
	return b, last
}

// appendCursor appends the control sequence that moves the cursor (ECMA-48
// §8.3.21).
func appendCursor(b []byte, x, y int) []byte {
	b = append(b, "\x1b["...)
	b = strconv.AppendInt(b, int64(y)+1, 10)
	b = append(b, ';')
	b = strconv.AppendInt(b, int64(x)+1, 10)
	return append(b, 'H')
}

// reduced returns a style in the colours that the terminal has.
func (g *Grid) reduced(s themes.Style) themes.Style {
	if g.indexed {
		s.Fg, s.Bg = g.nearest(s.Fg), g.nearest(s.Bg)
	}
	return s
}

// nearest returns the nearest of the 256 colours.
func (g *Grid) nearest(c themes.Color) themes.Color {
	red, green, blue, ok := c.Channels()
	if !ok {
		return c
	}
	n, known := g.nearestOf[c]
	if !known {
		if g.nearestOf == nil {
			g.nearestOf = map[themes.Color]themes.Color{}
		}
		n = themes.Indexed256(uint8(ansi.Convert256(color.RGBA{red, green, blue, 0xff})))
		g.nearestOf[c] = n
	}
	return n
}
