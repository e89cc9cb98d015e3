package report

import (
	"flapscope/internal/text"
	"flapscope/monitor/fact"
)

// counters are what an interface had counted when the report's time began, and last.
type counters struct{ first, last *fact.Traffic }

// count keeps what an interface has counted.
func (c *Collector) count(t *fact.Traffic, before bool) {
	k, known := c.counted[t.Index]
	if !known && len(c.counted) >= keepLinks {
		return
	}
	if k.first == nil || before || less(t, k.last) {
		// One that counts less was made anew under the same number.
		k.first = t
	}
	k.last = t
	c.counted[t.Index] = k
}

// less reports whether any counter of a is less than that of b.
func less(a, b *fact.Traffic) bool {
	return a.RxBytes < b.RxBytes || a.TxBytes < b.TxBytes || a.RxErrors < b.RxErrors || a.TxErrors < b.TxErrors ||
		a.RxDropped < b.RxDropped || a.TxDropped < b.TxDropped
}

// within returns what was counted within the report's time, or nil for nothing.
func (k counters) within() *Counters {
	if k.first == k.last {
		return nil
	}
	a, b := k.first, k.last
	return &Counters{
		RxBytes: b.RxBytes - a.RxBytes, TxBytes: b.TxBytes - a.TxBytes, RxErrors: b.RxErrors - a.RxErrors, TxErrors: b.TxErrors - a.TxErrors,
		RxDropped: b.RxDropped - a.RxDropped, TxDropped: b.TxDropped - a.TxDropped,
	}
}

// words say what was counted; no error is not worth a word.
func (k *Counters) words() []string {
	if k == nil {
		return nil
	}
	out := []string{"received " + text.Size(int64(k.RxBytes)), "sent " + text.Size(int64(k.TxBytes))}
	for _, c := range []struct {
		n    uint64
		what string
	}{{k.RxErrors, "receive error"}, {k.TxErrors, "transmit error"}, {k.RxDropped, "drop in receiving"}, {k.TxDropped, "drop in sending"}} {
		if c.n > 0 {
			out = append(out, text.Count(int(c.n), c.what))
		}
	}
	return out
}
