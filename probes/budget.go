package probes

import (
	"time"

	"flapscope/monitor/fact"
)

// A Budget bounds what probes may cost in a minute, both directions together,
// with IP headers. Nothing is sent where either bound is 0.
type Budget struct {
	Packets int
	Bytes   int
}

// Percent returns a part of b.
func (b Budget) Percent(n int) Budget {
	return Budget{Packets: b.Packets * n / 100, Bytes: b.Bytes * n / 100}
}

// planShare is the part of the budget that regular probes may plan with; the
// rest is for those that a loss or a change of the path calls for.
const planShare = 0.9

// stretch returns the factor by which the intervals of targets must grow, all
// alike, so that they keep within the budget. It is at least 1, and infinite
// for a budget of nothing.
func (b Budget) stretch(targets []*fact.Target) float64 {
	var packets, bytes float64
	for _, t := range targets {
		c, perMinute := cost(t.Method), float64(time.Minute)/float64(t.Interval)
		packets += perMinute * float64(c.Packets)
		bytes += perMinute * float64(c.Bytes)
	}
	return max(1, packets/(planShare*float64(b.Packets)), bytes/(planShare*float64(b.Bytes)))
}

// A ledger knows what was spent in the last minute, by the second. A minute that
// begins within a second has a part of 61 of them, and each counts whole, so that
// no minute at all has more than its limit.
type ledger struct {
	seconds [61]struct {
		second time.Duration
		spent  Budget
	}
}

// spent returns what was spent in the minute before now.
func (l *ledger) spent(now time.Duration) (sum Budget) {
	for _, s := range l.seconds {
		if now.Truncate(time.Second)-s.second <= time.Minute {
			sum.Packets += s.spent.Packets
			sum.Bytes += s.spent.Bytes
		}
	}
	return sum
}

// spend notes cost c at the instant now, unless that would exceed the limit.
func (l *ledger) spend(now time.Duration, limit, c Budget) bool {
	sum := l.spent(now)
	if sum.Packets+c.Packets > limit.Packets || sum.Bytes+c.Bytes > limit.Bytes {
		return false
	}
	second := now.Truncate(time.Second)
	s := &l.seconds[int(second/time.Second)%len(l.seconds)]
	if s.second != second {
		s.second, s.spent = second, Budget{}
	}
	s.spent.Packets += c.Packets
	s.spent.Bytes += c.Bytes
	return true
}
