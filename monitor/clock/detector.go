//go:build linux

package clock

import (
	"fmt"
	"time"

	"flapscope/internal/text"
	"flapscope/monitor/fact"
)

const (
	// minAsleep is the least time asleep that is reported. The two clocks of a
	// reading differ by less than 30 ns in noise, so that this is about what
	// matters to a network, not about accuracy.
	minAsleep = 100 * time.Millisecond
	// minLate is how late a tick must be before the process counts as stopped.
	// A busy machine delays a tick by tens of milliseconds, a swapping one by
	// hundreds.
	minLate = 2 * time.Second
	// minStep is the least step of the wall clock that is reported. The kernel
	// slews by at most 500 ppm (MAXFREQ in linux/timex.h) and chrony by a tenth
	// of a second each second, so that no slewing reaches it within a tick.
	minStep = 500 * time.Millisecond
)

// A Detector finds gaps between consecutive readings. The zero Detector of an
// Interval is ready for the first reading.
type Detector struct {
	// Interval is how far apart the readings are meant to be.
	Interval time.Duration

	last Reading
	seen bool
}

// Step takes the next reading and returns the gaps since the one before, in
// order of time. The first reading has no gaps.
//
// Time asleep is taken to have ended at r and time stopped to have been before
// it: a timer on CLOCK_BOOTTIME that is overdue fires at the moment of resume,
// so that r is that moment unless the machine slept for less than Interval.
func (d *Detector) Step(r Reading) []fact.Gap {
	last := d.last
	first := !d.seen
	d.last, d.seen = r, true
	if first {
		return nil
	}
	awake := r.Monotonic - last.Monotonic
	asleep := (r.Boot - last.Boot) - awake
	step := r.Wall.Sub(last.Wall) - (r.Boot - last.Boot)

	var gaps []fact.Gap
	resumed := r.Boot
	if asleep >= minAsleep {
		resumed -= asleep
	}
	if awake-d.Interval > minLate {
		gaps = append(gaps, gap(fact.GapStopped, last.Boot, resumed,
			"the program did not run for %s", text.Duration(resumed-last.Boot)))
	}
	if asleep >= minAsleep {
		gaps = append(gaps, gap(fact.GapSuspend, resumed, r.Boot,
			"the machine slept for %s", text.Duration(asleep)))
	}
	if step.Abs() >= minStep {
		gaps = append(gaps, gap(fact.GapClockStep, r.Boot, r.Boot,
			"the wall clock stepped %s by %s", direction(step), text.Duration(step.Abs())))
	}
	return gaps
}

func gap(reason fact.GapReason, from, to time.Duration, format string, args ...any) fact.Gap {
	return fact.Gap{
		Reason: reason, Source: sourceName, From: from, To: to,
		Text: fact.Untrusted(fmt.Sprintf(format, args...)),
	}
}

func direction(step time.Duration) string {
	if step < 0 {
		return "back"
	}
	return "forward"
}
