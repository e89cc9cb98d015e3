package themes

import (
	"fmt"
	"strings"
)

// Glyphs names a set of characters that a terminal can draw. Views always
// draw in Unicode; Fold replaces what the terminal lacks, in one place.
type Glyphs uint8

// The sets.
const (
	// Unicode has eighth blocks, braille and everything else.
	Unicode Glyphs = iota
	// CP437 is what the Linux console's default font has.
	CP437
	// ASCII is what is left without a UTF-8 locale.
	ASCII
)

// GlyphsFor chooses the set for a terminal by the values of TERM and of the
// locale (LC_ALL, else LC_CTYPE, else LANG).
func GlyphsFor(term, locale string) Glyphs {
	l := strings.ToLower(locale)
	switch {
	case !strings.Contains(l, "utf-8") && !strings.Contains(l, "utf8"):
		return ASCII
	case term == "linux":
		return CP437
	}
	return Unicode
}

// ParseGlyphs reads a set's name: "unicode", "cp437" or "ascii".
func ParseGlyphs(s string) (Glyphs, error) {
	for _, g := range []Glyphs{Unicode, CP437, ASCII} {
		if g.String() == s {
			return g, nil
		}
	}
	return Unicode, fmt.Errorf("glyphs %q: want auto, unicode, cp437 or ascii", s)
}

// String returns the name of the set.
func (g Glyphs) String() string {
	switch g {
	case CP437:
		return "cp437"
	case ASCII:
		return "ascii"
	}
	return "unicode"
}

// Fold returns the character of the set that stands for r; printable ASCII
// stands for itself in every set.
func (g Glyphs) Fold(r rune) rune {
	switch {
	case g == Unicode || r < 0x7f:
		return r
	case r >= 0x2800 && r <= 0x28ff:
		return foldBraille(g, r)
	}
	table, other := foldASCII, '?'
	if g == CP437 {
		table = foldCP437
	}
	if f := table(r); f != 0 {
		return f
	}
	return other
}

// foldBraille keeps the upper and the lower half of the eight dots.
func foldBraille(g Glyphs, r rune) rune {
	upper, lower := r&0x1b != 0, r&0xe4 != 0
	shapes := [4]rune{' ', '▀', '▄', '█'}
	if g == ASCII {
		shapes = [4]rune{' ', '\'', '.', ':'}
	}
	i := 0
	if upper {
		i |= 1
	}
	if lower {
		i |= 2
	}
	return shapes[i]
}

// foldCP437 returns a character of code page 437, or 0. What the page has
// stands for itself.
func foldCP437(r rune) rune {
	switch r {
	case '█', '▄', '▀', '▌', '▐', '░', '▒', '▓', '─', '│', '┬', '┴', '┼', '├', '┤', '┌', '┐', '└', '┘',
		'·', '•', '○', '▲', '▼', '◄', '►', '↑', '↓', '→', '←', '♦', '√', '«', '»', '°', '±', 'µ', '═':
		return r
	case '▇', '▆', '▅':
		return '█'
	case '▃':
		return '▄'
	case '▂':
		return '─'
	case '▁':
		return '_'
	case '━':
		return '═'
	case '╭':
		return '┌'
	case '╮':
		return '┐'
	case '╰':
		return '└'
	case '╯':
		return '┘'
	case '●', '■':
		return '•'
	case '◐':
		return '°'
	case '◆':
		return '♦'
	case '✓':
		return '√'
	case '▸', '▶':
		return '►'
	case '▾':
		return '▼'
	case '◀':
		return '◄'
	}
	return foldASCII(r)
}

// foldASCII returns an ASCII character, or 0.
func foldASCII(r rune) rune {
	switch r {
	case '█', '▇', '▆', '▓':
		return '#'
	case '▅', '▄', '▀', '▃', '━', '═', '⇄':
		return '='
	case '▂', '─', '–', '—', '−', '╌':
		return '-'
	case '▁':
		return '_'
	case '▒', '░':
		return '%'
	case '│', '▌', '▐', '┊':
		return '|'
	case '┬', '┴', '┼', '├', '┤', '┌', '┐', '└', '┘', '╭', '╮', '╰', '╯':
		return '+'
	case '·', '•', '┈':
		return '.'
	case '●', '■':
		return '*'
	case '◐', '○', '°':
		return 'o'
	case '▲', '↑':
		return '^'
	case '▼', '▾', '↓':
		return 'v'
	case '✓', '√':
		return '+'
	case '▸', '▶', '►', '→', '»', '›', '◆', '♦':
		return '>'
	case '◀', '◄', '←', '«', '‹':
		return '<'
	case '×':
		return 'x'
	case '…':
		return '~'
	case 'µ':
		return 'u'
	}
	return 0
}
