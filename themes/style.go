package themes

import "strconv"

// A Color is a foreground or background colour. The zero Color is the
// terminal's own.
type Color uint32

const (
	colorRGB     Color = 1 << 24
	colorANSI    Color = 2 << 24
	colorIndexed Color = 4 << 24
)

// RGB returns the 24-bit colour 0xRRGGBB.
func RGB(hex uint32) Color { return colorRGB | Color(hex&0xffffff) }

// ANSI returns one of the terminal's 16 own colours (ECMA-48 SGR 30-37 and
// 90-97).
func ANSI(n uint8) Color { return colorANSI | Color(n&15) }

// Indexed256 returns one of the 256 colours that xterm numbers.
func Indexed256(n uint8) Color { return colorIndexed | Color(n) }

// Channels returns red, green and blue of a 24-bit colour, and whether it is
// one.
func (c Color) Channels() (r, g, b uint8, ok bool) {
	return uint8(c >> 16), uint8(c >> 8), uint8(c), c&colorRGB != 0
}

// An Attr is a set of text attributes.
type Attr uint8

// The attributes.
const (
	Bold Attr = 1 << iota
	Reverse
	Underline
)

// A Style is how a cell is drawn. The zero Style is the terminal's own.
type Style struct {
	Fg, Bg Color
	Attr   Attr
}

// On returns the style with another background.
func (s Style) On(bg Color) Style {
	s.Bg = bg
	return s
}

// With returns the style with further attributes.
func (s Style) With(a Attr) Style {
	s.Attr |= a
	return s
}

// AppendSGR appends the control sequence that selects the style, whatever was
// selected before (ECMA-48 §8.3.117).
func (s Style) AppendSGR(b []byte) []byte {
	b = append(b, "\x1b[0"...)
	if s.Attr&Bold != 0 {
		b = append(b, ";1"...)
	}
	if s.Attr&Underline != 0 {
		b = append(b, ";4"...)
	}
	if s.Attr&Reverse != 0 {
		b = append(b, ";7"...)
	}
	b = appendColor(b, s.Fg, 30)
	b = appendColor(b, s.Bg, 40)
	return append(b, 'm')
}

// appendColor appends the parameters of a colour; base is 30 for the
// foreground, 40 for the background.
func appendColor(b []byte, c Color, base int64) []byte {
	switch {
	case c&colorRGB != 0:
		r, g, bl, _ := c.Channels()
		b = append(b, ';')
		b = strconv.AppendInt(b, base+8, 10)
		b = append(b, ";2"...)
		for _, v := range [3]uint8{r, g, bl} {
			b = append(b, ';')
			b = strconv.AppendUint(b, uint64(v), 10)
		}
	case c&colorIndexed != 0:
		b = append(b, ';')
		b = strconv.AppendInt(b, base+8, 10)
		b = append(b, ";5;"...)
		b = strconv.AppendUint(b, uint64(uint8(c)), 10)
	case c&colorANSI != 0:
		n := int64(c & 15)
		if n >= 8 {
			n += 60 - 8
		}
		b = append(b, ';')
		b = strconv.AppendInt(b, base+n, 10)
	}
	return b
}
