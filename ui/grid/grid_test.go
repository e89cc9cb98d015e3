package grid

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"flapscope/themes"
)

var red = themes.Style{Fg: themes.ANSI(1)}

func TestTextClips(t *testing.T) {
	for _, c := range []struct {
		name, text string
		x          int
		want       string
	}{
		{"fits", "abc", 0, "abc   "},
		{"right-edge", "abcdef", 3, "   abc"},
		{"left-edge", "abcdef", -2, "cdef  "},
		{"outside", "abc", 9, "      "},
		{"wide-whole", "a咖b", 0, "a咖b  "},
		{"wide-at-edge", "a咖b", 4, "    a "},
		{"wide-cut-left", "咖b", -1, " b    "},
		{"control", "a\x1b[2J\x07\tb", 0, "a[2Jb "},
		{"mark", "e\u0301x", 0, "e\u0301x    "},
		{"pile-of-marks", "e\u0301\u0301\u0301x", 0, "e\u0301x    "},
		{"joiner", "a\u200d\ufe0fb", 0, "ab    "},
		{"bidi", "a\u202eb", 0, "ab    "},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := New(6, 1, themes.Unicode)
			g.Area().Text(c.x, 0, c.text, themes.Style{})
			if got := g.Plain()[0]; got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestWideIsNeverHalved(t *testing.T) {
	for _, x := range []int{0, 1, 2, 3} {
		g := New(4, 1, themes.Unicode)
		a := g.Area()
		a.Text(1, 0, "咖", themes.Style{})
		a.Set(x, 0, '#', red)
		if got := ansi.StringWidth(g.Plain()[0]); got != 4 {
			t.Errorf("after Set(%d): %q is %d wide, want 4", x, g.Plain()[0], got)
		}
	}
}

func TestSubIsClipped(t *testing.T) {
	g := New(6, 3, themes.Unicode)
	in := g.Area().Sub(2, 1, 2, 1)
	in.Fill('#', red)
	in.Text(0, 0, "abcdef", red)
	in.Text(0, 1, "below", red)
	in.Sub(-5, -5, 20, 20).Fill('x', red)
	want := []string{"      ", "  xx  ", "      "}
	for y, row := range g.Plain() {
		if row != want[y] {
			t.Errorf("row %d is %q, want %q", y, row, want[y])
		}
	}
}

func TestFolds(t *testing.T) {
	g := New(8, 1, themes.ASCII)
	g.Area().Text(0, 0, "▇→咖e\u0301⣿", themes.Style{})
	if got, want := g.Plain()[0], "#>??e:  "; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestCut(t *testing.T) {
	for _, c := range []struct {
		text string
		w    int
		want string
	}{
		{"abc", 3, "abc"}, {"abcd", 3, "ab…"}, {"abc", 0, ""}, {"abc", -1, ""}, {"咖啡店", 4, "咖…"}, {"咖啡", 1, "…"}, {"", 0, ""},
	} {
		if got := Cut(c.text, c.w); got != c.want {
			t.Errorf("Cut(%q, %d) = %q, want %q", c.text, c.w, got, c.want)
		}
	}
}

// A line separator moves some terminals to the next line.
func TestSeparatorsTakeNoCell(t *testing.T) {
	g := New(8, 1, themes.Unicode)
	g.Area().Text(0, 0, "a\u2028b\u2029c", themes.Style{})
	if got := g.Plain()[0]; got != "abc     " {
		t.Errorf("got %q, want %q", got, "abc     ")
	}
}

func TestRight(t *testing.T) {
	g := New(6, 1, themes.Unicode)
	if x := g.Area().Right(6, 0, "abc", red); x != 3 {
		t.Errorf("begins at %d, want 3", x)
	}
	if x := g.Area().Right(2, 0, "abcdef", red); x != 0 {
		t.Errorf("cut text begins at %d, want 0", x)
	}
}

func TestDot(t *testing.T) {
	g := New(1, 1, themes.Unicode)
	a := g.Area()
	a.Text(0, 0, "x", themes.Style{})
	a.Dot(0, 0, Bit(0, 0), red)
	a.Dot(0, 0, Bit(1, 3), red)
	a.Dot(5, 5, Bit(0, 0), red)
	if r, st := a.At(0, 0); r != 0x2881 || st != red {
		t.Errorf("got %U %+v, want U+2881 in red", r, st)
	}
}

func TestBit(t *testing.T) {
	all := uint8(0)
	for x := range 2 {
		for y := range 4 {
			if all&Bit(x, y) != 0 {
				t.Errorf("Bit(%d, %d) is used twice", x, y)
			}
			all |= Bit(x, y)
		}
	}
	if all != 0xff {
		t.Errorf("the bits make %x, want ff", all)
	}
}

// FuzzText checks that no text whatever makes a row wider or narrower than the
// grid, or lets a control character out.
func FuzzText(f *testing.F) {
	for _, s := range []string{"", "plain", "咖啡店", "\x1b[2J\x1b]0;t\x07", "e\u0301\u0301", "👨‍👩‍👧‍👦", "\xff\xfe", "🏳️‍🌈", "नमस्ते", "مرحبا", "\u202e", "☕⌚"} {
		f.Add(s, 3)
	}
	f.Fuzz(func(t *testing.T, s string, x int) {
		if x < -1000 || x > 1000 {
			return
		}
		for _, glyphs := range []themes.Glyphs{themes.Unicode, themes.CP437, themes.ASCII} {
			g := New(12, 1, glyphs)
			g.Area().Text(x, 0, s, themes.Style{})
			g.Area().Text(4, 0, Cut(s, 3), themes.Style{})
			row := g.Plain()[0]
			cells := 0
			for _, r := range row {
				if r < ' ' || r >= 0x7f && r < 0xa0 {
					t.Fatalf("%q let %U out", s, r)
				}
				cells += runeWidth(r)
			}
			if cells != 12 {
				t.Fatalf("%v: %q is %d columns wide, want 12", glyphs, row, cells)
			}
			if strings.ContainsRune(row, '\ufeff') {
				t.Fatalf("%q let a byte order mark out", s)
			}
		}
		if Width(Cut(s, 5)) > 5 {
			t.Fatalf("Cut(%q, 5) = %q is too wide", s, Cut(s, 5))
		}
	})
}
