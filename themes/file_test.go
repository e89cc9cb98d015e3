package themes

import (
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		name, file string
		// want is what the error says, or empty.
		want string
	}{
		{"empty", "", ""},
		{"some-of-another", "base = \"nord\"\nred = \"#ff0000\"\n", ""},
		{"syntax", "red = ", `theme "mine": `},
		{"base", "base = \"pink\"\n", `theme "mine": base = "pink": want one of dark, light, contrast`},
		{"key", "reed = \"#ff0000\"\n", `theme "mine": "reed" is no colour of a theme; want base, ground, text`},
		{"short", "red = \"#f00\"\n", `theme "mine": red = "#f00": want a colour like "#7aa2f7"`},
		{"sign", "red = \"#+f0000\"\n", `theme "mine": red = "#+f0000": want a colour`},
		{"number", "red = 7\n", `theme "mine": red = "7": want a colour`},
		{"escape", "red = \"\\u001b[2J\"\n", `theme "mine": red = "\x1b[2J": want a colour`},
	} {
		t.Run(c.name, func(t *testing.T) {
			theme, err := Parse("mine", []byte(c.file))
			switch {
			case c.want == "" && err != nil:
				t.Fatal(err)
			case c.want == "" && theme.Name != "mine":
				t.Errorf("name %q", theme.Name)
			case c.want != "" && (err == nil || !strings.HasPrefix(err.Error(), c.want)):
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

// TestParseTakesTheColour sees the colour of the file in the styles, and
// everything else as in the base.
func TestParseTakesTheColour(t *testing.T) {
	own, err := Parse("mine", []byte("base = \"nord\"\nblue = \"#80c0ff\"\n"))
	if err != nil {
		t.Fatal(err)
	}
	got, nord := own.Styles(Full, false), find(t, "nord").Styles(Full, false)
	if got.Accent.Fg != RGB(0x80c0ff) {
		t.Errorf("accent is %06x", got.Accent.Fg)
	}
	if got.PathWarn != nord.PathWarn || got.PathBad != nord.PathBad {
		t.Error("what the file does not name differs from its base")
	}
}

// TestUnreadableColours checks that words can be read whatever a file asks
// for.
func TestUnreadableColours(t *testing.T) {
	own, err := Parse("mine", []byte("ground = \"#202020\"\ntext = \"#303030\"\nred = \"#210000\"\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, depth := range []Depth{Full, Indexed} {
		s := own.Styles(depth, true)
		for name, st := range map[string]Style{"Text": s.Text, "Bad": s.Bad} {
			if got := contrast(st.Fg, s.Ground); got < minContrast {
				t.Errorf("depth %d: %s has a contrast of %.1f", depth, name, got)
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("base = \"nord\"\nred = \"#ff0000\"\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		theme, err := Parse("mine", b)
		if err == nil {
			theme.Styles(Full, true)
		}
	})
}
