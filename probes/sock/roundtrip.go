package sock

import "time"

// steady is how far the two clocks may be apart over a round trip: they are read
// one after the other, and slewed alike. More is a step of the wall clock.
const steady = time.Millisecond

// RoundTrip returns how long an answer took that was read now: from a reading of
// the clock to the kernel's stamp, which is of the wall clock. Where there is no
// stamp, or that clock was set meanwhile, it is until now, and stamped is false.
func RoundTrip(sent, stamp, now time.Time) (rtt time.Duration, stamped bool) {
	if stamp.IsZero() {
		return now.Sub(sent), false
	}
	wall := sent.Round(0)
	return roundTrip(stamp.Round(0).Sub(wall), now.Round(0).Sub(wall), now.Sub(sent))
}

// roundTrip is RoundTrip by what the wall clock says to the stamp and until now,
// and the monotonic clock until now. The stamp is rounded.
func roundTrip(stamp, wall, monotonic time.Duration) (rtt time.Duration, stamped bool) {
	if stamp <= 0 || stamp > monotonic || (wall-monotonic).Abs() > steady {
		return monotonic, false
	}
	return stamp, true
}
