package pattern

import (
	"cmp"
	"slices"
	"sort"
	"time"

	"flapscope/history/stats"
)

const (
	// lagMin is the shortest lag looked at. What precedes a loss by less is a
	// part of it, and reported by its cause chain.
	lagMin = 250 * time.Millisecond
	// lagMax is the longest: the usual session and key lifetimes end here.
	lagMax = time.Hour
	// lagGrain is the narrowest bin from where lags are longer than a few
	// seconds. Daemons that poll once a second make losses fall on a grid;
	// narrower bins would take the grid for a pattern.
	lagGrain = 500 * time.Millisecond
	// lagClusters bounds how many lags one kind of anchor can show.
	lagClusters = 3
	// lagBefore is how unlikely a cluster must be at the rate of shorter ages
	// alone: a hazard that falls with age, as it does after a storm, would
	// make the near edge of anything look like a peak.
	lagBefore = 0.05
	// lagAround is how much less likely still than patternSignificance a
	// cluster must be at the rate of ages around it. It makes up for the bins
	// that storms fill beyond the overall rate, and was set by measurement.
	lagAround = 0.1
)

// lagWidths are the widths of bins as a share of the lag: for sloppy lags,
// ordinary ones and exact ones.
var lagWidths = [...]float64{0.3, 0.1, 0.03}

// A lagGroup is what followed the anchors of one kind on one interface. Ages
// are times since the newest anchor.
type lagGroup struct {
	in *Input
	// rate is losses by nanosecond of up time, over all of the input.
	rate    float64
	anchors []Anchor
	// ages are the losses by age.
	ages []lagAge
	// from and to are the bounds of the stretches at risk, as ages, each list
	// sorted, with their prefix sums, to look exposure up in logarithmic time.
	from, to       []time.Duration
	fromSum, toSum []float64
}

// A lagAge is a loss, and the age at which it came of which anchor.
type lagAge struct {
	age    time.Duration
	anchor int
}

// A lagBin is a range of ages and the chance that it is full by accident.
type lagBin struct {
	lo, hi time.Duration
	p      float64
}

// findLags looks for losses that follow anchors after a constant time. In each
// bin of ages the losses (one an anchor) are held against two expectations: the
// rate of losses while up, with the Bonferroni correction over all bins and
// kinds of anchor; and the rate at ages around the bin, because losses that come
// in bursts make everything that follows a loss look significant.
func findLags(in *Input) []Pattern {
	var groups []*lagGroup
	bins, rate := 0, in.rate()
	same := func(a, b Anchor) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Interface, b.Interface))
	}
	for _, anchors := range stats.Grouped(in.Anchors, same) {
		if len(anchors) < patternCases {
			continue
		}
		g := newLagGroup(in, rate, anchors)
		groups = append(groups, g)
		for range g.bins {
			bins++
		}
	}
	var found []Pattern
	for _, g := range groups {
		for range lagClusters {
			p, ok := g.find(bins)
			if !ok {
				break
			}
			found = append(found, p)
		}
	}
	return found
}

func newLagGroup(in *Input, rate float64, anchors []Anchor) *lagGroup {
	g := &lagGroup{in: in, rate: rate, anchors: anchors}
	for i, a := range anchors {
		end := g.end(i)
		lost := sort.Search(len(in.Losses), func(i int) bool { return in.Losses[i] > a.At })
		for _, l := range in.Losses[lost:] {
			if l > end {
				break
			}
			g.ages = append(g.ages, lagAge{l - a.At, i})
		}
		up := sort.Search(len(in.Up), func(i int) bool { return in.Up[i].To > a.At })
		for _, s := range in.Up[up:] {
			if s.From >= end {
				break
			}
			g.from = append(g.from, max(s.From, a.At)-a.At)
			g.to = append(g.to, min(s.To, end)-a.At)
		}
	}
	slices.SortFunc(g.ages, func(a, b lagAge) int {
		return cmp.Or(cmp.Compare(a.age, b.age), cmp.Compare(a.anchor, b.anchor))
	})
	g.fromSum, g.toSum = prefixSums(g.from), prefixSums(g.to)
	return g
}

// end returns where the time after the i-th anchor ends: at the next one.
func (g *lagGroup) end(i int) time.Duration {
	end := g.anchors[i].At + lagMax
	if i+1 < len(g.anchors) {
		end = min(end, g.anchors[i+1].At)
	}
	return end
}

// prefixSums sorts values and returns the sums of the first 0, 1, 2… of them.
func prefixSums(values []time.Duration) []float64 {
	slices.Sort(values)
	sums := make([]float64, len(values)+1)
	for i, v := range values {
		sums[i+1] = sums[i] + float64(v)
	}
	return sums
}

// exposure returns the time at risk at ages from lo to hi, over all anchors.
func (g *lagGroup) exposure(lo, hi time.Duration) float64 { return g.younger(hi) - g.younger(lo) }

// younger returns the time at risk at ages below age.
func (g *lagGroup) younger(age time.Duration) float64 {
	i := sort.Search(len(g.from), func(i int) bool { return g.from[i] >= age })
	j := sort.Search(len(g.to), func(i int) bool { return g.to[i] >= age })
	return float64(i-j)*float64(age) - g.fromSum[i] + g.toSum[j]
}

// bins iterates over the bins in which something can happen: half overlapping,
// so that no cluster is cut by every border.
func (g *lagGroup) bins(yield func(lo, hi time.Duration) bool) {
	if len(g.to) == 0 {
		return
	}
	oldest := g.to[len(g.to)-1]
	for _, share := range lagWidths {
		for lo := lagMin; lo < oldest; {
			grain := min(lagGrain, time.Duration(lagWidths[0]*float64(lo)))
			width := max(time.Duration(share*float64(lo)), grain)
			if !yield(lo, lo+width) {
				return
			}
			lo += width / 2
		}
	}
}

// find returns the least likely cluster of losses and takes it out of the
// group. The number of bins is that of all groups.
func (g *lagGroup) find(bins int) (Pattern, bool) {
	best := lagBin{p: patternSignificance}
	for lo, hi := range g.bins {
		if p := g.chance(lo, hi, bins); p < best.p {
			best = lagBin{lo, hi, p}
		}
	}
	if best.hi == 0 {
		return Pattern{}, false
	}
	hits := g.cluster(best)
	if len(hits) < patternCases {
		return Pattern{}, false
	}
	a := g.anchors[0]
	p := Pattern{
		Kind: PatternLag, Anchor: a.Kind, Interface: a.Interface,
		N: len(hits), Losses: len(g.in.Losses), Strength: strength(best.p),
	}
	ages := make([]time.Duration, len(hits))
	for i, h := range hits {
		ages[i] = h.age
		p.hits = append(p.hits, g.anchors[h.anchor].At+h.age)
	}
	slices.Sort(p.hits)
	p.Lag, p.Spread = center(ages)
	p.Of = g.chances(hits)
	g.ages = slices.DeleteFunc(g.ages, func(a lagAge) bool { return slices.Contains(hits, a) })
	return p, true
}

// between returns the losses at ages above lo, up to and including hi.
func (g *lagGroup) between(lo, hi time.Duration) []lagAge {
	i := sort.Search(len(g.ages), func(i int) bool { return g.ages[i].age > lo })
	j := sort.Search(len(g.ages), func(i int) bool { return g.ages[i].age > hi })
	return g.ages[i:j]
}

// chance bounds the probability that chance fills the bin so.
func (g *lagGroup) chance(lo, hi time.Duration, bins int) float64 {
	in := g.between(lo, hi)
	if len(in) < patternCases {
		return 1
	}
	hits := g.nearest(in, lo+(hi-lo)/2)
	k := len(hits)
	if k < patternCases {
		return 1
	}
	exposed := g.exposure(lo, hi)
	for _, h := range hits {
		// A loss ends the time at risk, but what is expected must not depend
		// on what came.
		exposed += float64(hi - h.age)
	}
	overall := poissonBound(k, exposed*g.rate) * float64(bins)
	before, after := g.exposure(lo/3, lo), g.exposure(hi, 3*hi)
	earlier, later := len(g.between(lo/3, lo)), len(g.between(hi, 3*hi))
	if tailBound(k, k+earlier, exposed/(exposed+before)) > lagBefore {
		return 1
	}
	around := tailBound(k, k+earlier+later, exposed/(exposed+before+after))
	return max(overall, around/lagAround)
}

// rate returns losses by nanosecond of up time.
func (in *Input) rate() float64 {
	up := 0.0
	for _, s := range in.Up {
		up += float64(s.To - s.From)
	}
	return float64(len(in.Losses)) / up
}

// nearest leaves one loss an anchor, the one nearest to the age given: the
// second loss of a double bounce is no second case.
func (g *lagGroup) nearest(ages []lagAge, age time.Duration) []lagAge {
	byAnchor := slices.SortedFunc(slices.Values(ages), func(a, b lagAge) int {
		return cmp.Or(cmp.Compare(a.anchor, b.anchor),
			cmp.Compare((a.age-age).Abs(), (b.age-age).Abs()), cmp.Compare(a.age, b.age))
	})
	return slices.CompactFunc(byAnchor, func(a, b lagAge) bool { return a.anchor == b.anchor })
}

// cluster returns the losses that the bin is the core of. Bins fall where they
// fall; the cluster is looked for around the middle of what is in the bin.
func (g *lagGroup) cluster(b lagBin) []lagAge {
	width := b.hi - b.lo
	hits := g.between(b.lo, b.hi)
	for range 3 {
		mid, spread := centerOf(hits)
		reach := min(max(4*spread, width/2), width)
		hits = g.nearest(g.between(mid-reach-1, mid+reach), mid)
	}
	return hits
}

func centerOf(hits []lagAge) (median, spread time.Duration) {
	ages := make([]time.Duration, len(hits))
	for i, h := range hits {
		ages[i] = h.age
	}
	return center(ages)
}

// chances counts the anchors after which the cluster could have come true: the
// hits; those after which the path was lost earlier than that; and those after
// which it was up and in sight for longer.
func (g *lagGroup) chances(hits []lagAge) int {
	lo, hi := hits[0].age, hits[0].age
	hit, early := make([]bool, len(g.anchors)), make([]bool, len(g.anchors))
	for _, h := range hits {
		lo, hi = min(lo, h.age), max(hi, h.age)
		hit[h.anchor] = true
	}
	for _, a := range g.ages {
		early[a.anchor] = early[a.anchor] || a.age < lo
	}
	n := 0
	for i, a := range g.anchors {
		if hit[i] || early[i] || g.end(i) >= a.At+hi && g.in.upAt(a.At+hi) {
			n++
		}
	}
	return n
}
