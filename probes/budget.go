package probes

import (
	"time"

	"flapscope/monitor"
)

// A Budget bounds what probes may cost in a minute, both directions together,
// with IP headers. Nothing is sent where either bound is 0.
type Budget struct {
	Packets int
	Bytes   int
}

// cost is what one probe costs when all goes well over IPv6, the dearer family:
// what is spent is known before it is sent. Lost probes cost less, but for TCP,
// which sends its SYN again.
func cost(m monitor.Method) Budget {
	switch m {
	case monitor.MethodPing:
		// Two messages of 40 (IPv6) + 8 (ICMP) + 24 bytes.
		return Budget{2, 144}
	case monitor.MethodDNS:
		// A question of some 50 bytes, an answer of some 120, 48 of headers each.
		return Budget{2, 270}
	case monitor.MethodTCP:
		// SYN, SYN+ACK, ACK and two FIN with their ACK, 72 to 80 bytes each.
		return Budget{7, 520}
	case monitor.MethodTLS:
		// The chain of certificates is most of it.
		return Budget{16, 7000}
	}
	// A name to resolve in both families, TCP, a small request and answer.
	return Budget{14, 1800}
}

// planShare is the part of the budget that regular probes may plan with; the
// rest is for those that a loss or a change of the path calls for.
const planShare = 0.9

// stretch returns the factor by which the intervals of targets must grow, all
// alike, so that they keep within the budget. It is at least 1, and infinite
// for a budget of nothing.
func (b Budget) stretch(targets []*monitor.Target) float64 {
	var packets, bytes float64
	for _, t := range targets {
		c, perMinute := cost(t.Method), float64(time.Minute)/float64(t.Interval)
		packets += perMinute * float64(c.Packets)
		bytes += perMinute * float64(c.Bytes)
	}
	return max(1, packets/(planShare*float64(b.Packets)), bytes/(planShare*float64(b.Bytes)))
}

// A ledger knows what was spent in the last minute, by the second.
type ledger struct {
	seconds [60]struct {
		second time.Duration
		spent  Budget
	}
}

// spent returns what was spent in the minute before now.
func (l *ledger) spent(now time.Duration) (sum Budget) {
	for _, s := range l.seconds {
		if now.Truncate(time.Second)-s.second < time.Minute {
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
