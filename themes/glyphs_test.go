package themes

import "testing"

// drawn is every character beyond ASCII that the screen draws by itself.
const drawn = "▁▂▃▄▅▆▇█·─━│┬▒×…–→←↑↓●◐○◆▲▼✓▸▾▶◀■╭╮╰╯µ⇄┊‹›"

func TestFold(t *testing.T) {
	for _, r := range drawn {
		if got := ASCII.Fold(r); got == '?' || got > 0x7e || got < ' ' {
			t.Errorf("ASCII.Fold(%q) = %q", r, got)
		}
		got := CP437.Fold(r)
		if got == '?' {
			t.Errorf("CP437.Fold(%q) = %q", r, got)
		}
		if again := CP437.Fold(got); again != got {
			t.Errorf("CP437.Fold(%q) = %q, which is not of the set", r, got)
		}
		if got := Unicode.Fold(r); got != r {
			t.Errorf("Unicode.Fold(%q) = %q", r, got)
		}
	}
	if got := ASCII.Fold('咖'); got != '?' {
		t.Errorf("ASCII.Fold of an unknown character = %q, want ?", got)
	}
}

// TestFoldKeepsStates checks that the heights of the strips stay different.
func TestFoldKeepsStates(t *testing.T) {
	for _, g := range []Glyphs{Unicode, CP437, ASCII} {
		seen := map[rune]rune{}
		for _, r := range "▇▄▁▂·~" {
			f := g.Fold(r)
			if other, ok := seen[f]; ok {
				t.Errorf("%v: %q and %q are both %q", g, r, other, f)
			}
			seen[f] = r
		}
	}
}

func TestFoldBraille(t *testing.T) {
	for _, c := range []struct {
		r           rune
		cp437, name rune
	}{{0x2800, ' ', ' '}, {0x2801, '▀', '\''}, {0x28c0, '▄', '.'}, {0x28ff, '█', ':'}} {
		if got := CP437.Fold(c.r); got != c.cp437 {
			t.Errorf("CP437.Fold(%U) = %q, want %q", c.r, got, c.cp437)
		}
		if got := ASCII.Fold(c.r); got != c.name {
			t.Errorf("ASCII.Fold(%U) = %q, want %q", c.r, got, c.name)
		}
	}
}

func TestGlyphsFor(t *testing.T) {
	for _, c := range []struct {
		term, locale string
		want         Glyphs
	}{
		{"xterm-256color", "en_GB.UTF-8", Unicode},
		{"linux", "C.utf8", CP437},
		{"linux", "C", ASCII},
		{"xterm", "", ASCII},
		{"xterm", "de_DE.ISO-8859-1", ASCII},
	} {
		if got := GlyphsFor(c.term, c.locale); got != c.want {
			t.Errorf("GlyphsFor(%q, %q) = %v, want %v", c.term, c.locale, got, c.want)
		}
	}
}

func TestParseGlyphs(t *testing.T) {
	for _, g := range []Glyphs{Unicode, CP437, ASCII} {
		if got, err := ParseGlyphs(g.String()); got != g || err != nil {
			t.Errorf("ParseGlyphs(%q) = %v, %v", g.String(), got, err)
		}
	}
	if _, err := ParseGlyphs("emoji"); err == nil {
		t.Error("ParseGlyphs takes an unknown name")
	}
}
