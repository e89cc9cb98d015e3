package themes

import "github.com/lucasb-eyer/go-colorful"

// A Scheme is the few colours that a theme is made of. The palette follows
// from them: blocks, strips and bands are mixed with the ground, and words that
// could not be read on it are moved away from it until they can.
type Scheme struct {
	// Ground is the background that the others were chosen for.
	Ground Color
	// Text, Strong and Muted are for words.
	Text, Strong, Muted Color
	// The colours by their names, each readable on Ground or nearly so.
	Red, Amber, Green, Cyan, Blue, Violet Color
}

// minContrast is what WCAG 2.2 asks for words of usual size (1.4.3, AA).
const minContrast = 4.5

// Dark reports whether the ground is darker than the words on it.
func (s Scheme) Dark() bool { return luminance(s.Ground) < luminance(s.Text) }

// palette returns the colours by what they mean.
func (s Scheme) palette() Palette {
	p := Palette{
		Rule: s.tint(s.Muted, 0.3, 1.5), Ink: RGB(0x0c1410),
		Bar: s.tint(s.Text, 0.07, 1.1), Popup: s.tint(s.Text, 0.07, 1.1),
		Select: s.tint(s.Blue, 0.18, 1.3), Cursor: s.tint(s.Blue, 0.25, 1.45),
		LaneStandby: s.tint(s.Green, 0.22, 1.4),
	}
	word := func(c Color) Color { return legible(c, s.Dark(), s.Ground, p.Bar, p.Select) }
	p.Text, p.Strong, p.Muted = word(s.Text), word(s.Strong), word(s.Muted)
	p.Dim = legible(mix(s.Muted, s.Ground, 0.2), s.Dark(), s.Ground, p.Bar)
	p.Good, p.Warn, p.Bad, p.Info = word(s.Green), word(s.Amber), word(s.Red), word(s.Cyan)
	p.Accent, p.Replay, p.LaneWarn = word(s.Blue), word(s.Violet), word(s.Amber)
	p.AccentInk = p.Ink
	if contrast(p.AccentInk, p.Accent) < minContrast {
		p.AccentInk = RGB(0xffffff)
	}
	// The states differ in lightness too: who does not see red from green sees
	// that.
	p.FillGood, p.FillWarn, p.FillBad = lit(s.Green, 0.765), lit(s.Amber, 0.91), lit(s.Red, 0.665)
	p.FillGap = lit(mix(s.Muted, gray(s.Muted), 0.6), 0.715)
	p.Fills = [Shades]Color{
		lit(s.Green, 0.765), lit(mix(s.Green, s.Cyan, 0.6), 0.77), lit(mix(s.Cyan, s.Blue, 0.5), 0.78), lit(s.Violet, 0.76),
	}
	for i, c := range p.Fills {
		p.Lanes[i] = mix(c, s.Ground, 0.38)
	}
	p.Spark = p.Lanes[Wired]
	p.Bands = [3]Color{mix(s.Ground, s.Green, 0.35), mix(s.Ground, s.Blue, 0.35), mix(s.Ground, s.Cyan, 0.35)}
	return p
}

// tint mixes a part of a colour into the ground, and more of it where the two would
// differ by less than a contrast: what is mixed with black looks like black for long.
// On a light ground less of a difference is seen as well.
func (s Scheme) tint(c Color, part, least float64) Color {
	if !s.Dark() {
		least = 1 + 0.8*(least-1)
	}
	for ; part < 1; part += 0.02 {
		if m := mix(s.Ground, c, part); contrast(m, s.Ground) >= least {
			return m
		}
	}
	return c
}

// legible returns the colour, made lighter or darker until words in it can be
// read on each of the grounds, or, as a ground, beneath words of their colour.
func legible(c Color, lighter bool, grounds ...Color) Color {
	same := func(c Color) Color { return c }
	return legibleAs(same, c, lighter, grounds...)
}

// legibleAs is legible for colours that fit makes of others.
func legibleAs(fit func(Color) Color, c Color, lighter bool, grounds ...Color) Color {
	for part := 0.0; part < 1; part += 0.04 {
		mixed, ok := fit(mix(c, extreme(lighter), part)), true
		for _, g := range grounds {
			ok = ok && contrast(mixed, g) >= minContrast
		}
		if ok {
			return mixed
		}
	}
	return extreme(lighter)
}

// extreme is white or black.
func extreme(white bool) Color {
	if white {
		return RGB(0xffffff)
	}
	return RGB(0)
}

// mix returns a colour between two, part of the way from a to b, in steps that
// look even (Oklab).
func mix(a, b Color, part float64) Color {
	if part == 0 {
		return a
	}
	return fromLibrary(a.library().BlendOkLab(b.library(), part).Clamped())
}

// lit returns the colour with another lightness, 0 to 1 (Oklab).
func lit(c Color, lightness float64) Color {
	_, a, b := c.library().OkLab()
	return fromLibrary(colorful.OkLab(lightness, a, b).Clamped())
}

// gray returns the gray as light as the colour.
func gray(c Color) Color {
	l, _, _ := c.library().OkLab()
	return fromLibrary(colorful.OkLab(l, 0, 0).Clamped())
}

// library returns a 24-bit colour as the library of colours has it.
func (c Color) library() colorful.Color {
	r, g, b, _ := c.Channels()
	return colorful.Color{R: float64(r) / 255, G: float64(g) / 255, B: float64(b) / 255}
}

func fromLibrary(c colorful.Color) Color {
	r, g, b := c.RGB255()
	return RGB(uint32(r)<<16 | uint32(g)<<8 | uint32(b))
}

// luminance is the relative luminance of WCAG 2.2.
func luminance(c Color) float64 {
	r, g, b := c.library().LinearRgb()
	return 0.2126*r + 0.7152*g + 0.0722*b
}

// contrast is the contrast ratio of WCAG 2.2, 1 to 21.
func contrast(a, b Color) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}
