package themes

import (
	"math"
	"reflect"
	"testing"
)

// luminance is the relative luminance of WCAG 2.2.
func luminance(c Color) float64 {
	r, g, b, _ := c.Channels()
	sum := 0.0
	for i, v := range [3]uint8{r, g, b} {
		x := float64(v) / 255
		if x <= 0.04045 {
			x /= 12.92
		} else {
			x = math.Pow((x+0.055)/1.055, 2.4)
		}
		sum += x * [3]float64{0.2126, 0.7152, 0.0722}[i]
	}
	return sum
}

// contrast is the contrast ratio of WCAG 2.2, 1 to 21.
func contrast(a, b Color) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// The backgrounds that terminals of each kind really have: black and a usual
// dark gray, white and the warm paper of Solarized.
func backgrounds(dark bool) []Color {
	if dark {
		return []Color{RGB(0x000000), RGB(0x11141c), RGB(0x1e1e1e)}
	}
	return []Color{RGB(0xffffff), RGB(0xfbfbf8), RGB(0xfdf6e3)}
}

func TestContrast(t *testing.T) {
	for _, c := range []struct {
		name  string
		depth Depth
		dark  bool
	}{{"dark", Full, true}, {"light", Full, false}, {"dark-256", Indexed, true}, {"light-256", Indexed, false}} {
		t.Run(c.name, func(t *testing.T) {
			s := New(c.depth, c.dark)
			words := map[string]Style{
				"Text": s.Text, "Strong": s.Strong, "Muted": s.Muted, "Title": s.Title, "Focus": s.Focus,
				"Good": s.Good, "Warn": s.Warn, "Bad": s.Bad, "Info": s.Info, "Accent": s.Accent, "Replay": s.Replay,
				"LaneBad": s.LaneBad, "Loss": s.Loss,
			}
			for _, bg := range backgrounds(c.dark) {
				for name, st := range words {
					if got := contrast(st.Fg, bg); got < 4.5 {
						t.Errorf("%s on %06x: contrast %.2f, want 4.5", name, bg, got)
					}
				}
				if got := contrast(s.Dim.Fg, bg); got < 3 {
					t.Errorf("Dim on %06x: contrast %.2f, want 3", bg, got)
				}
			}
			blocks := map[string]Style{
				"Bar": s.Bar, "BarStrong": s.BarStrong, "BarMuted": s.BarMuted, "BarName": s.BarName,
				"BadgeGood": s.BadgeGood, "BadgeWarn": s.BadgeWarn, "BadgeBad": s.BadgeBad, "BadgeNone": s.BadgeNone,
				"Wired": s.Paths[Wired].Style, "Wifi": s.Paths[Wifi].Style, "Cellular": s.Paths[Cellular].Style, "Tunnel": s.Paths[Tunnel].Style, "PathWarn": s.PathWarn.Style,
				"PathBad": s.PathBad.Style, "PathGap": s.PathGap.Style, "CursorLabel": s.CursorLabel, "Popup": s.Popup,
				"PopupFrame": s.PopupFrame, "Replay on the bar": s.Replay.On(s.Bar.Bg), "Good on the bar": s.Good.On(s.Bar.Bg),
				"Text selected": s.Select(s.Text), "Bad selected": s.Select(s.Bad), "Muted in a popup": s.Muted.On(s.Popup.Bg),
			}
			for name, st := range blocks {
				if got := contrast(st.Fg, st.Bg); got < 4.5 {
					t.Errorf("%s: contrast %.2f, want 4.5", name, got)
				}
			}
		})
	}
}

// TestComplete checks that no style of a coloured theme was forgotten.
func TestComplete(t *testing.T) {
	// Where 16 colours leave these to the terminal: text in its own colour,
	// bars and popups on its own background, a cursor without one.
	own := map[string]bool{"Text": true, "Muted": true, "Bar": true, "BarMuted": true, "Popup": true, "CursorBg": true}
	for _, depth := range []Depth{Basic, Indexed, Full} {
		for _, dark := range []bool{true, false} {
			v := reflect.ValueOf(New(depth, dark))
			for i := range v.NumField() {
				name := v.Type().Field(i).Name
				switch {
				case depth == Basic && own[name], name == "SelectInk", name == "SelectAttr":
				case v.Field(i).IsZero():
					t.Errorf("depth %d, dark %v: %s is not set", depth, dark, name)
				}
			}
		}
	}
}

// TestShadesDiffer checks that neighbours in the timeline can be told apart, but
// for wired and Wi-Fi where there are 16 colours.
func TestShadesDiffer(t *testing.T) {
	for _, depth := range []Depth{Basic, Indexed, Full} {
		for _, dark := range []bool{true, false} {
			s := New(depth, dark)
			for i := range Shades {
				for j := range i {
					if depth == Basic && i == Wifi && j == Wired {
						continue
					}
					if s.Paths[i] == s.Paths[j] || s.Lanes[i] == s.Lanes[j] {
						t.Errorf("depth %d, dark %v: shades %d and %d are the same", depth, dark, i, j)
					}
				}
			}
		}
	}
}

// TestMono checks that what colours say is said by shapes and attributes.
func TestMono(t *testing.T) {
	s := New(Mono, true)
	v := reflect.ValueOf(s)
	for i := range v.NumField() {
		st, ok := reflect.TypeAssert[Style](v.Field(i))
		if ok && (st.Fg != 0 || st.Bg != 0) {
			t.Errorf("%s has a colour", v.Type().Field(i).Name)
		}
	}
	seen := map[Fill]string{}
	for name, f := range map[string]Fill{"good": s.Paths[Wired], "warn": s.PathWarn, "bad": s.PathBad, "gap": s.PathGap} {
		if other, ok := seen[f]; ok {
			t.Errorf("path blocks %s and %s look the same", name, other)
		}
		seen[f] = name
	}
}

func TestAppendSGR(t *testing.T) {
	for _, c := range []struct {
		name  string
		style Style
		want  string
	}{
		{"own", Style{}, "\x1b[0m"},
		{"all-colours", Style{Fg: RGB(0x010203), Bg: RGB(0xfffefd)}, "\x1b[0;38;2;1;2;3;48;2;255;254;253m"},
		{"sixteen", Style{Fg: ANSI(1), Bg: ANSI(12)}, "\x1b[0;31;104m"},
		{"attributes", Style{Attr: Bold | Reverse | Underline}, "\x1b[0;1;4;7m"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := string(c.style.AppendSGR(nil)); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestSelectKeepsInk(t *testing.T) {
	s := New(Basic, true)
	if got := s.Select(s.Bad); got.Fg != s.SelectInk || got.Bg != s.SelectBg {
		t.Errorf("Select(Bad) = %+v, want the ink of the selected row", got)
	}
	full := New(Full, true)
	if got := full.Select(full.Bad); got.Fg != full.Bad.Fg {
		t.Errorf("Select(Bad) = %+v, want its own colour", got)
	}
}
