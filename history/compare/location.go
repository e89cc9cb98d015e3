package compare

import (
	"cmp"
	"math"
	"slices"
	"time"

	"flapscope/history/timeline"
	"flapscope/monitor/fact"
)

// driftFor is the time in which what is typical stays as it is at least: a short
// recording can't say for how long, so that it is taken for granted.
const driftFor = 4 * time.Minute

// located compares what is typical: the medians of stretches, by their ranks.
func located(what What, p pair, k int) Measure {
	of := fact.Untrusted(p.key.String())
	m := measure(what, of, p.before.figure(k), p.after.figure(k))
	if m.Before == nil || m.After == nil {
		return m
	}
	fifth := m.Before.Value / 5
	if what == Signal {
		// A fifth of the power.
		fifth = 10 * math.Log10(1.2)
	}
	m.differ(shift(p.before.joined(k), p.after.joined(k), max(1, driftFor.Seconds()/(float64(k)*blockFor.Seconds()))), fifth)
	return m
}

// troubleFor is how far apart outages are at least that are not one trouble.
const troubleFor = 5 * time.Minute

// recovery compares how long it took to come back: of each trouble, the median
// of its outages.
func recovery(before, after []timeline.Span) Measure {
	b, a := troubles(before), troubles(after)
	figure := func(values []float64, n int) *Figure {
		if n == 0 {
			return nil
		}
		return &Figure{median(values), n}
	}
	m := measure(Recovery, "", figure(b, len(before)), figure(a, len(after)))
	if m.Before != nil && m.After != nil {
		m.differ(shift(few(b), few(a), 0), m.Before.Value/5)
	}
	return m
}

// troubles returns the median of the outages of each trouble, in seconds.
func troubles(outages []timeline.Span) (out []float64) {
	var one []float64
	for i, o := range outages {
		one = append(one, (o.To - o.From).Seconds())
		if i+1 == len(outages) || outages[i+1].From-o.To > troubleFor {
			out = append(out, median(one))
			one = one[:0]
		}
	}
	return out
}

// few joins values, each some with those after it, until they are few: all pairs
// of them are looked at.
func few(values []float64) (out []float64) {
	k := (len(values) + mostBlocks - 1) / mostBlocks
	for i := 0; i < len(values); i += k {
		out = append(out, median(slices.Clone(values[i:min(i+k, len(values))])))
	}
	return out
}

// median returns the middle of values, which it sorts.
func median(values []float64) float64 {
	slices.Sort(values)
	n := len(values)
	if n == 0 {
		return 0
	}
	return (values[(n-1)/2] + values[n/2]) / 2
}

// shift returns by how much values moved, and bounds it by the rank test of Mann
// and Whitney: the middle of all differences, and those between which the test
// would not tell (Hodges and Lehmann 1963). Where values depend on those before, the
// interval is wider by as much as they do, and as at least as many of them as are
// alike count as one; 0 is for values that do not.
func shift(before, after []float64, alike float64) *Difference {
	n, m := len(before), len(after)
	if n == 0 || m == 0 {
		return nil
	}
	nm := float64(n) * float64(m)
	sigma := math.Sqrt(nm * float64(n+m+1) / 12)
	if alike > 0 {
		sigma *= math.Sqrt(max(alike, dependence(before, after)))
	}
	c := int(math.Floor(nm/2 - 0.5 - z*sigma))
	if c < 0 {
		return nil
	}
	all := make([]float64, 0, n*m)
	for _, b := range before {
		for _, a := range after {
			all = append(all, a-b)
		}
	}
	mid := median(all)
	return &Difference{mid, all[c], all[len(all)-1-c]}
}

// dependence is how much the variance of the mean of a series is larger than of
// as many independent values, by the means of ever longer batches of their ranks.
// The fewer batches there are, the less sure that is, and the more is added for
// it. It is at least 1.
func dependence(before, after []float64) float64 {
	rb, ra := ranks(before, after)
	within := squares(rb) + squares(ra)
	if within == 0 {
		return 1
	}
	within /= float64(len(rb) + len(ra) - 2)
	most := 1.0
	for k := 2; min(len(rb), len(ra))/k >= fewestBatches; k *= 2 {
		b, a := batches(rb, k), batches(ra, k)
		freedom := float64(len(b) + len(a) - 2)
		between := (squares(b) + squares(a)) / freedom
		most = max(most, between*float64(k)/within*unsure(freedom))
	}
	return most
}

// fewestBatches is how many batches of each recording say how much they vary.
const fewestBatches = 5

// unsure is the square of how much wider an interval is of which the variance was
// estimated: Student's quantile by that of the normal distribution (expansion of
// Cornish and Fisher).
func unsure(freedom float64) float64 {
	const z2 = z * z
	t := 1 + (z2+1)/(4*freedom) + (5*z2*z2+16*z2+3)/(96*freedom*freedom) + (3*z2*z2*z2+19*z2*z2+17*z2-15)/(384*freedom*freedom*freedom)
	return t * t
}

// ranks returns the ranks of values among all of both; equal ones share theirs.
func ranks(before, after []float64) (b, a []float64) {
	all := slices.Concat(before, after)
	order := make([]int, len(all))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return cmp.Compare(all[i], all[j]) })
	of := make([]float64, len(all))
	for i := 0; i < len(order); {
		k := i + 1
		for k < len(order) && all[order[k]] == all[order[i]] {
			k++
		}
		for _, o := range order[i:k] {
			of[o] = float64(i+k-1) / 2
		}
		i = k
	}
	return of[:len(before)], of[len(before):]
}

// squares sums the squares of the distances from the mean.
func squares(values []float64) float64 {
	mean, sum := 0.0, 0.0
	for _, v := range values {
		mean += v / float64(len(values))
	}
	for _, v := range values {
		sum += (v - mean) * (v - mean)
	}
	return sum
}

// batches returns the means of k values each; what is left over is left out.
func batches(values []float64, k int) (out []float64) {
	for i := 0; i+k <= len(values); i += k {
		sum := 0.0
		for _, v := range values[i : i+k] {
			sum += v
		}
		out = append(out, sum/float64(k))
	}
	return out
}
