package compare

import (
	"math"

	"flapscope/monitor/fact"
)

// fewestBlocks is how many stretches say how much what happens comes in bursts.
const fewestBlocks = 8

// dispersion says how much more what was tallied varies than what comes one by
// one by chance would: the most that any length of stretches shows, so that a
// burst that is longer than the shortest of them counts as one.
func dispersion(sides ...*tally) float64 {
	most := 0.0
	for _, s := range sides {
		most = max(most, s.grain)
	}
	for k := 1; ; k *= 2 {
		excess, freedom, fewest := 0.0, 0, math.MaxInt
		for _, s := range sides {
			m := s.sum()
			if m.of == 0 || m.in == 0 {
				continue
			}
			joined := join(s.blocks, k)
			fewest = min(fewest, len(joined))
			for _, b := range joined {
				if b.in == 0 {
					continue
				}
				due := m.of / m.in * b.in
				excess += (b.of - due) * (b.of - due) / due
			}
			freedom += len(joined) - 1
		}
		if fewest < fewestBlocks || freedom == 0 {
			return most
		}
		most = max(most, excess/float64(freedom)*unsure(float64(freedom)))
	}
}

// join joins blocks, k at a time.
func join(blocks []mass, k int) (out []mass) {
	for i := 0; i < len(blocks); i += k {
		var m mass
		for _, b := range blocks[i:min(i+k, len(blocks))] {
			m.of, m.in = m.of+b.of, m.in+b.in
		}
		out = append(out, m)
	}
	return out
}

// rateDifference bounds the difference of two rates. Each alone is bounded as the
// mean of a Poisson variable (Garwood 1936) of as many cases as there would be
// without the dispersion; the difference is by the variances that these bounds
// imply (MOVER, Zou and Donner 2008), which holds for none on one side, too.
func rateDifference(before, after *tally) *Difference {
	b, a := before.sum(), after.sum()
	d := dispersion(before, after)
	if b.in == 0 || a.in == 0 || d == 0 || len(before.blocks) < 2 || len(after.blocks) < 2 {
		return nil
	}
	bLow, bHigh := poisson(b.of / d)
	aLow, aHigh := poisson(a.of / d)
	bLow, bHigh, aLow, aHigh = bLow*d/b.in, bHigh*d/b.in, aLow*d/a.in, aHigh*d/a.in
	rb, ra := b.of/b.in, a.of/a.in
	return &Difference{ra - rb, ra - rb - math.Hypot(ra-aLow, bHigh-rb), ra - rb + math.Hypot(aHigh-ra, rb-bLow)}
}

// lostTime compares the share of the observed time that was lost.
func lostTime(what What, before, after *tally) Measure {
	figure := func(t *tally) *Figure {
		m := t.sum()
		if m.in == 0 {
			return nil
		}
		return &Figure{1 - m.of/m.in, t.n}
	}
	m := measure(what, "", figure(before), figure(after))
	if d := rateDifference(before, after); d != nil {
		b := before.sum()
		m.differ(&Difference{-d.Value, max(-1, -d.High), min(1, -d.Low)}, b.of/b.in/5)
	}
	return m
}

// counted compares how often something happened by the hour.
func counted(what What, before, after *tally) Measure {
	m := measure(what, "", before.figure(), after.figure())
	if d := rateDifference(before, after); d != nil {
		m.differ(d, m.Before.Value/5)
	}
	return m
}

// figure is the rate of a tally, or nil of nothing observed.
func (t *tally) figure() *Figure {
	m := t.sum()
	if m.in == 0 {
		return nil
	}
	return &Figure{m.of / m.in, t.n}
}

// lossOf compares the loss of probes. It is the mean of the shares of stretches
// of time: probes are more frequent while something is amiss, and would weigh
// more then.
func lossOf(p pair, k int) Measure {
	of := fact.Untrusted(p.key.String())
	if p.before == nil || p.after == nil {
		return measure(Loss, of, p.before.lossFigure(), p.after.lossFigure())
	}
	before, after := p.before.losses(k), p.after.losses(k)
	m := measure(Loss, of, p.before.lossFigure(), p.after.lossFigure())
	if d := rateDifference(before, after); d != nil {
		m.differ(&Difference{d.Value, max(-1, d.Low), min(1, d.High)}, m.Before.Value/5)
	}
	return m
}

// poisson bounds the mean of a Poisson variable that came out as n, which need
// not be whole.
func poisson(n float64) (low, high float64) {
	const tail = (1 - Confidence) / 2
	top := n + 12*math.Sqrt(n+1) + 20
	if n > 0 {
		low = bisect(0, n, func(m float64) bool { return gamma(n, m) < tail })
	}
	return low, bisect(n, top, func(m float64) bool { return gamma(n+1, m) < 1-tail })
}

// bisect returns where below, true at low, turns false.
func bisect(low, high float64, below func(float64) bool) float64 {
	for range 60 {
		if mid := (low + high) / 2; below(mid) {
			low = mid
		} else {
			high = mid
		}
	}
	return (low + high) / 2
}

// gamma is the regularized lower incomplete gamma function: by its series below
// its mode, and by its continued fraction above (Lentz's method).
func gamma(a, x float64) float64 {
	if x <= 0 {
		return 0
	}
	lg, _ := math.Lgamma(a)
	front := math.Exp(a*math.Log(x) - x - lg)
	if x < a+1 {
		term := 1 / a
		sum := term
		for n := a + 1; term > sum*1e-14; n++ {
			term *= x / n
			sum += term
		}
		return front * sum
	}
	const tiny = 1e-300
	b := x + 1 - a
	c, d := 1/tiny, 1/b
	h := d
	for i := 1.0; i < 10_000; i++ {
		an := -i * (i - a)
		b += 2
		if d = an*d + b; math.Abs(d) < tiny {
			d = tiny
		}
		if c = b + an/c; math.Abs(c) < tiny {
			c = tiny
		}
		d = 1 / d
		h *= d * c
		if math.Abs(d*c-1) < 1e-14 {
			break
		}
	}
	return 1 - front*h
}
