package themes

// A Theme is a set of colours with a name.
type Theme struct {
	Name string
	// Ground is the background that the colours were chosen for.
	Ground Color
	// Dark is whether Ground is dark.
	Dark bool
	// palette makes the colours, when they are asked for: a program that starts
	// needs those of one theme.
	palette func() Palette
	// indexed makes those for 256 colours; nil takes the nearest ones.
	indexed func() Palette
}

// FromScheme returns the theme of a scheme.
func FromScheme(name string, s Scheme) Theme {
	return Theme{Name: name, Ground: s.Ground, Dark: s.Dark(), palette: s.palette}
}

// BuiltIn returns the themes that come with the program. The first two are
// what "auto" chooses from: one for a dark terminal, one for a light one.
func BuiltIn() []Theme {
	list := []Theme{
		{"dark", RGB(0x11141c), true, darkPalette, func() Palette { return indexedPalette(true) }},
		{"light", RGB(0xfbfbf8), false, lightPalette, func() Palette { return indexedPalette(false) }},
	}
	for _, s := range schemes() {
		list = append(list, FromScheme(s.name, s.Scheme))
	}
	return list
}

// Find returns the built-in theme of that name, and whether there is one.
func Find(name string) (Theme, bool) {
	for _, t := range BuiltIn() {
		if t.Name == name {
			return t, true
		}
	}
	return Theme{}, false
}

// Names returns the names of the built-in themes.
func Names() []string {
	var names []string
	for _, t := range BuiltIn() {
		names = append(names, t.Name)
	}
	return names
}

// Styles returns the styles for a terminal of the given depth. With paint the
// background is that of the theme and not the terminal's own.
func (t Theme) Styles(depth Depth, paint bool) Styles {
	switch depth {
	case Mono:
		return mono()
	case Basic:
		// Which colours these are is the terminal's own theme; painting a
		// background of it would take the one that its words are not made for.
		return fromPalette(ansiPalette(t.Dark != paint))
	}
	colours, ground := t.palette, t.Ground
	if depth == Indexed {
		ground = nearest(ground)
		colours = t.indexed
		if colours == nil {
			colours = func() Palette { return t.palette().quantized(ground) }
		}
	}
	s := fromPalette(colours())
	if paint {
		s.Ground = ground
	}
	return s
}
