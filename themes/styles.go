package themes

// A Depth is how many colours the terminal shows.
type Depth uint8

// The depths.
const (
	// Mono has attributes only: NO_COLOR, or a terminal without colours.
	Mono Depth = iota
	// Basic has the terminal's own 16 colours.
	Basic
	// Indexed has 256 colours.
	Indexed
	// Full has all colours.
	Full
)

// A Fill is a block with words in it: its style, and the character between
// the words, which tells the blocks apart where there are no colours.
type Fill struct {
	Style Style
	Rune  rune
}

// A Shade is what an interface is, as far as its colour says: colour says how
// it does, and among what is well the shade says which it is.
type Shade uint8

// The shades.
const (
	Wired Shade = iota
	Wifi
	Cellular
	Tunnel
	// Shades is how many there are.
	Shades
)

// A Series is how one line of the chart and the range behind it look.
type Series struct{ Line, Band Style }

// Styles is everything that a view needs to know of the looks of the screen.
type Styles struct {
	// Text, Strong, Muted and Dim are for words, Rule for lines, Title for the
	// heads of sections and Focus for the head of the focused one.
	Text, Strong, Muted, Dim, Rule, Title, Focus Style
	// Good, Warn, Bad, Info, Accent and Replay are for words and marks.
	Good, Warn, Bad, Info, Accent, Replay Style
	// Bar is the header and the key bar; the others are words on it.
	Bar, BarStrong, BarMuted, BarName Style
	// The badges of the header.
	BadgeGood, BadgeWarn, BadgeBad, BadgeNone Style
	// The blocks of the path row.
	PathWarn, PathBad, PathGap Fill
	// Paths are its blocks where all is well, and Lanes the strips of the
	// interfaces then, by their shade.
	Paths [Shades]Fill
	Lanes [Shades]Style
	// Received are the bars of what an interface received, which stand above those
	// of what it sent and its strip, in the colours of Lanes.
	Received [Shades]Style
	// The other strips of the interfaces.
	LaneStandby, LaneWarn, LaneBad, LaneNone Style
	// Series are the lines of the chart in order of importance.
	Series [3]Series
	// Loss is the strip below the chart.
	Loss Style
	// Spark is for small charts in tables.
	Spark Style
	// CursorLine is drawn where the cursor's column is empty, CursorLabel is
	// its time on the axis, and CursorBg the background of its column.
	CursorLine, CursorLabel Style
	CursorBg                Color
	// SelectBg and SelectInk are the background of the selected row and, if
	// set, the colour of all its words; SelectAttr are further attributes.
	SelectBg, SelectInk Color
	SelectAttr          Attr
	// Popup is the inside of a popup, PopupFrame its border.
	Popup, PopupFrame Style
	// Ground, when set, is painted behind everything that has no background.
	Ground Color
}

// Select returns the style of a cell in a selected row.
func (s *Styles) Select(st Style) Style {
	st.Attr |= s.SelectAttr
	if s.SelectBg != 0 {
		st.Bg = s.SelectBg
	}
	if s.SelectInk != 0 {
		st.Fg = s.SelectInk
	}
	return st
}

func fromPalette(p Palette) Styles {
	fg := func(c Color) Style { return Style{Fg: c} }
	block := func(c Color) Style { return Style{Fg: p.Ink, Bg: c, Attr: Bold} }
	fill := func(c Color) Fill { return Fill{block(c), ' '} }
	s := Styles{
		Text: fg(p.Text), Strong: fg(p.Strong), Muted: fg(p.Muted), Dim: fg(p.Dim), Rule: fg(p.Rule),
		Title: fg(p.Muted).With(Bold), Focus: fg(p.Accent).With(Bold),
		Good: fg(p.Good), Warn: fg(p.Warn), Bad: fg(p.Bad), Info: fg(p.Info), Accent: fg(p.Accent), Replay: fg(p.Replay),
		Bar: Style{p.Text, p.Bar, 0}, BarStrong: Style{p.Strong, p.Bar, Bold},
		BarMuted: Style{p.Muted, p.Bar, 0}, BarName: Style{p.Muted, p.Bar, Bold},
		BadgeGood: block(p.FillGood), BadgeWarn: block(p.FillWarn), BadgeBad: block(p.FillBad), BadgeNone: block(p.FillGap),
		PathWarn: fill(p.FillWarn), PathBad: fill(p.FillBad), PathGap: fill(p.FillGap),
		LaneStandby: fg(p.LaneStandby), LaneWarn: fg(p.LaneWarn), LaneBad: fg(p.Bad), LaneNone: fg(p.Rule),
		Series: [3]Series{
			{fg(p.Good), fg(p.Bands[0])}, {fg(p.Accent), fg(p.Bands[1])}, {fg(p.Info), fg(p.Bands[2])},
		},
		Loss: fg(p.Bad), Spark: fg(p.Spark),
		CursorLine: fg(p.Accent), CursorLabel: Style{p.AccentInk, accentBlock(p), Bold}, CursorBg: p.Cursor,
		SelectBg: p.Select, SelectInk: p.SelectInk,
		Popup: Style{p.Text, p.Popup, 0}, PopupFrame: Style{p.Accent, p.Popup, 0},
	}
	for i := range Shades {
		s.Paths[i], s.Lanes[i], s.Received[i] = fill(p.Fills[i]), fg(p.Lanes[i]), fg(p.Fills[i])
	}
	return s
}

// accentBlock is the background of the cursor's time: the accent colour, or
// for 16 colours one of the first eight.
func accentBlock(p Palette) Color {
	if _, _, _, ok := p.Accent.Channels(); ok {
		return p.Accent
	}
	return ANSI(6)
}

// mono says everything by attributes, heights and characters.
func mono() Styles {
	var plain Style
	bold, reverse := Style{Attr: Bold}, Style{Attr: Reverse}
	badge := Style{Attr: Bold | Reverse}
	series := Series{Line: plain, Band: plain}
	return Styles{
		Strong: bold, Title: bold, Focus: Style{Attr: Bold | Underline},
		Warn: bold, Bad: bold, Replay: bold, BarStrong: bold, BarName: bold,
		BadgeGood: badge, BadgeWarn: badge, BadgeBad: badge, BadgeNone: badge,
		Paths:    [Shades]Fill{{badge, ' '}, {badge, ' '}, {badge, ' '}, {badge, ' '}},
		PathWarn: Fill{bold, '▒'}, PathBad: Fill{bold, '×'}, PathGap: Fill{plain, '~'},
		Series:      [3]Series{series, series, series},
		CursorLabel: reverse, SelectAttr: Bold,
	}
}
