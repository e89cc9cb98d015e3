package timeline

import (
	"slices"
	"sort"
	"time"
)

// A tick pairs the wall clock with CLOCK_BOOTTIME at one instant.
type tick struct {
	mono time.Duration
	wall time.Time
}

const (
	// ClockSlack is how far the wall clock may drift from the last tick before
	// another is kept: less than a screen shows.
	ClockSlack = 20 * time.Millisecond
	// maxTicks bounds the ticks; NTP slews by at most 500 ppm, which makes
	// 2,160 a day.
	maxTicks = 4096
)

// ticks maps CLOCK_BOOTTIME to the wall clock, steps included.
type ticks []tick

// note keeps a reading if the ticks so far do not predict it.
func (t ticks) note(mono time.Duration, wall time.Time) ticks {
	if n := len(t); n > 0 {
		last := t[n-1]
		off := wall.Sub(last.wall.Add(mono - last.mono))
		if off.Abs() <= ClockSlack || mono < last.mono {
			return t
		}
		if n >= maxTicks {
			t = append(ticks(nil), t[n/2:]...)
		}
	}
	return append(t, tick{mono, wall})
}

// wall returns the wall time of an instant.
func (t ticks) wall(mono time.Duration) time.Time {
	if len(t) == 0 {
		return time.Time{}
	}
	i := sort.Search(len(t), func(i int) bool { return t[i].mono > mono })
	k := t[max(i-1, 0)]
	return k.wall.Add(mono - k.mono)
}

// mono returns the newest instant before end at which the wall clock showed
// wall: after a step back there are two.
func (t ticks) mono(wall time.Time, end time.Duration) (time.Duration, bool) {
	for _, v := range slices.Backward(t) {
		at := v.mono + wall.Sub(v.wall)
		if at >= v.mono && at <= end {
			return at, true
		}
		end = v.mono
	}
	return 0, false
}
