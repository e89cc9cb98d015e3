package timeline

import (
	"maps"
	"slices"
	"sort"
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
	from, to time.Duration
	rx, tx   float32
	errors   uint32
}

// rates is the traffic of one interface, in order. Views share its memory: what
// is there is never written again.
type rates struct {
	last         *fact.Traffic
	lastAt       time.Duration
	fine, coarse []rate
}

// traffic is the traffic of all interfaces, by their index.
type traffic map[int]*rates

// observe takes a reading of the counters in. The first one says nothing, and
// neither does one of an interface that began to count anew.
func (t traffic) observe(at time.Duration, f *fact.Traffic) {
	r := t[f.Index]
	if r == nil {
		if len(t) >= maxTrafficOf && !t.dropGone(at) {
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
	r.add(rate{
		from: lastAt, to: at, errors: uint32(min(f.Errors()-last.Errors(), 1<<32-1)),
		rx: float32(float64(f.RxBytes-last.RxBytes) / seconds), tx: float32(float64(f.TxBytes-last.TxBytes) / seconds),
	})
}

// goneAfter is how long an interface was not counted that makes room for another:
// those that come and go would keep all the room for a day.
const goneAfter = 10 * time.Second

// dropGone forgets the interface that was not counted for longest, and reports
// whether there was one that is gone.
func (t traffic) dropGone(at time.Duration) bool {
	stalest := -1
	for index, r := range t {
		if stalest < 0 || r.lastAt < t[stalest].lastAt {
			stalest = index
		}
	}
	if at-t[stalest].lastAt < goneAfter {
		return false
	}
	delete(t, stalest)
	return true
}

// add keeps a rate, and the most of its minute once that is over.
func (r *rates) add(n rate) {
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
		f := r.fine[k]
		sum.from, sum.rx, sum.tx = f.from, max(sum.rx, f.rx), max(sum.tx, f.tx)
		sum.errors += min(f.errors, 1<<32-1-sum.errors)
	}
	r.coarse = bounded(append(r.coarse, sum), maxCoarseRates)
}

// bounded drops all but the newest, when there are twice as many as are kept.
func bounded[T any](list []T, most int) []T {
	if len(list) < 2*most {
		return list
	}
	return slices.Clone(list[len(list)-most:])
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
	if !(columns{span, n}).valid() {
		return out
	}
	j.within(span, func(p *Part, owned Span) {
		if p.View != nil {
			moved := columns{Span{span.From - p.Shift, span.To - p.Shift}, n}
			p.View.addRates(out, moved, scope, Span{owned.From - p.Shift, owned.To - p.Shift})
		}
	})
	return out
}

// addRates puts the rates of an interface within owned into the columns that
// they touch.
func (v *View) addRates(out []Rate, c columns, scope path.ScopeName, owned Span) {
	i := slices.IndexFunc(v.lanes, func(l lane) bool { return l.Scope == scope })
	if i < 0 {
		return
	}
	r := v.traffic[v.lanes[i].Index]
	exact := v.bounds.To + 1
	if len(r.fine) > 0 {
		exact = r.fine[0].from
	}
	for _, n := range from(r.coarse, owned.From) {
		if n.from >= owned.To || n.to > exact {
			break // what follows is known by the second
		}
		spreadRate(out, c, n)
	}
	for _, n := range from(r.fine, owned.From) {
		if n.from >= owned.To {
			break
		}
		spreadRate(out, c, n)
	}
}

// from returns the rates that end after an instant.
func from(list []rate, at time.Duration) []rate {
	i := sort.Search(len(list), func(i int) bool { return list[i].to > at })
	return list[i:]
}

// spreadRate puts a rate into the columns that it touches.
func spreadRate(out []Rate, c columns, n rate) {
	last := -1
	c.each(n.from, n.to, func(x int) {
		o := &out[x]
		o.Known, o.Rx, o.Tx = true, max(o.Rx, float64(n.rx)), max(o.Tx, float64(n.tx))
		last = x
	})
	if last >= 0 {
		out[last].Errors += uint64(n.errors)
	}
}
