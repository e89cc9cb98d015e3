package stats

import (
	"math"
	"slices"
	"time"

	"gonum.org/v1/gonum/mathext"
)

// confidence is that of every interval in this package: each side is wrong at most
// one time in forty.
const confidence = 0.95

// Percentile returns the smallest of the sorted values that a share q (0 to 1)
// of them does not exceed: the nearest-rank definition, so that the result is
// always a value that was measured. It is 0 for no values.
func Percentile(sorted []time.Duration, q float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	// A share such as 0.07 of 100 is 7.000000000000001 in floating point, and
	// must not become the eighth.
	rank := int(math.Ceil(q*float64(len(sorted)) - 1e-9))
	return sorted[min(max(rank, 1), len(sorted))-1]
}

// A Distribution sums up durations. All but N are 0 when N is.
type Distribution struct {
	N    int           `json:"n"`
	P50  time.Duration `json:"p50_ns"`
	P90  time.Duration `json:"p90_ns"`
	Max  time.Duration `json:"max_ns"`
	Mean time.Duration `json:"mean_ns"`
	// P50Low and P50High bound the median with 95 % confidence, whatever the
	// shape of the distribution (order statistics); absent below six values,
	// which cannot say.
	P50Low  time.Duration `json:"p50_low_ns,omitempty"`
	P50High time.Duration `json:"p50_high_ns,omitempty"`
}

// NewDistribution sums up values, in any order, which it leaves alone.
func NewDistribution(values []time.Duration) Distribution {
	n := len(values)
	if n == 0 {
		return Distribution{}
	}
	sorted := slices.Sorted(slices.Values(values))
	d := Distribution{
		N:   n,
		P50: Percentile(sorted, 0.5), P90: Percentile(sorted, 0.9), Max: sorted[n-1],
		Mean: mean(values),
	}
	if r := medianRank(n); r > 0 {
		d.P50Low, d.P50High = sorted[r-1], sorted[n-r]
	}
	return d
}

// mean sums in floating point: many long durations would overflow.
func mean(values []time.Duration) time.Duration {
	sum := 0.0
	for _, v := range values {
		sum += float64(v)
	}
	return time.Duration(sum / float64(len(values)))
}

// medianRank returns the largest r such that the r-th smallest and the r-th
// largest of n values hold the median between them with the confidence wanted,
// or 0. The number of values below the median is binomial with one half.
func medianRank(n int) int {
	logFact := func(k int) float64 { l, _ := math.Lgamma(float64(k) + 1); return l }
	below, r := 0.0, 0
	for k := 0; k < n/2; k++ {
		below += math.Exp(logFact(n) - logFact(k) - logFact(n-k) - float64(n)*math.Ln2)
		if below > (1-confidence)/2 {
			break
		}
		r = k + 1
	}
	return r
}

// A Rate is how often something happened in observed time.
type Rate struct {
	N int `json:"n"`
	// PerHour is N by observed hours, and Low and High bound it with 95 %
	// confidence.
	PerHour float64 `json:"per_hour"`
	Low     float64 `json:"low"`
	High    float64 `json:"high"`
}

// newRate returns the rate of n events in the time given, nil for no time.
func newRate(n int, in time.Duration) *Rate {
	if in <= 0 {
		return nil
	}
	low, high := PoissonInterval(float64(n), confidence)
	h := in.Hours()
	return &Rate{N: n, PerHour: float64(n) / h, Low: low / h, High: high / h}
}

// PoissonInterval bounds the mean of a Poisson variable that came out as n, which
// need not be whole, with a confidence from 0 to 1 (Garwood 1936).
func PoissonInterval(n, confidence float64) (low, high float64) {
	tail := (1 - confidence) / 2
	if n > 0 {
		low = mathext.GammaIncRegInv(n, tail)
	}
	return low, mathext.GammaIncRegInv(n+1, 1-tail)
}
