package grid

import (
	"unicode"

	"flapscope/themes"
)

// An Area is a rectangle of a grid. Its coordinates begin at 0, 0, and nothing
// drawn on it leaves it.
type Area struct {
	g          *Grid
	x, y, w, h int
}

// Size returns the columns and rows of the area.
func (a Area) Size() (w, h int) { return a.w, a.h }

// Width returns the columns of the area.
func (a Area) Width() int { return a.w }

// Height returns the rows of the area.
func (a Area) Height() int { return a.h }

// Sub returns the part of the area of w by h cells at x, y; what lies outside
// the area is cut off.
func (a Area) Sub(x, y, w, h int) Area {
	x0, y0 := min(max(x, 0), a.w), min(max(y, 0), a.h)
	x1, y1 := min(max(x+w, x0), a.w), min(max(y+h, y0), a.h)
	return Area{a.g, a.x + x0, a.y + y0, x1 - x0, y1 - y0}
}

// Row returns row y of the area.
func (a Area) Row(y int) Area { return a.Sub(0, y, a.w, 1) }

// at returns the cell at x, y, or nil outside.
func (a Area) at(x, y int) *cell {
	if x < 0 || y < 0 || x >= a.w || y >= a.h {
		return nil
	}
	return &a.g.cells[(a.y+y)*a.g.w+a.x+x]
}

// Set draws a narrow character; others are drawn with Text.
func (a Area) Set(x, y int, r rune, st themes.Style) {
	c := a.at(x, y)
	if c == nil || runeWidth(r) != 1 {
		return
	}
	a.breakWide(x, y)
	*c = cell{r: r, style: st}
}

// At returns the character and the style of a cell, or 0 outside.
func (a Area) At(x, y int) (rune, themes.Style) {
	if c := a.at(x, y); c != nil {
		return c.r, c.style
	}
	return 0, themes.Style{}
}

// Text draws s from x on row y and returns the column after it. What does not
// fit is cut off at the edge.
func (a Area) Text(x, y int, s string, st themes.Style) int {
	for _, r := range s {
		w := runeWidth(r)
		c := a.at(x, y)
		switch {
		case w == 0:
			a.mark(x-1, y, r)
			continue
		case c == nil && x >= 0:
			return x
		case c != nil && w == 2 && x+1 >= a.w:
			a.breakWide(x, y)
			*c = cell{r: ' ', style: st}
			return x + 1
		case c != nil:
			a.breakWide(x, y)
			*c = cell{r: r, style: st}
		}
		if w == 2 {
			a.g.wide = true
			if t := a.at(x+1, y); t != nil {
				a.breakWide(x+1, y)
				*t = cell{r: tail, style: st}
				if c == nil {
					t.r = ' '
				}
			}
		}
		x += w
	}
	return x
}

// mark puts a combining mark over the character before. Only marks that never
// take a column are kept, and one per cell: terminals disagree on the others.
func (a Area) mark(x, y int, r rune) {
	if !unicode.Is(unicode.Mn, r) || r >= 0xfe00 && r <= 0xfe0f {
		return
	}
	if c := a.at(x, y); c != nil && c.r != tail && c.mark == 0 {
		c.mark = r
	}
}

// breakWide blanks the other half of a wide character that is about to lose
// the half at x, y.
func (a Area) breakWide(x, y int) {
	if a.g.wide { // seldom, which leaves nothing but this to do for each cell
		a.blankHalf(x, y)
	}
}

func (a Area) blankHalf(x, y int) {
	c := a.at(x, y)
	if c == nil {
		return
	}
	i := (a.y+y)*a.g.w + a.x + x
	if c.r == tail && i > 0 {
		a.g.cells[i-1].r, a.g.cells[i-1].mark = ' ', 0
	}
	if c.r != tail && i+1 < len(a.g.cells) && a.g.cells[i+1].r == tail && (i+1)%a.g.w != 0 {
		a.g.cells[i+1].r = ' '
	}
}

// Cut draws s in at most w columns, with an ellipsis where something is
// missing, and returns the column after it.
func (a Area) Cut(x, y, w int, s string, st themes.Style) int {
	return a.Text(x, y, Cut(s, min(w, a.w-x)), st)
}

// Right draws s so that it ends before column end and returns where it
// begins. It is cut from the right when it would begin left of column 0.
func (a Area) Right(end, y int, s string, st themes.Style) int {
	s = Cut(s, end)
	x := end - Width(s)
	a.Text(x, y, s, st)
	return x
}

// Fill sets every cell to r.
func (a Area) Fill(r rune, st themes.Style) {
	for y := range a.h {
		for x := range a.w {
			a.Set(x, y, r, st)
		}
	}
}

// Restyle changes the style of every cell.
func (a Area) Restyle(f func(themes.Style) themes.Style) {
	for y := range a.h {
		for x := range a.w {
			c := a.at(x, y)
			c.style = f(c.style)
		}
	}
}

// Dot sets dots of a braille cell (bits of the code points from U+2800) in
// addition to those that are there, in the new style.
func (a Area) Dot(x, y int, bits uint8, st themes.Style) {
	c := a.at(x, y)
	if c == nil || bits == 0 {
		return
	}
	if c.r < brailleFirst || c.r > brailleLast {
		a.breakWide(x, y)
		*c = cell{r: brailleFirst}
	}
	c.r |= rune(bits)
	c.style = st
}

// The braille patterns block.
const (
	brailleFirst = 0x2800
	brailleLast  = 0x28ff
)

// Bit returns the bit of the dot at column dx (0, 1) and row dy (0 to 3 from
// the top) of a braille cell (Unicode, braille patterns).
func Bit(dx, dy int) uint8 {
	if dy == 3 {
		return 0x40 << (dx & 1)
	}
	return 1 << (dy&3 + 3*(dx&1))
}

// Margin returns the column left of the area, or an empty area where there is
// none.
func (a Area) Margin() Area {
	if a.x == 0 {
		return Area{g: a.g}
	}
	return Area{a.g, a.x - 1, a.y, 1, a.h}
}

// Copy draws the cells of another area, from the upper left corner.
func (a Area) Copy(from Area) {
	a.g.wide = a.g.wide || from.g.wide
	for y := range min(a.h, from.h) {
		for x := range min(a.w, from.w) {
			*a.at(x, y) = *from.at(x, y)
		}
	}
}
