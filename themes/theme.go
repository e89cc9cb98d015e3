package themes

// A Theme is a set of colours with a name.
type Theme struct {
	Name string
	// Ground is the background that the colours were chosen for.
	Ground Color
	// Dark is whether Ground is dark.
	Dark    bool
	palette Palette
	// indexed is the palette for 256 colours; nil takes the nearest ones.
	indexed *Palette
}

// FromScheme returns the theme of a scheme.
func FromScheme(name string, s Scheme) Theme {
	return Theme{Name: name, Ground: s.Ground, Dark: s.Dark(), palette: s.palette()}
}

// BuiltIn returns the themes that come with the program. The first two are
// what "auto" chooses from: one for a dark terminal, one for a light one.
func BuiltIn() []Theme {
	dark, light := indexedPalette(true), indexedPalette(false)
	list := []Theme{
		{"dark", RGB(0x11141c), true, darkPalette(), &dark},
		{"light", RGB(0xfbfbf8), false, lightPalette(), &light},
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
	p, ground := t.palette, t.Ground
	if depth == Indexed {
		ground = nearest(ground)
		if t.indexed != nil {
			p = *t.indexed
		} else {
			p = p.quantized(ground)
		}
	}
	s := fromPalette(p)
	if paint {
		s.Ground = ground
	}
	return s
}
