package grid

import (
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"

	"flapscope/themes"
)

// tail is the rune of the second cell of a wide character.
const tail = -1

// A cell is one column of one row.
type cell struct {
	r rune
	// mark is a combining mark over r, or 0.
	mark  rune
	style themes.Style
}

// A Grid is a screen of cells.
type Grid struct {
	w, h   int
	cells  []cell
	glyphs themes.Glyphs
	// wide is whether any character takes two cells.
	wide bool
	// regions are the parts of the picture that stand for something.
	regions []region
	// indexed is whether the terminal has 256 colours only, and nearestOf which
	// of them is the nearest to a colour.
	indexed   bool
	nearestOf map[themes.Color]themes.Color
	// shown is what the terminal shows, of shownW columns and shownH rows, if that
	// is known.
	shown          []cell
	shownW, shownH int
	known          bool
}

// New returns a blank grid of w columns and h rows, which is turned into the
// characters of glyphs.
func New(w, h int, glyphs themes.Glyphs) *Grid {
	g := &Grid{glyphs: glyphs}
	g.Reset(w, h)
	return g
}

// Reset makes the grid blank and w by h, with the memory that it has.
func (g *Grid) Reset(w, h int) {
	g.w, g.h, g.wide = max(w, 0), max(h, 0), false
	g.regions = g.regions[:0]
	n := g.w * g.h
	if cap(g.cells) < n {
		g.cells = make([]cell, n)
	}
	g.cells = g.cells[:n]
	for i := range g.cells {
		g.cells[i] = cell{r: ' '}
	}
}

// Paint gives everything without a background the colour c, unless that is the
// terminal's own.
func (g *Grid) Paint(c themes.Color) {
	if c == 0 {
		return
	}
	for i := range g.cells {
		if st := &g.cells[i].style; st.Bg == 0 {
			st.Bg = c
		}
	}
}

// Area returns the whole grid.
func (g *Grid) Area() Area { return Area{g, 0, 0, g.w, g.h} }

// Plain returns the rows without styles.
func (g *Grid) Plain() []string {
	rows := make([]string, g.h)
	for y := range rows {
		var b []byte
		for _, c := range g.cells[y*g.w : (y+1)*g.w] {
			if c.r != tail {
				b = g.append(b, c)
			}
		}
		rows[y] = string(b)
	}
	return rows
}

// Styles returns the styles of a row's cells.
func (g *Grid) Styles(y int) []themes.Style {
	styles := make([]themes.Style, g.w)
	for x := range styles {
		styles[x] = g.cells[y*g.w+x].style
	}
	return styles
}

// append appends the character of a cell in the terminal's own set.
func (g *Grid) append(b []byte, c cell) []byte {
	if c.r < utf8.RuneSelf {
		b = append(b, byte(c.r))
	} else {
		f := g.glyphs.Fold(c.r)
		b = utf8.AppendRune(b, f)
		if f != c.r && runeWidth(c.r) == 2 {
			return utf8.AppendRune(b, f)
		}
	}
	if c.mark != 0 && g.glyphs == themes.Unicode {
		b = utf8.AppendRune(b, c.mark)
	}
	return b
}

// sameBlank reports whether a blank looks the same in both styles.
func sameBlank(a, b themes.Style) bool {
	const seen = themes.Reverse | themes.Underline
	return a.Bg == b.Bg && (a.Attr|b.Attr)&seen == 0
}

// runeWidth returns the columns that r takes: 0 for marks and controls.
func runeWidth(r rune) int {
	switch {
	case r >= ' ' && r < 0x7f, r >= 0x2500 && r < 0x25fd, r >= 0x2800 && r < 0x2900:
		return 1 // what the screen is mostly made of: ASCII, boxes, blocks, braille
	case r < 0xa0, r == 0xad, r == 0x2028, r == 0x2029:
		// Line and paragraph separator are controls to some terminals, and no
		// character to any. A soft hyphen is shown by some and not by others.
		return 0
	case r < 0x300 || r >= 0x2000 && r < 0x2e80 && r != 0x200b && !unicode.In(r, unicode.Cf, unicode.M):
		return narrowWidth(r)
	}
	return ansi.StringWidth(string(r))
}

// narrowWidth returns 2 for the few symbols below U+2E80 that are shown as
// pictures (Unicode Technical Standard 51, Emoji_Presentation), else 1.
func narrowWidth(r rune) int {
	if r < 0x231a {
		return 1
	}
	return min(ansi.StringWidth(string(r)), 2)
}

// Width returns the columns that s takes on a grid.
func Width(s string) int {
	n := 0
	for _, r := range s {
		n += runeWidth(r)
	}
	return n
}

// Cut returns s cut to at most w columns, with an ellipsis where something is
// missing.
func Cut(s string, w int) string {
	if Width(s) <= w {
		return s
	}
	if w <= 0 {
		return ""
	}
	return Prefix(s, w-1) + "…"
}

// Prefix returns as much of s as takes at most w columns.
func Prefix(s string, w int) string {
	n := 0
	for i, r := range s {
		if n += runeWidth(r); n > w {
			return s[:i]
		}
	}
	return s
}
