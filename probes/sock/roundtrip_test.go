package sock

import (
	"testing"
	"time"
)

// TestRoundTrip: a request of 20 ms whose answer is read after 50 ms. The rows
// are named as what the wall clock did.
func TestRoundTrip(t *testing.T) {
	const ms = time.Millisecond
	for name, tt := range map[string]struct {
		stamp, wall time.Duration
		stamped     bool
	}{
		"went on":                         {20 * ms, 50 * ms, true},
		"was read a little later":         {20 * ms, 50*ms + 900*time.Microsecond, true},
		"was set back before the stamp":   {20*ms - time.Hour, 50*ms - time.Hour, false},
		"was set back a little":           {20*ms - 15*ms, 50*ms - 15*ms, false},
		"was set forward":                 {20*ms + time.Hour, 50*ms + time.Hour, false},
		"was set forward a little":        {20*ms + 10*ms, 50*ms + 10*ms, false},
		"was set back after the stamp":    {20 * ms, 50*ms - time.Hour, false},
		"stamped later than it was known": {51 * ms, 50 * ms, false},
	} {
		t.Run(name, func(t *testing.T) {
			want := 50 * ms
			if tt.stamped {
				want = 20 * ms
			}
			if rtt, stamped := roundTrip(tt.stamp, tt.wall, 50*ms); rtt != want || stamped != tt.stamped {
				t.Errorf("%v, stamped: %v; want %v, %v", rtt, stamped, want, tt.stamped)
			}
		})
	}
	sent := time.Now()
	now := sent.Add(50 * ms)
	if rtt, stamped := RoundTrip(sent, sent.Round(0).Add(20*ms), now); rtt != 20*ms || !stamped {
		t.Errorf("%v, stamped: %v", rtt, stamped)
	}
	if rtt, stamped := RoundTrip(sent, time.Time{}, now); rtt != 50*ms || stamped {
		t.Errorf("without a stamp: %v, stamped: %v", rtt, stamped)
	}
}
