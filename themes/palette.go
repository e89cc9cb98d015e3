package themes

// A Palette is the colours of a theme by what they mean.
type Palette struct {
	// Text, Strong, Muted and Dim are for words, from what is read first to
	// what is read last.
	Text, Strong, Muted, Dim Color
	// Rule is for lines and dots that carry no words.
	Rule Color
	// Ink is for words on a coloured block.
	Ink Color
	// AccentInk is for words on a block of Accent.
	AccentInk Color
	// Good, Warn, Bad, Info, Accent and Replay are the colours of words and
	// marks.
	Good, Warn, Bad, Info, Accent, Replay Color
	// FillGood … FillGap are blocks: badges, and the path row where it is not
	// well.
	FillGood, FillWarn, FillBad, FillGap Color
	// Fills and Lanes are the blocks and the calm strips of interfaces, in the
	// order of the shades.
	Fills, Lanes [Shades]Color
	// LaneStandby is the calm strip of what is not in use, LaneWarn the loud one.
	LaneStandby, LaneWarn Color
	// Spark is for small charts in tables.
	Spark Color
	// Bands are the dim ranges behind the lines of the chart: good, accent,
	// info.
	Bands [3]Color
	// Bar is behind the header and the key bar, Select behind the selected
	// row, Cursor behind the cursor's column, Popup behind a popup.
	Bar, Select, Cursor, Popup Color
	// SelectInk, when set, is for all words of a selected row: where the
	// other colours would not be readable on Select.
	SelectInk Color
}

// darkPalette is for terminals with a dark background.
func darkPalette() Palette {
	return Palette{
		Text: RGB(0xc3cbdc), Strong: RGB(0xf2f5fc), Muted: RGB(0x8f99b3), Dim: RGB(0x7f88a2),
		Rule: RGB(0x2f3648), Ink: RGB(0x0c1410), AccentInk: RGB(0x0c1410),
		Good: RGB(0x78c98a), Warn: RGB(0xe6b450), Bad: RGB(0xf4707b), Info: RGB(0x6fd0e3),
		Accent: RGB(0x7aa2f7), Replay: RGB(0xbb9af7),
		FillGood: RGB(0x78c98a), FillWarn: RGB(0xe6b450), FillBad: RGB(0xf0616d),
		FillGap: RGB(0x7f89a1),
		Fills:   [Shades]Color{RGB(0x86cf7a), RGB(0x5cc2a6), RGB(0x5fb3c8), RGB(0xa99be8)},
		Lanes:   [Shades]Color{RGB(0x55904f), RGB(0x3c8673), RGB(0x437f91), RGB(0x6f66a3)},
		Spark:   RGB(0x4c8f63), LaneStandby: RGB(0x33473f), LaneWarn: RGB(0xe6b450),
		Bands: [3]Color{RGB(0x34573f), RGB(0x34456e), RGB(0x2f5a64)},
		Bar:   RGB(0x1b2030), Select: RGB(0x26304f), Cursor: RGB(0x2d3a5e), Popup: RGB(0x1b2030),
	}
}

// lightPalette is for terminals with a light background.
func lightPalette() Palette {
	return Palette{
		Text: RGB(0x343a49), Strong: RGB(0x10131a), Muted: RGB(0x5b6374), Dim: RGB(0x656c7b),
		Rule: RGB(0xc9ced8), Ink: RGB(0x0c1410), AccentInk: RGB(0xffffff),
		Good: RGB(0x227238), Warn: RGB(0x8f5b00), Bad: RGB(0xbd2536), Info: RGB(0x0a6c84),
		Accent: RGB(0x2657c8), Replay: RGB(0x7436bd),
		FillGood: RGB(0x72c487), FillWarn: RGB(0xf8d989), FillBad: RGB(0xec7882),
		FillGap: RGB(0xc3c9d6),
		Fills:   [Shades]Color{RGB(0x86c777), RGB(0x7fd3bd), RGB(0x86cfe0), RGB(0xc4b6f5)},
		Lanes:   [Shades]Color{RGB(0x86c777), RGB(0x6cbfa8), RGB(0x6fb6c8), RGB(0xa89be0)},
		Spark:   RGB(0x86c797), LaneStandby: RGB(0xcfdfd3), LaneWarn: RGB(0xb87a00),
		Bands: [3]Color{RGB(0xb5dcbf), RGB(0xbccbf2), RGB(0xb0dbe4)},
		Bar:   RGB(0xe8ebf2), Select: RGB(0xdbe3f8), Cursor: RGB(0xd3ddf6), Popup: RGB(0xeef0f5),
	}
}

// indexedPalette is for 256 colours. The nearest of the 6x6x6 cube to a dark,
// slightly blue colour is pure blue, so backgrounds and bands are chosen among
// the colours that exist: the cube's (00, 5f, 87, af, d7, ff) and the grays.
func indexedPalette(dark bool) Palette {
	if !dark {
		p := lightPalette()
		p.Rule, p.Muted, p.Dim = RGB(0xc6c6c6), RGB(0x5f5f5f), RGB(0x6c6c6c)
		p.FillGood, p.FillWarn, p.FillBad, p.FillGap = RGB(0x87d787), RGB(0xffd75f), RGB(0xff5f5f), RGB(0xc6c6c6)
		p.Fills = [Shades]Color{RGB(0x87d787), RGB(0x87d7af), RGB(0x87d7d7), RGB(0xd7afff)}
		p.Lanes = [Shades]Color{RGB(0x87af87), RGB(0x5faf87), RGB(0x5fafaf), RGB(0xaf87d7)}
		p.Spark, p.LaneStandby = RGB(0x87af87), RGB(0xd0d0d0)
		p.Bands = [3]Color{RGB(0xafd7af), RGB(0xafafff), RGB(0xafd7d7)}
		p.Bar, p.Select, p.Cursor, p.Popup = RGB(0xe4e4e4), RGB(0xd7d7ff), RGB(0xd7d7ff), RGB(0xeeeeee)
		p.Bad = RGB(0xaf0000)
		return p
	}
	p := darkPalette()
	p.Rule, p.Muted, p.Dim = RGB(0x3a3a3a), RGB(0x9e9e9e), RGB(0x8a8a8a)
	p.LaneStandby = RGB(0x444444)
	p.Fills = [Shades]Color{RGB(0x87d787), RGB(0x5fd7af), RGB(0x5fafd7), RGB(0xaf87ff)}
	p.Lanes = [Shades]Color{RGB(0x5f875f), RGB(0x00875f), RGB(0x008787), RGB(0x5f5faf)}
	p.Bands = [3]Color{RGB(0x005f00), RGB(0x005faf), RGB(0x005f5f)}
	p.Bar, p.Select, p.Cursor, p.Popup = RGB(0x262626), RGB(0x303030), RGB(0x3a3a3a), RGB(0x262626)
	return p
}

// ansiPalette uses the terminal's own 16 colours, so that nothing is left to
// downsampling. Backgrounds stay within the first eight: the Linux console has
// no others.
func ansiPalette(dark bool) Palette {
	const (
		black, red, green, yellow, blue, magenta, cyan, white = 0, 1, 2, 3, 4, 5, 6, 7
		gray, bright                                          = 8, 8
	)
	p := Palette{
		Muted: 0, Dim: ANSI(gray), Rule: ANSI(gray), Ink: ANSI(black), AccentInk: ANSI(black),
		Good: ANSI(green + bright), Warn: ANSI(yellow + bright), Bad: ANSI(red + bright),
		Info: ANSI(cyan + bright), Accent: ANSI(blue + bright), Replay: ANSI(magenta + bright),
		FillGood: ANSI(green), FillWarn: ANSI(yellow), FillBad: ANSI(red), FillGap: ANSI(white),
		Fills: [Shades]Color{ANSI(green), ANSI(green), ANSI(cyan), ANSI(magenta)},
		Lanes: [Shades]Color{ANSI(green), ANSI(green), ANSI(cyan), ANSI(magenta)},
		Spark: ANSI(green), LaneStandby: ANSI(gray), LaneWarn: ANSI(yellow + bright),
		Bands:  [3]Color{ANSI(gray), ANSI(gray), ANSI(gray)},
		Select: ANSI(blue), SelectInk: ANSI(white + bright), Strong: ANSI(white + bright),
	}
	if !dark {
		p.Good, p.Warn, p.Bad, p.Info = ANSI(green), ANSI(yellow), ANSI(red), ANSI(cyan)
		p.Accent, p.Replay, p.Strong = ANSI(blue), ANSI(magenta), ANSI(black)
		p.LaneWarn = ANSI(yellow)
	}
	return p
}
