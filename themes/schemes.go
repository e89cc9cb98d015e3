package themes

// A namedScheme is a scheme with the name of its theme.
type namedScheme struct {
	name string
	Scheme
}

// schemeOf returns the scheme of a built-in theme, for others to start from,
// and whether there is one.
func schemeOf(name string) (Scheme, bool) {
	own := []namedScheme{
		{"dark", Scheme{
			RGB(0x11141c), RGB(0xc3cbdc), RGB(0xf2f5fc), RGB(0x8f99b3),
			RGB(0xf4707b), RGB(0xe6b450), RGB(0x78c98a), RGB(0x6fd0e3), RGB(0x7aa2f7), RGB(0xbb9af7),
		}},
		{"light", Scheme{
			RGB(0xfbfbf8), RGB(0x343a49), RGB(0x10131a), RGB(0x5b6374),
			RGB(0xbd2536), RGB(0x8f5b00), RGB(0x227238), RGB(0x0a6c84), RGB(0x2657c8), RGB(0x7436bd),
		}},
	}
	for _, s := range append(own, schemes()...) {
		if s.name == name {
			return s.Scheme, true
		}
	}
	return Scheme{}, false
}

// schemes are those of the built-in themes that are made of a scheme. The
// colours are those that their authors publish; "colour-blind" has blue in place
// of green, of the colours of Okabe and Ito (Color Universal Design, 2008).
func schemes() []namedScheme {
	return []namedScheme{
		{"contrast", Scheme{
			RGB(0x000000), RGB(0xf2f2f2), RGB(0xffffff), RGB(0xc8c8c8),
			RGB(0xff6b6b), RGB(0xffd400), RGB(0x3dff7a), RGB(0x5cf4ff), RGB(0x8fb8ff), RGB(0xe0a8ff),
		}},
		{"colour-blind", Scheme{
			RGB(0x11141c), RGB(0xc9d1e0), RGB(0xf5f7fc), RGB(0x95a0b8),
			RGB(0xe0621a), RGB(0xf0e442), RGB(0x56b4e9), RGB(0x7fd4f5), RGB(0x7aa2f7), RGB(0xd59ac4),
		}},
		{"catppuccin", Scheme{ // Mocha
			RGB(0x1e1e2e), RGB(0xcdd6f4), RGB(0xf5e0dc), RGB(0x9399b2),
			RGB(0xf38ba8), RGB(0xf9e2af), RGB(0xa6e3a1), RGB(0x94e2d5), RGB(0x89b4fa), RGB(0xcba6f7),
		}},
		{"catppuccin-latte", Scheme{
			RGB(0xeff1f5), RGB(0x4c4f69), RGB(0x11111b), RGB(0x6c6f85),
			RGB(0xd20f39), RGB(0xdf8e1d), RGB(0x40a02b), RGB(0x179299), RGB(0x1e66f5), RGB(0x8839ef),
		}},
		{"gruvbox", Scheme{
			RGB(0x282828), RGB(0xebdbb2), RGB(0xfbf1c7), RGB(0xa89984),
			RGB(0xfb4934), RGB(0xfabd2f), RGB(0xb8bb26), RGB(0x8ec07c), RGB(0x83a598), RGB(0xd3869b),
		}},
		{"gruvbox-light", Scheme{
			RGB(0xfbf1c7), RGB(0x3c3836), RGB(0x1d2021), RGB(0x7c6f64),
			RGB(0x9d0006), RGB(0xb57614), RGB(0x79740e), RGB(0x427b58), RGB(0x076678), RGB(0x8f3f71),
		}},
		{"nord", Scheme{
			RGB(0x2e3440), RGB(0xd8dee9), RGB(0xeceff4), RGB(0x8f9bb3),
			RGB(0xbf616a), RGB(0xebcb8b), RGB(0xa3be8c), RGB(0x8fbcbb), RGB(0x81a1c1), RGB(0xb48ead),
		}},
		{"solarized", Scheme{
			RGB(0x002b36), RGB(0x93a1a1), RGB(0xeee8d5), RGB(0x839496),
			RGB(0xdc322f), RGB(0xb58900), RGB(0x859900), RGB(0x2aa198), RGB(0x268bd2), RGB(0x6c71c4),
		}},
		{"solarized-light", Scheme{
			RGB(0xfdf6e3), RGB(0x586e75), RGB(0x073642), RGB(0x657b83),
			RGB(0xdc322f), RGB(0xb58900), RGB(0x859900), RGB(0x2aa198), RGB(0x268bd2), RGB(0x6c71c4),
		}},
	}
}
