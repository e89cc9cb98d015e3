package grid

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/charmbracelet/x/vt"

	"flapscope/themes"
)

// TestChangesOnATerminal draws random pictures one after the other, and compares
// what an emulated terminal shows with the grid after each, characters and
// colours.
func TestChangesOnATerminal(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	texts := []string{"a", "path", "咖啡", "▇▇▇", "é", "e\u0301", "   ", "⣿⣀", "SATISFIED via eth0"}
	styles := []themes.Style{{}, red, {Bg: themes.ANSI(4)}, {Fg: themes.RGB(0x87d787), Attr: themes.Bold}, {Attr: themes.Reverse}}
	w, h := 40, 8
	g := New(w, h, themes.Unicode)
	screen := vt.NewEmulator(w, h)
	var out []byte
	for n := range 400 {
		switch {
		case n%50 == 49: // Another size, as after SIGWINCH.
			w, h = 20+random.IntN(30), 4+random.IntN(8)
			screen.Resize(w, h)
			g.Reset(w, h)
		case n%3 == 0:
			g.Reset(w, h)
		}
		for range 1 + random.IntN(6) {
			g.Area().Text(random.IntN(w+4)-2, random.IntN(h), texts[random.IntN(len(texts))], styles[random.IntN(len(styles))])
		}
		out = g.Changes(out[:0])
		if _, err := screen.Write(out); err != nil {
			t.Fatal(err)
		}
		if again := g.Changes(nil); len(again) > 0 {
			t.Fatalf("picture %d: %q is written although nothing changed", n, again)
		}
		compare(t, n, g, screen)
	}
}

// compare checks that the terminal shows the grid.
func compare(t *testing.T, n int, g *Grid, screen *vt.Emulator) {
	t.Helper()
	shown := strings.Split(screen.String(), "\n")
	for y, row := range g.Plain() {
		if got := strings.TrimRight(shown[y], " "); got != strings.TrimRight(row, " ") {
			t.Fatalf("picture %d, row %d: the terminal shows %q, want %q", n, y, got, row)
		}
		for x := range g.w {
			c, on := g.cells[y*g.w+x], screen.CellAt(x, y)
			if c.r == tail || c.style.Attr&themes.Reverse != 0 {
				continue
			}
			if (c.style.Bg != 0) != (on.Style.Bg != nil) || c.r != ' ' && (c.style.Fg != 0) != (on.Style.Fg != nil) {
				t.Fatalf("picture %d at %d,%d: style %+v, the terminal has %+v", n, x, y, c.style, on.Style)
			}
		}
	}
}

func TestChanges(t *testing.T) {
	bar := themes.Style{Bg: themes.ANSI(4)}
	const erase = "\x1b[0m\x1b[H\x1b[2J"
	for _, c := range []struct {
		name          string
		before, after func(Area)
		want          string
	}{
		{"first", nil, func(a Area) { a.Text(0, 0, "ab", red) }, erase + "\x1b[1;1H\x1b[0;31mab\x1b[0m"},
		{"nothing", func(a Area) { a.Text(0, 0, "ab", red) }, func(Area) {}, ""},
		{"one-cell", func(a Area) { a.Text(0, 0, "ab", red) }, func(a Area) { a.Set(1, 0, 'c', red) }, "\x1b[1;2H\x1b[0;31mc\x1b[0m"},
		{"block", func(Area) {}, func(a Area) { a.Sub(2, 1, 3, 1).Fill(' ', bar) }, "\x1b[2;3H\x1b[0;44m   \x1b[0m"},
		{"blanks", func(a Area) { a.Text(0, 0, "abc", red) }, func(a Area) { a.Text(0, 0, "   ", themes.Style{}) }, "\x1b[1;1H   "},
		{"blank-in-a-colour", func(Area) {}, func(a Area) { a.Text(0, 0, "   ", red) }, ""},
		{
			"bridged", func(a Area) { a.Text(0, 0, "0123456789", themes.Style{}) },
			func(a Area) { a.Set(0, 0, 'x', themes.Style{}); a.Set(5, 0, 'y', themes.Style{}) }, "\x1b[1;1Hx1234y",
		},
		{
			"apart", func(a Area) { a.Text(0, 0, "0123456789", themes.Style{}) },
			func(a Area) { a.Set(0, 0, 'x', themes.Style{}); a.Set(9, 0, 'y', themes.Style{}) }, "\x1b[1;1Hx\x1b[1;10Hy",
		},
		{"after-a-wide-one", func(Area) {}, func(a Area) { a.Text(0, 0, "咖a", themes.Style{}) }, "\x1b[1;1H咖\x1b[1;3Ha"},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := New(10, 2, themes.Unicode)
			if c.before != nil {
				c.before(g.Area())
				g.Changes(nil)
			}
			c.after(g.Area())
			if got := string(g.Changes(nil)); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// TestIndexed checks that a terminal of 256 colours is asked for no others.
func TestIndexed(t *testing.T) {
	g := New(3, 1, themes.Unicode)
	g.SetIndexed(true)
	g.Area().Text(0, 0, "a", themes.Style{Fg: themes.RGB(0x87d787), Bg: themes.RGB(0x262626)})
	g.Area().Text(1, 0, "b", themes.Style{Fg: themes.ANSI(9)})
	if got, want := string(g.Changes(nil)), "\x1b[0m\x1b[H\x1b[2J\x1b[1;1H\x1b[0;38;5;114;48;5;235ma\x1b[0;91mb\x1b[0m"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
