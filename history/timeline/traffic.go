package timeline

import (
	"maps"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/path"
)

// A Rate is what an interface carried during one column.
type Rate struct {
	// Known is whether its counters were read then.
	Known bool
	// Rx and Tx are the greatest rates, in bytes a second.
	Rx, Tx float64
	// Errors is how many packets had errors or were dropped, in both directions.
	Errors uint64
}

// How much of the traffic of an interface is kept: an hour by the second, a day
// by the minute, of so many interfaces.
const (
	maxFineRates   = 3600
	maxCoarseRates = 24 * 60
	maxTrafficOf   = 32
)

// A rate is what an interface carried between two readings of its counters, or
// the most of it within a minute.
type rate struct {
	rx, tx float32
	errors uint32
}

// rates is the traffic of one interface.
type rates struct {
	last   *fact.Traffic
	lastAt time.Duration
	tiers[rate]
}

// traffic is the traffic of all interfaces, by their index.
type traffic map[int]*rates

// observe takes a reading of the counters in. The first one says nothing, and
// neither does one of an interface that began to count anew.
func (t traffic) observe(at time.Duration, f *fact.Traffic) {
	r := t[f.Index]
	if r == nil {
		if len(t) >= maxTrafficOf && !dropGone(t, at, func(r *rates) time.Duration { return r.lastAt }) {
			return
		}
		r = &rates{}
		t[f.Index] = r
	}
	last, lastAt := r.last, r.lastAt
	r.last, r.lastAt = f, at
	if last == nil || at <= lastAt || f.RxBytes < last.RxBytes || f.TxBytes < last.TxBytes || f.Errors() < last.Errors() {
		return
	}
	seconds := (at - lastAt).Seconds()
	r.add(stretch[rate]{lastAt, at, rate{
		rx: float32(float64(f.RxBytes-last.RxBytes) / seconds), tx: float32(float64(f.TxBytes-last.TxBytes) / seconds),
		errors: uint32(min(f.Errors()-last.Errors(), 1<<32-1)),
	}})
}

// add keeps a rate, and the most of its minute once that is over.
func (r *rates) add(n stretch[rate]) {
	if k := len(r.fine); k > 0 && r.fine[k-1].from/time.Minute != n.from/time.Minute {
		r.sumUp()
	}
	r.fine = bounded(append(r.fine, n), maxFineRates)
}

// sumUp keeps the most of the newest minute.
func (r *rates) sumUp() {
	k := len(r.fine) - 1
	sum := r.fine[k]
	for k--; k >= 0 && r.fine[k].from/time.Minute == sum.from/time.Minute; k-- {
		f := r.fine[k].value
		sum.from = r.fine[k].from
		sum.value = rate{max(sum.value.rx, f.rx), max(sum.value.tx, f.tx), sum.value.errors + min(f.errors, 1<<32-1-sum.value.errors)}
	}
	r.coarse = bounded(append(r.coarse, sum), maxCoarseRates)
}

// trim drops interfaces that were not counted since limit.
func (t traffic) trim(limit time.Duration) {
	maps.DeleteFunc(t, func(_ int, r *rates) bool { return r.lastAt < limit })
}

// view returns the traffic as it is now.
func (t traffic) view() map[int]rates {
	if len(t) == 0 {
		return nil
	}
	out := make(map[int]rates, len(t))
	for index, r := range t {
		out[index] = *r
	}
	return out
}

// Rates returns what the interface of a scope carried in each of n columns of
// equal width over span.
func (v *View) Rates(scope path.ScopeName, span Span, n int) []Rate {
	out := make([]Rate, max(n, 0))
	if c := (columns{span, n}); c.valid() {
		v.addRates(out, c, scope, span)
	}
	return out
}

// Rates returns what the interface of a scope carried in each of n columns of
// equal width over span.
func (j *Joined) Rates(scope path.ScopeName, span Span, n int) []Rate {
	out := make([]Rate, max(n, 0))
	j.eachView(span, n, func(v *View, c columns, owned Span) { v.addRates(out, c, scope, owned) })
	return out
}

// addRates puts the rates of an interface within owned into the columns that
// they touch.
func (v *View) addRates(out []Rate, c columns, scope path.ScopeName, owned Span) {
	r := v.traffic[v.indexOf(scope)]
	r.over(owned, v.bounds.To, func(s *stretch[rate]) {
		last := -1
		c.each(s.from, s.to, func(x int) {
			o := &out[x]
			o.Known, o.Rx, o.Tx = true, max(o.Rx, float64(s.value.rx)), max(o.Tx, float64(s.value.tx))
			last = x
		})
		if last >= 0 {
			out[last].Errors += uint64(s.value.errors)
		}
	})
}
