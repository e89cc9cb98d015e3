package themes

import "math"

// nearest returns the colour of the 256 that looks most like c, among those
// that are the same in every terminal: the cube of 6x6x6 and the grays. The 16
// before them are the user's own.
func nearest(c Color) Color { return closest(c, func(Color) bool { return true }) }

// closest is nearest among those that are allowed.
func closest(c Color, allowed func(Color) bool) Color {
	best, distance := Color(0), math.Inf(1)
	want := c.library()
	for _, candidate := range indexed256() {
		if d := want.DistanceLab(candidate.library()); d < distance && allowed(candidate) {
			best, distance = candidate, d
		}
	}
	return best
}

// indexed256 returns the cube and the grays of xterm's 256 colours.
func indexed256() []Color {
	steps := [6]uint32{0, 0x5f, 0x87, 0xaf, 0xd7, 0xff}
	list := make([]Color, 0, 240)
	for _, r := range steps {
		for _, g := range steps {
			for _, b := range steps {
				list = append(list, RGB(r<<16|g<<8|b))
			}
		}
	}
	for v := uint32(8); v <= 238; v += 10 {
		list = append(list, RGB(v<<16|v<<8|v))
	}
	return list
}

// quantized returns the palette in 256 colours. A block or a line that would
// become the ground itself, and so not be seen any more, takes the next colour
// that differs from it.
func (p Palette) quantized(ground Color) Palette {
	dark := luminance(ground) < luminance(p.Text)
	for _, c := range p.lines() {
		was := *c
		for part := 0.0; part < 1; part += 0.04 {
			if *c = nearest(mix(was, extreme(dark), part)); *c != ground {
				break
			}
		}
	}
	p.Ink = nearest(p.Ink)
	p.FillGood = p.Fills[Wired]
	differ(p.Ink, minContrast, &p.FillWarn, &p.FillGood, &p.FillBad, &p.FillGap)
	p.Fills[Wired] = p.FillGood
	differ(p.Ink, minContrast, &p.Fills[Wired], &p.Fills[Tunnel], &p.Fills[Wifi], &p.Fills[Cellular])
	differ(ground, minStrip, &p.Lanes[Wired], &p.Lanes[Tunnel], &p.Lanes[Wifi], &p.Lanes[Cellular])
	for _, c := range p.words() {
		*c = legibleAs(nearest, *c, dark, ground, p.Bar, p.Select)
	}
	p.AccentInk = legibleAs(nearest, p.AccentInk, !dark, p.Accent)
	return p
}

// words are the colours of words on the ground.
func (p *Palette) words() []*Color {
	return []*Color{
		&p.Text, &p.Strong, &p.Muted, &p.Dim, &p.Good, &p.Warn, &p.Bad, &p.Info, &p.Accent, &p.Replay, &p.LaneWarn,
	}
}

// minStrip is the contrast of a calm strip with the ground.
const minStrip = 1.5

// differ makes each colour one of the 256 that nobody takes for the ones before
// it, and that has the contrast with what is beside it.
func differ(beside Color, ratio float64, list ...*Color) {
	for i, c := range list {
		least := func(candidate Color) float64 {
			d := math.Inf(1)
			for _, other := range list[:i] {
				d = min(d, apartForAll(candidate, *other))
			}
			return d
		}
		*c = closest(*c, func(candidate Color) bool {
			return contrast(candidate, beside) >= ratio && least(candidate) >= minApart
		})
	}
}

// lines are what is drawn without words, and what is beneath words of the
// colours of words.
func (p *Palette) lines() []*Color {
	list := []*Color{&p.Rule, &p.LaneStandby, &p.Spark, &p.Bar, &p.Popup, &p.Select, &p.Cursor}
	for i := range p.Lanes {
		list = append(list, &p.Lanes[i])
	}
	for i := range p.Bands {
		list = append(list, &p.Bands[i])
	}
	return list
}
