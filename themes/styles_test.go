package themes

import (
	"reflect"
	"testing"
)

// The backgrounds that terminals of each kind really have: black and a usual
// dark gray, white and the warm paper of Solarized.
func backgrounds(dark bool) []Color {
	if dark {
		return []Color{RGB(0x000000), RGB(0x11141c), RGB(0x1e1e1e)}
	}
	return []Color{RGB(0xffffff), RGB(0xfbfbf8), RGB(0xfdf6e3)}
}

// looks calls f for each theme at the depths that have colours of their own.
func looks(t *testing.T, f func(t *testing.T, theme Theme, depth Depth, s Styles)) {
	for _, theme := range BuiltIn() {
		for depth, name := range map[Depth]string{Full: "", Indexed: "-256"} {
			t.Run(theme.Name+name, func(t *testing.T) { f(t, theme, depth, theme.Styles(depth, true)) })
		}
	}
}

// grounds are the backgrounds that a theme is seen on: its own, and for the
// two that "auto" chooses those that terminals have.
func grounds(theme Theme, s Styles) []Color {
	list := []Color{s.Ground}
	if theme.Name == "dark" || theme.Name == "light" {
		list = append(list, backgrounds(theme.Dark)...)
	}
	return list
}

func TestContrast(t *testing.T) {
	looks(t, func(t *testing.T, theme Theme, _ Depth, s Styles) {
		words := map[string]Style{
			"Text": s.Text, "Strong": s.Strong, "Muted": s.Muted, "Dim": s.Dim, "Title": s.Title, "Focus": s.Focus,
			"Good": s.Good, "Warn": s.Warn, "Bad": s.Bad, "Info": s.Info, "Accent": s.Accent, "Replay": s.Replay,
			"LaneBad": s.LaneBad, "Loss": s.Loss,
		}
		for _, bg := range grounds(theme, s) {
			for name, st := range words {
				if got := contrast(st.Fg, bg); got < minContrast {
					t.Errorf("%s on %06x: contrast %.2f, want 4.5", name, bg&0xffffff, got)
				}
			}
		}
		blocks := map[string]Style{
			"Bar": s.Bar, "BarStrong": s.BarStrong, "BarMuted": s.BarMuted, "BarName": s.BarName,
			"BadgeGood": s.BadgeGood, "BadgeWarn": s.BadgeWarn, "BadgeBad": s.BadgeBad, "BadgeNone": s.BadgeNone,
			"Wired": s.Paths[Wired].Style, "Wifi": s.Paths[Wifi].Style, "Cellular": s.Paths[Cellular].Style, "Tunnel": s.Paths[Tunnel].Style, "PathWarn": s.PathWarn.Style,
			"PathBad": s.PathBad.Style, "PathGap": s.PathGap.Style, "CursorLabel": s.CursorLabel, "Popup": s.Popup,
			"PopupFrame": s.PopupFrame, "Replay on the bar": s.Replay.On(s.Bar.Bg), "Good on the bar": s.Good.On(s.Bar.Bg),
			"Text selected": s.Select(s.Text), "Bad selected": s.Select(s.Bad), "Muted selected": s.Select(s.Muted), "Muted in a popup": s.Muted.On(s.Popup.Bg),
		}
		for name, st := range blocks {
			if got := contrast(st.Fg, st.Bg); got < minContrast {
				t.Errorf("%s: contrast %.2f, want 4.5", name, got)
			}
		}
	})
}

// TestVisible checks that what is drawn without words differs from the ground,
// which it may stop to do where there are 256 colours.
func TestVisible(t *testing.T) {
	looks(t, func(t *testing.T, theme Theme, _ Depth, s Styles) {
		for name, c := range map[string]Color{
			"first band": s.Series[0].Band.Fg, "second band": s.Series[1].Band.Fg, "third band": s.Series[2].Band.Fg,
			"Rule": s.Rule.Fg, "LaneStandby": s.LaneStandby.Fg, "Spark": s.Spark.Fg,
			"Bar": s.Bar.Bg, "Popup": s.Popup.Bg, "Select": s.SelectBg, "Cursor": s.CursorBg,
		} {
			for _, bg := range grounds(theme, s) {
				if got := apart(c, bg); got < 0.02 {
					t.Errorf("%s can't be told from %06x: %.3f", name, bg&0xffffff, got)
				}
			}
		}
		// A dark blue differs from black, and is as dark.
		for name, c := range map[string]Color{
			"first band": s.Series[0].Band.Fg, "second band": s.Series[1].Band.Fg, "third band": s.Series[2].Band.Fg,
			"Rule": s.Rule.Fg, "LaneStandby": s.LaneStandby.Fg, "Select": s.SelectBg, "Cursor": s.CursorBg,
		} {
			if got := contrast(c, s.Ground); got < 1.2 {
				t.Errorf("%s is as light as the ground: contrast %.2f", name, got)
			}
		}
		for i, series := range s.Series {
			if got := apart(series.Line.Fg, series.Band.Fg); got < 0.1 {
				t.Errorf("line %d can't be told from its band: %.3f", i, got)
			}
		}
	})
}

// TestColourBlind checks that the states of the path can be told apart without
// the cones for red, for green or for blue. The glyph and the word beside them
// say it again.
func TestColourBlind(t *testing.T) {
	looks(t, func(t *testing.T, _ Theme, _ Depth, s Styles) {
		states := map[string]Color{
			"well": s.Paths[Wired].Style.Bg, "unwell": s.PathWarn.Style.Bg, "bad": s.PathBad.Style.Bg, "unknown": s.PathGap.Style.Bg,
		}
		for kind, m := range blindness {
			for a, x := range states {
				for b, y := range states {
					if got := apart(seenWith(m, x), seenWith(m, y)); a < b && got < minApart {
						t.Errorf("%s: %s and %s are %.3f apart", kind, a, b, got)
					}
				}
			}
		}
	})
}

// TestComplete checks that no style of a coloured theme was forgotten.
func TestComplete(t *testing.T) {
	// Where 16 colours leave these to the terminal: text in its own colour,
	// bars and popups on its own background, a cursor without one.
	own := map[string]bool{"Text": true, "Muted": true, "Bar": true, "BarMuted": true, "Popup": true, "CursorBg": true, "Ground": true}
	for _, theme := range BuiltIn() {
		for _, depth := range []Depth{Basic, Indexed, Full} {
			v := reflect.ValueOf(theme.Styles(depth, true))
			for i := range v.NumField() {
				name := v.Type().Field(i).Name
				switch {
				case depth == Basic && own[name], name == "SelectInk", name == "SelectAttr":
				case v.Field(i).IsZero():
					t.Errorf("%s, depth %d: %s is not set", theme.Name, depth, name)
				}
			}
		}
	}
}

// TestShadesDiffer checks that neighbours in the timeline can be told apart, but
// for wired and Wi-Fi where there are 16 colours.
func TestShadesDiffer(t *testing.T) {
	for _, theme := range BuiltIn() {
		for _, depth := range []Depth{Basic, Indexed, Full} {
			s := theme.Styles(depth, false)
			for i := range Shades {
				for j := range i {
					if depth == Basic && i == Wifi && j == Wired {
						continue
					}
					if s.Paths[i] == s.Paths[j] || s.Lanes[i] == s.Lanes[j] {
						t.Errorf("%s, depth %d: shades %d and %d are the same", theme.Name, depth, i, j)
					}
				}
			}
		}
	}
}

// TestMono checks that what colours say is said by shapes and attributes.
func TestMono(t *testing.T) {
	s := find(t, "dark").Styles(Mono, true)
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
	s := find(t, "dark").Styles(Basic, false)
	if got := s.Select(s.Bad); got.Fg != s.SelectInk || got.Bg != s.SelectBg {
		t.Errorf("Select(Bad) = %+v, want the ink of the selected row", got)
	}
	full := find(t, "dark").Styles(Full, false)
	if got := full.Select(full.Bad); got.Fg != full.Bad.Fg {
		t.Errorf("Select(Bad) = %+v, want its own colour", got)
	}
}

func find(t *testing.T, name string) Theme {
	t.Helper()
	theme, ok := Find(name)
	if !ok {
		t.Fatalf("no theme %q", name)
	}
	return theme
}
