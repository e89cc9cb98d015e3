package timeline

import (
	"maps"
	"slices"
	"sort"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/path"
)

// An Air is how an association did during one column, as the driver was asked.
type Air struct {
	// Known is whether there was a sample.
	Known bool
	// Signal and BeaconSignal are means in dBm, and Weakest is the least of the
	// first; 0 is unknown.
	Signal, BeaconSignal, Weakest int
	// Rate has the newest rates: TxRate, RxRate, MCS, NSS and Width.
	Rate fact.Station
	// Sent, Retries, Failed, Beacons and Due are sums.
	Sent, Retries, Failed, Beacons, Due int

	signals, beaconSignals mean
}

// Signals is of how many samples Signal is the mean.
func (a *Air) Signals() int { return int(a.signals.n) }

// Share returns what part of all is: of the beacons that were due those that were
// heard, of the packets those that were sent again. Without any it is known to be
// none.
func Share(part, all int) (share float64, known bool) {
	if all <= 0 {
		return 0, false
	}
	return min(float64(part)/float64(all), 1), true
}

// A mean is that of what was added.
type mean struct{ sum, n int64 }

func (m *mean) add(o mean) { m.sum, m.n = m.sum+o.sum, m.n+o.n }

// of returns the mean to the nearest whole number, 0 of nothing.
func (m mean) of() int {
	if m.n == 0 {
		return 0
	}
	return int((float64(m.sum) / float64(m.n)) - 0.5) // signals are below 0
}

func signalMean(dbm int) mean {
	if dbm == 0 {
		return mean{}
	}
	return mean{int64(dbm), 1}
}

// add adds what came later.
func (a *Air) add(b *Air) {
	if a.Weakest == 0 || b.Weakest != 0 && b.Weakest < a.Weakest {
		a.Weakest = b.Weakest
	}
	a.Known, a.Rate = true, b.Rate
	a.Sent, a.Retries, a.Failed = a.Sent+b.Sent, a.Retries+b.Retries, a.Failed+b.Failed
	a.Beacons, a.Due = a.Beacons+b.Beacons, a.Due+b.Due
	a.signals.add(b.signals)
	a.beaconSignals.add(b.beaconSignals)
}

// A Hearing is which access points an interface heard of, and when.
type Hearing struct {
	At time.Duration
	*fact.Cells
}

// Len is how many there are.
func (h *Hearing) Len() int {
	if h.Cells == nil {
		return 0
	}
	return len(h.List)
}

// An Airtime is how a channel was used until At.
type Airtime struct {
	At time.Duration
	*fact.Airtime
}

// A RadioEvent is what became of the radio of an interface: Wifi, of its
// association, or Event, whichever is set.
type RadioEvent struct {
	Mono  time.Duration
	Wifi  *fact.Wifi
	Event *fact.WifiEvent
}

// How much is kept of a radio: an hour of samples by the second, a day by the
// minute, and so many events, of so many interfaces.
const (
	maxFineAirs    = 3600
	maxCoarseAirs  = 24 * 60
	maxRadioEvents = 4096
	maxHearings    = 64
	maxAirtimes    = 6 * 360
	maxRadios      = 8
)

// A radio is the past of the radio of one interface, in order.
type radio struct {
	seen time.Duration
	tiers[Air]
	// open is the first of fine that is in no sample of coarse yet.
	open     time.Duration
	events   []RadioEvent
	hearings []Hearing
	airtimes []Airtime
	// newest is the last word on the association, or nil.
	newest *fact.Wifi
}

// radios are all of them, by the index of the interface.
type radios map[int]*radio

// observe takes an observation of a radio in.
func (r radios) observe(o *fact.Observation) {
	switch f := o.Fact.(type) {
	case *fact.Wifi:
		if k := r.of(f.Index, o.Mono); k != nil {
			k.wifi(o.Mono, o.Op, f)
		}
	case *fact.WifiEvent:
		if f.Index == 0 || f.Event == fact.WifiEventTrying {
			return
		}
		if k := r.of(f.Index, o.Mono); k != nil {
			k.event(RadioEvent{Mono: o.Mono, Event: f})
		}
	case *fact.Cells:
		if k := r.of(f.Index, o.Mono); k != nil {
			k.hearings = bounded(append(k.hearings, Hearing{o.Mono, f}), maxHearings)
		}
	case *fact.Airtime:
		if k := r.of(f.Index, o.Mono); k != nil {
			k.airtimes = bounded(append(k.airtimes, Airtime{o.Mono, f}), maxAirtimes)
		}
	case *fact.Station:
		if k := r.of(f.Index, o.Mono); k != nil {
			k.sample(o.Mono, f)
		}
	}
}

// of returns the radio of an interface, or nil if there are too many.
func (r radios) of(index int, at time.Duration) *radio {
	k := r[index]
	if k == nil {
		if len(r) >= maxRadios && !dropGone(r, at, func(k *radio) time.Duration { return k.seen }) {
			return nil
		}
		k = &radio{seen: at, open: at}
		r[index] = k
	}
	return k
}

// wifi takes a word on the association. One that was said already is a row of the
// state that a recording repeats.
func (r *radio) wifi(at time.Duration, op fact.Op, f *fact.Wifi) {
	if r.newest != nil && *r.newest == *f && f.Gain() && op == fact.Put {
		return
	}
	r.newest = f
	// What follows is of another access point.
	r.sumUp(at)
	r.event(RadioEvent{Mono: at, Wifi: f})
	r.seen = max(r.seen, at)
}

func (r *radio) event(e RadioEvent) { r.events = bounded(append(r.events, e), maxRadioEvents) }

// sample takes a look at the station: it is of the time since the one before, or
// since the association.
func (r *radio) sample(at time.Duration, f *fact.Station) {
	from := max(r.seen, at-goneAfter)
	if at <= from {
		from = at - 1
	}
	if from/time.Minute != r.open/time.Minute {
		r.sumUp(from)
	}
	rate := fact.Station{Index: f.Index, TxRate: f.TxRate, RxRate: f.RxRate, MCS: f.MCS, NSS: f.NSS, Width: f.Width}
	a := Air{
		Known: true, Weakest: f.Signal, Rate: rate, Sent: f.Sent, Retries: f.Retries, Failed: f.Failed,
		Beacons: f.Beacons, Due: f.Due, signals: signalMean(f.Signal), beaconSignals: signalMean(f.BeaconSignal),
	}
	r.fine = bounded(append(r.fine, stretch[Air]{from, at, a}), maxFineAirs)
	r.seen = at
}

// sumUp keeps what was observed since the last sum as one, and begins another.
func (r *radio) sumUp(at time.Duration) {
	var sum stretch[Air]
	for _, s := range after(r.fine, r.open) {
		if !sum.value.Known {
			sum.from = s.from
		}
		sum.to = s.to
		sum.value.add(&s.value)
	}
	r.open = at
	if sum.value.Known {
		r.coarse = bounded(append(r.coarse, sum), maxCoarseAirs)
	}
}

// trim drops interfaces of which nothing was heard since limit, and what was
// before it.
func (r radios) trim(limit time.Duration) {
	maps.DeleteFunc(r, func(_ int, k *radio) bool { return k.seen < limit && len(k.events) == 0 })
	for _, k := range r {
		// The newest of before says what held then.
		n := sort.Search(len(k.events), func(i int) bool { return k.events[i].Mono >= limit }) - 1
		if n > 64 && n > len(k.events)/4 {
			k.events = slices.Clone(k.events[n:])
		}
	}
}

// view returns the radios as they are now.
func (r radios) view() map[int]radio {
	if len(r) == 0 {
		return nil
	}
	out := make(map[int]radio, len(r))
	for index, k := range r {
		out[index] = *k
	}
	return out
}

// Air returns how the association of the interface of a scope did in each of n
// columns of equal width over span.
func (v *View) Air(scope path.ScopeName, span Span, n int) []Air {
	out := make([]Air, max(n, 0))
	if c := (columns{span, n}); c.valid() {
		v.addAir(out, c, scope, span)
	}
	return finishAir(out)
}

// Air returns how the association of the interface of a scope did in each of n
// columns of equal width over span.
func (j *Joined) Air(scope path.ScopeName, span Span, n int) []Air {
	out := make([]Air, max(n, 0))
	j.eachView(span, n, func(v *View, c columns, owned Span) { v.addAir(out, c, scope, owned) })
	return finishAir(out)
}

// finishAir makes means of sums.
func finishAir(out []Air) []Air {
	for i := range out {
		out[i].Signal, out[i].BeaconSignal = out[i].signals.of(), out[i].beaconSignals.of()
	}
	return out
}

// addAir puts the samples within owned into the columns in which they end: what
// was counted must not be counted twice. One that is wider than a column is what
// is known of the others that it touches.
func (v *View) addAir(out []Air, c columns, scope path.ScopeName, owned Span) {
	r := v.radios[v.indexOf(scope)]
	r.over(owned, v.bounds.To, func(s *stretch[Air]) { spreadAir(out, c, s) })
}

func spreadAir(out []Air, c columns, s *stretch[Air]) {
	last := -1
	c.each(s.from, s.to, func(x int) { last = x })
	if last < 0 {
		return
	}
	shape := s.value
	shape.Sent, shape.Retries, shape.Failed, shape.Beacons, shape.Due = 0, 0, 0, 0, 0
	c.each(s.from, s.to, func(x int) {
		if x != last && !out[x].Known {
			out[x].add(&shape)
		}
	})
	out[last].add(&s.value)
}

// Heard returns which access points the interface of a scope had heard of last at an
// instant, or nothing.
func (v *View) Heard(scope path.ScopeName, at time.Duration) Hearing {
	all := v.radios[v.indexOf(scope)].hearings
	i := sort.Search(len(all), func(i int) bool { return all[i].At > at })
	if i == 0 {
		return Hearing{}
	}
	return all[i-1]
}

// Airtime returns how the channel of the interface of a scope was used in the sample
// before an instant, or nothing if that was not lately.
func (v *View) Airtime(scope path.ScopeName, at time.Duration) Airtime {
	all := v.radios[v.indexOf(scope)].airtimes
	i := sort.Search(len(all), func(i int) bool { return all[i].At > at })
	if i == 0 || at-all[i-1].At > airtimeHolds {
		return Airtime{}
	}
	return all[i-1]
}

// airtimeHolds is for how long a sample of a channel says how it is: three of them are
// taken meanwhile.
const airtimeHolds = 30 * time.Second

// Airtime returns how the channel of the interface of a scope was used in the sample
// before an instant, or nothing if that was not lately.
func (j *Joined) Airtime(scope path.ScopeName, at time.Duration) Airtime {
	if i := j.index(at); i >= 0 {
		if p := &j.parts[i]; p.View != nil {
			a := p.View.Airtime(scope, at-p.Shift)
			a.At += p.Shift
			return a
		}
	}
	return Airtime{}
}

// Heard returns which access points the interface of a scope had heard of last at an
// instant, or nothing.
func (j *Joined) Heard(scope path.ScopeName, at time.Duration) Hearing {
	for i := j.index(at); i >= 0; i-- {
		if p := &j.parts[i]; p.View != nil {
			if h := p.View.Heard(scope, at-p.Shift); h.Cells != nil {
				h.At += p.Shift
				return h
			}
		}
	}
	return Hearing{}
}

// Radio returns what became of the radio of the interface of a scope within span,
// oldest first, and before it the last word on its association, which held then.
func (v *View) Radio(scope path.ScopeName, span Span) []RadioEvent {
	all := v.radios[v.indexOf(scope)].events
	past := sort.Search(len(all), func(i int) bool { return all[i].Mono >= span.To })
	first := sort.Search(past, func(i int) bool { return all[i].Mono >= span.From })
	var out []RadioEvent
	for _, e := range slices.Backward(all[:first]) {
		if e.Wifi != nil {
			out = append(out, e)
			break
		}
	}
	return append(out, all[first:past]...)
}

// Radio returns what became of the radio of the interface of a scope within span,
// oldest first, and before it the last word on its association, which held then.
func (j *Joined) Radio(scope path.ScopeName, span Span) []RadioEvent {
	var out []RadioEvent
	var newest *fact.Wifi
	j.within(j.around(span), func(p *Part, owned Span) {
		if p.View == nil {
			return
		}
		for _, e := range p.View.Radio(scope, Span{owned.From - p.Shift, owned.To - p.Shift}) {
			e.Mono += p.Shift
			if newest != nil && (e.Mono < owned.From || e.Wifi != nil && *e.Wifi == *newest && e.Wifi.Gain()) {
				continue // a part begins with the state of the one before
			}
			if e.Wifi != nil {
				newest = e.Wifi
			}
			if e.Mono < span.From {
				out = out[:0]
				if e.Wifi == nil {
					continue
				}
			}
			if e.Mono < span.To {
				out = append(out, e)
			}
		}
	})
	return out
}
