package compare

import (
	"math"

	"flapscope/history/stats"
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
	bLow, bHigh := stats.PoissonInterval(b.of/d, Confidence)
	aLow, aHigh := stats.PoissonInterval(a.of/d, Confidence)
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
