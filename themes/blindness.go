package themes

import (
	"math"

	"github.com/lucasb-eyer/go-colorful"
)

// blindness are the three kinds of colour blindness, without the cones for red,
// for green or for blue, each as what remains of a colour in linear light
// (Machado, Oliveira and Fernandes 2009, severity 1.0).
var blindness = map[string][9]float64{
	"protanopia":   {0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998},
	"deuteranopia": {0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.011820, 0.042940, 0.968881},
	"tritanopia":   {1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.303900},
}

// seenWith returns a colour as somebody sees it who has that blindness.
func seenWith(m [9]float64, c Color) Color {
	r, g, b := c.library().LinearRgb()
	return fromLibrary(colorful.LinearRgb(m[0]*r+m[1]*g+m[2]*b, m[3]*r+m[4]*g+m[5]*b, m[6]*r+m[7]*g+m[8]*b).Clamped())
}

// apart is how different two colours look: their distance in Oklab. 0.02 is
// just seen side by side.
func apart(a, b Color) float64 {
	x, y, z := a.library().OkLab()
	u, v, w := b.library().OkLab()
	return math.Sqrt((x-u)*(x-u) + (y-v)*(y-v) + (z-w)*(z-w))
}

// minApart is how different the states of the path look to anybody.
const minApart = 0.045

// apartForAll returns the least distance of two colours over all eyes.
func apartForAll(a, b Color) float64 {
	least := apart(a, b)
	for _, m := range blindness {
		least = min(least, apart(seenWith(m, a), seenWith(m, b)))
	}
	return least
}
