package timeline

import (
	"math"
	"time"
)

// Jitter returns the interarrival jitter of consecutive round trips, as RFC
// 3550 §6.4.1 estimates it: J += (|D| - J) / 16, with D the difference of two
// neighbours. It is 0 for fewer than two.
func Jitter(rtts []time.Duration) time.Duration {
	j := 0.0
	for i := 1; i < len(rtts); i++ {
		d := math.Abs(float64(rtts[i] - rtts[i-1]))
		j += (d - j) / 16
	}
	return time.Duration(math.Round(j))
}
