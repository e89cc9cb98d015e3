package timeline

import (
	"slices"
	"sort"
	"time"

	"flapscope/monitor/fact"
)

const (
	// ClockSlack is how far the wall clock may drift from the last tick before
	// another is kept: less than a screen shows.
	ClockSlack = 20 * time.Millisecond
	// maxTicks bounds the ticks; NTP slews by at most 500 ppm, which makes
	// 2,160 a day.
	maxTicks = 4096
)

// ticks maps CLOCK_BOOTTIME to the wall clock, steps included. Each tick is an
// instant that those before it do not predict.
type ticks []fact.Instant

// note keeps a reading if the ticks so far do not predict it.
func (t ticks) note(mono time.Duration, wall time.Time) ticks {
	if n := len(t); n > 0 {
		last := t[n-1]
		off := wall.Sub(last.Time.Add(mono - last.Mono))
		if off.Abs() <= ClockSlack || mono < last.Mono {
			return t
		}
		if n >= maxTicks {
			t = append(ticks(nil), t[n/2:]...)
		}
	}
	return append(t, fact.Instant{Time: wall, Mono: mono})
}

// wall returns the wall time of an instant.
func (t ticks) wall(mono time.Duration) time.Time {
	if len(t) == 0 {
		return time.Time{}
	}
	i := sort.Search(len(t), func(i int) bool { return t[i].Mono > mono })
	k := t[max(i-1, 0)]
	return k.Time.Add(mono - k.Mono)
}

// mono returns the newest instant before end at which the wall clock showed
// wall: after a step back there are two.
func (t ticks) mono(wall time.Time, end time.Duration) (time.Duration, bool) {
	for _, v := range slices.Backward(t) {
		at := v.Mono + wall.Sub(v.Time)
		if at >= v.Mono && at <= end {
			return at, true
		}
		end = v.Mono
	}
	return 0, false
}
