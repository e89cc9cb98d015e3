package ui

import (
	"math"
	"slices"
	"time"

	"flapscope/internal/text"
	"flapscope/ui/grid"
)

// A heights says at which height of a chart a round trip is drawn.
type heights struct {
	// top is the round trip at the top edge, 0 if there is none, lines how many of a linear scale are
	// labelled.
	top   time.Duration
	lines int
	// base, when set, is the round trip at the bottom of a logarithmic scale.
	base time.Duration
}

// heightsOf returns the scale of a chart of h rows.
func heightsOf(plots []plot, h int, log bool) heights {
	lines := scaleLines(h)
	if !log {
		return heights{top: scale(plots, lines), lines: lines}
	}
	least, most := time.Duration(math.MaxInt64), time.Duration(0)
	for _, p := range plots {
		for _, b := range p.buckets {
			if b.Answered > 0 {
				least, most = min(least, max(b.Min, time.Microsecond)), max(most, b.Max)
			}
		}
	}
	if most == 0 {
		return heights{top: scale(plots, lines), lines: lines}
	}
	// All of it has room: what is rare and long is what the scale is for.
	s := heights{base: time.Microsecond, top: time.Hour}
	for v := range steps() {
		if v <= least {
			s.base = v
		}
		if v >= most && v > s.base {
			s.top = v
			break
		}
	}
	return s
}

// steps are the values of a logarithmic scale: 1, 2, 5, 10…
func steps() func(func(time.Duration) bool) {
	return func(yield func(time.Duration) bool) {
		for unit := time.Microsecond; unit < 10*time.Hour; unit *= 10 {
			for _, n := range []time.Duration{1, 2, 5} {
				if !yield(n * unit) {
					return
				}
			}
		}
	}
}

// row returns the row of dots, from the top, at which v is drawn.
func (s heights) row(v time.Duration, dots int) int {
	if s.top <= 0 {
		return dots - 1
	}
	part := float64(v) / float64(s.top)
	if s.base > 0 {
		part = math.Log(float64(max(v, s.base))/float64(s.base)) / math.Log(float64(s.top)/float64(s.base))
	}
	y := dots - 1 - int(part*float64(dots))
	return min(max(y, 0), dots-1)
}

// A scaleLabel is a round trip that is written at its height.
type scaleLabel struct {
	y int
	v time.Duration
}

// labels returns what is written beside a chart of h rows, from the top.
func (s heights) labels(h int) (out []scaleLabel) {
	if s.top == 0 {
		return nil
	}
	if s.base == 0 {
		for i := range s.lines {
			out = append(out, scaleLabel{h * i / s.lines, s.top * time.Duration(s.lines-i) / time.Duration(s.lines)})
		}
		return out
	}
	const apart = 2 // which leaves room for names
	all := slices.Collect(steps())
	for _, v := range slices.Backward(all) {
		if v > s.top || v < s.base {
			continue
		}
		if y := s.row(v, 4*h) / 4; len(out) == 0 || y >= out[len(out)-1].y+apart {
			out = append(out, scaleLabel{y, v})
		}
	}
	return out
}

// scale returns the round trip at the top of the chart, or 0 when nothing answered: a
// round number above nearly all medians and most maxima. A few spikes are cut off rather than
// flattening everything else for as long as they are in the window.
func scale(plots []plot, lines int) time.Duration {
	n := 0
	for _, p := range plots {
		n += len(p.buckets)
	}
	medians, peaks := make([]time.Duration, 0, n), make([]time.Duration, 0, n)
	for _, p := range plots {
		for _, b := range p.buckets {
			if b.Answered > 0 {
				medians, peaks = append(medians, b.Median), append(peaks, b.Max)
			}
		}
	}
	if len(medians) == 0 {
		return 0 // there is nothing to read off
	}
	slices.Sort(medians)
	slices.Sort(peaks)
	nearly := (len(medians) - 1) * 95 / 100
	top := medians[len(medians)-1]
	if usual := medians[nearly]; top > 2*usual && len(medians) >= 20 {
		top = usual // a spike; among a few there is none
	}
	top = max(top, peaks[nearly])
	return roundUp(top+top/10, lines)
}

// roundUp returns the next round duration that divides well by lines (1 to 3).
func roundUp(d time.Duration, lines int) time.Duration {
	for unit := 100 * time.Microsecond; unit < time.Hour; unit *= 10 {
		for _, n := range []time.Duration{10, 12, 15, 16, 18, 20, 24, 30, 40, 45, 50, 60, 80, 90} {
			if n%time.Duration(lines) == 0 && n*unit/10 >= d {
				return n * unit / 10
			}
		}
	}
	return d
}

// scaleLines returns how many lines the scale of a chart of height h has.
func scaleLines(h int) int {
	switch {
	case h >= 8:
		return 3
	case h >= 4:
		return 2
	}
	return 1
}

// drawScale draws the labels of the axis and the dots at their heights.
func drawScale(a grid.Area, k look, gutter int, s heights) {
	unit, name := time.Millisecond, " ms"
	if s.top < time.Millisecond {
		unit, name = time.Microsecond, " µs"
	}
	for _, l := range s.labels(a.Height()) {
		label := text.Trimmed(float64(l.v)/float64(unit)) + name
		a.Right(gutter-1, l.y, label, k.Dim)
		for x := gutter; x < a.Width(); x += 4 {
			a.Set(x, l.y, '·', k.Rule)
		}
	}
}
