package pattern

import (
	"cmp"
	"math"
	"slices"
	"time"
)

const (
	// periodMin is the shortest period looked for.
	periodMin = 5 * time.Second
	// periodCycles bounds the work: no more cycles than this are looked at.
	periodCycles = 10_000
	// periodCases is how many cycles are hit at least. Two losses fix period
	// and phase, so that fewer than three more say nothing.
	periodCases = 5
	// periodGrain is the narrowest window, for the reason that lagGrain has.
	periodGrain = time.Second
	// periodFinds bounds how many periods are reported.
	periodFinds = 3
	// periodPeaks is how many frequencies of each octave are looked at closely.
	periodPeaks = 3
	// periodHarmonics bounds the search for the fundamental of a period found.
	periodHarmonics = 12
	// periodOversampling is the number of frequencies looked at for each that
	// is independent of the others, so that no peak falls between two.
	periodOversampling = 4
)

// periodWidths are the widths of the window around a tick, as a share of the
// period: for clocks that are sloppy, ordinary and exact. They are fitted in
// this order, each starting from the last.
var periodWidths = [...]float64{0.1, 0.03, 0.01}

// A clock is a guess at when losses happen: at phase + n periods, in
// nanoseconds.
type clock struct {
	period, phase float64
	// width is the window around each tick, as a share of the period.
	width float64
	// p bounds the probability that chance keeps to the clock so well.
	p float64
	// hits are the losses in the window, one a tick.
	hits []time.Duration
}

// findPeriods looks for losses that keep to a clock. Candidates are the peaks of
// the Rayleigh periodogram; each is then judged by the cycles in which it comes
// true, because bursts make high peaks of their own: given how many of the
// cells of a cycle are hit at all, chance hits each of them alike.
func findPeriods(in *Input) []Pattern {
	losses := in.Losses
	var found []Pattern
	for range periodFinds {
		c, ok := bestClock(losses)
		if !ok {
			break
		}
		found = append(found, in.period(c))
		losses = slices.DeleteFunc(slices.Clone(losses), func(l time.Duration) bool {
			_, hit := slices.BinarySearch(c.hits, l)
			return hit
		})
	}
	return found
}

// bestClock returns the least likely clock.
func bestClock(losses []time.Duration) (clock, bool) {
	if len(losses) < periodCases {
		return clock{}, false
	}
	span := losses[len(losses)-1] - losses[0]
	longest, shortest := span/(periodCases-1), max(periodMin, span/periodCycles)
	if longest < shortest {
		return clock{}, false
	}
	octaves := 1 + math.Log2(float64(longest)/float64(shortest))
	best := clock{p: patternSignificance}
	for _, f := range peaks(losses, float64(span), 1/float64(longest), 1/float64(shortest)) {
		if c := fit(losses, 1/f, octaves); c.p < best.p {
			best = c
		}
	}
	if best.hits == nil {
		return clock{}, false
	}
	return fundamental(losses, best, float64(longest), octaves), true
}

// fundamental returns the longest clock that explains about what c does. A
// clock of half the period, or a third, explains the same losses and sometimes
// more noise; one of twice the period explains half of them.
func fundamental(losses []time.Duration, c clock, longest, octaves float64) clock {
	for m := min(periodHarmonics, math.Floor(1.1*longest/c.period)); m > 1; m-- {
		multiple := fit(losses, m*c.period, octaves)
		if multiple.p < patternSignificance && 4*common(multiple.hits, c.hits) >= 3*len(c.hits) {
			return multiple
		}
	}
	return c
}

// peaks returns the frequencies from lo to hi at which the losses are most in
// phase: the highest few peaks of each octave of the periodogram.
func peaks(losses []time.Duration, span, lo, hi float64) []float64 {
	step := 1 / (periodOversampling * span)
	power := periodogram(losses, lo-step, step, int((hi-lo)/step)+3)
	at := func(i int) float64 { return lo + float64(i-1)*step }
	var found []float64
	for i := 1; i+1 < len(power); {
		var octave []int
		for end := 2 * at(i); i+1 < len(power) && at(i) < end; i++ {
			if power[i] >= power[i-1] && power[i] > power[i+1] {
				octave = append(octave, i)
			}
		}
		slices.SortStableFunc(octave, func(a, b int) int { return cmp.Compare(power[b], power[a]) })
		for _, k := range octave[:min(periodPeaks, len(octave))] {
			found = append(found, at(k))
		}
	}
	return found
}

// periodogram returns the squared length of the sum of the losses as vectors
// that turn with the frequency, at n frequencies from lo on. Each vector is
// turned by multiplication, which is an order of magnitude faster than sines.
func periodogram(losses []time.Duration, lo, step float64, n int) []float64 {
	re, im := make([]float64, n), make([]float64, n)
	for _, l := range losses {
		t := float64(l - losses[0])
		s, c := math.Sincos(2 * math.Pi * lo * t)
		ds, dc := math.Sincos(2 * math.Pi * step * t)
		for i := range n {
			re[i] += c
			im[i] += s
			c, s = c*dc-s*ds, c*ds+s*dc
		}
	}
	for i := range re {
		re[i] = re[i]*re[i] + im[i]*im[i]
	}
	return re
}

// fit refines a guessed period, and returns the clock of the width that is the
// least likely.
func fit(losses []time.Duration, period, octaves float64) clock {
	best := clock{p: 1}
	origin := losses[0]
	times := make([]float64, len(losses))
	for i, l := range losses {
		times[i] = float64(l - origin)
	}
	c := clock{period: period}
	for _, share := range periodWidths {
		c.width = max(share, float64(periodGrain)/c.period)
		c.phase = densest(times, c)
		for range 2 {
			c = regress(times, c)
		}
		if p := c.chance(times, octaves); p < best.p {
			best = c
			best.p = p
		}
	}
	best.hits = best.ticked(losses, origin)
	best.phase += float64(origin)
	return best
}

// densest returns the phase of the window that holds most times.
func densest(times []float64, c clock) float64 {
	phases := make([]float64, len(times))
	for i, t := range times {
		phases[i] = math.Mod(t, c.period)
	}
	slices.Sort(phases)
	n := len(phases)
	for _, p := range phases {
		phases = append(phases, p+c.period)
	}
	most, center := 0, 0.0
	for i, j := 0, 0; i < n; i++ {
		for j < len(phases) && phases[j]-phases[i] <= c.width*c.period {
			j++
		}
		if j-i > most {
			most, center = j-i, (phases[i]+phases[j-1])/2
		}
	}
	return center
}

// tick returns the number of the tick nearest to t, and how far t is off.
func (c clock) tick(t float64) (n, off float64) {
	n = math.Round((t - c.phase) / c.period)
	return n, t - c.phase - n*c.period
}

// regress fits phase and period to the times in the window, by least squares.
func regress(times []float64, c clock) clock {
	var count, sn, so, snn, sno float64
	for _, t := range times {
		n, off := c.tick(t)
		if math.Abs(off) > c.width*c.period/2 {
			continue
		}
		count++
		sn, so, snn, sno = sn+n, so+off, snn+n*n, sno+n*off
	}
	if det := count*snn - sn*sn; det > 0 {
		c.phase += (so*snn - sn*sno) / det
		c.period += (count*sno - sn*so) / det
	}
	return c
}

// chance bounds the probability that chance keeps to some clock of this width
// as well as this. Each cycle is cut into cells as wide as the window, which is
// one of them; of a cycle in which h of them are hit, chance hits the window's
// with h cells in all. Cycles without a loss say nothing, so gaps don't either.
func (c clock) chance(times []float64, octaves float64) float64 {
	cells := math.Floor(1 / c.width)
	cycles, hits, filled := 0, 0, 0
	last, seen := math.Inf(-1), map[float64]bool{}
	for _, t := range times {
		n, off := c.tick(t)
		cell := math.Round(off / c.period * cells)
		if n != last {
			cycles++
			last = n
			clear(seen)
		}
		if !seen[cell] {
			seen[cell] = true
			filled++
			if cell == 0 {
				hits++
			}
		}
	}
	if hits < periodCases {
		return 1
	}
	span := times[len(times)-1] - times[0]
	// Periods differ when they are a window apart at the far end; phases, when
	// they are in another window. Twice each, because the fit is free to choose.
	trials := 4 * span / c.period / (c.width * c.width) * octaves * float64(len(periodWidths))
	return trials * tailBound(hits, cycles, float64(filled)/float64(cycles)/cells)
}

// ticked returns the losses in the window, the nearest of each tick.
func (c clock) ticked(losses []time.Duration, origin time.Duration) []time.Duration {
	var hits []time.Duration
	last, lastOff := math.Inf(-1), 0.0
	for _, l := range losses {
		n, off := c.tick(float64(l - origin))
		off = math.Abs(off)
		switch {
		case off > c.width*c.period/2:
		case n != last:
			hits = append(hits, l)
			last, lastOff = n, off
		case off < lastOff:
			hits[len(hits)-1], lastOff = l, off
		}
	}
	return hits
}

// period makes a pattern of a clock.
func (in *Input) period(c clock) Pattern {
	offs := make([]time.Duration, len(c.hits))
	ticks := map[float64]bool{}
	for i, h := range c.hits {
		n, off := c.tick(float64(h))
		offs[i] = time.Duration(off)
		ticks[n] = true
	}
	_, spread := center(offs)
	p := Pattern{
		Kind:   PatternPeriod,
		Spread: spread, N: len(c.hits), Losses: len(in.Losses), Strength: strength(c.p), hits: c.hits,
	}
	first, _ := c.tick(float64(c.hits[0]))
	last, _ := c.tick(float64(c.hits[len(c.hits)-1]))
	p.Period = roundest(c.period, 3*slopeError(spread, len(c.hits), last-first))
	for n := first; n <= last; n++ {
		// Just before the tick, because after it the path is lost.
		before := c.phase + n*c.period - c.width*c.period/2
		if ticks[n] || in.upAt(time.Duration(before)) {
			p.Of++
		}
	}
	p.OnTheClock = in.onTheClock(p.Period, time.Duration(c.phase), spread)
	return p
}

// slopeError returns the standard error of a period fitted to n losses that are
// off by spread over the ticks given, were they spread evenly.
func slopeError(spread time.Duration, n int, ticks float64) float64 {
	return math.Sqrt(12/float64(n)) * float64(spread) / ticks
}

// roundest returns the roundest duration within tolerance of the period: nobody
// sets a timer to 29 min 59.6 s.
func roundest(period, tolerance float64) time.Duration {
	d := time.Duration(period)
	for _, unit := range []time.Duration{time.Hour, 10 * time.Minute, time.Minute, 10 * time.Second, time.Second} {
		if r := d.Round(unit); r > 0 && math.Abs(float64(r)-period) <= tolerance {
			return r
		}
	}
	return d.Round(time.Millisecond)
}

// onTheClock reports whether a period divides the day, in whole minutes, and
// its ticks are within seconds of those of the wall clock.
func (in *Input) onTheClock(period, phase, spread time.Duration) bool {
	const day = 24 * time.Hour
	round := period.Round(time.Minute)
	if in.Epoch.IsZero() || round <= 0 || day%round != 0 || (period-round).Abs() > 2*spread+10*time.Millisecond {
		return false
	}
	t := in.Epoch.Add(phase)
	midnight := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location())
	off := t.Sub(midnight) % round
	return min(off, round-off) <= 2*time.Second+2*spread
}
