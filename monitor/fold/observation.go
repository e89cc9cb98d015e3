package fold

import "flapscope/monitor/fact"

// replaces takes in what an observation says beside the row that it replaces.
func (f *Fold) replaces(now fact.Instant, o fact.Observation) {
	switch x := o.Fact.(type) {
	case *fact.Address:
		if o.Op == fact.Delete {
			f.troubles.watch.removed(o, x)
		}
	case *fact.Neighbour:
		if o.Op == fact.Put && f.eval != nil {
			f.report(f.troubles.claimed(now, x, f.state.Neighbours[x.Key()], f.eval.Path, f.state.Name(x.Index)))
		}
	}
}

// applied takes in what an observation means besides its row.
func (f *Fold) applied(now fact.Instant, o fact.Observation) {
	switch x := o.Fact.(type) {
	case *fact.Gap:
		f.gap(now, x)
		f.emitObserved(o)
	case *fact.Mark:
		f.emitObserved(o)
	case *fact.Wifi:
		f.associated(o, x)
	case *fact.Target:
		f.connections.stale = true
	case *fact.ProbeResult:
		if f.graceUntil != 0 && x.Sent >= f.graceFrom && f.reached(x) {
			f.graceUntil = 0
		}
	}
}

// renews reports whether an observation gives an address more time and nothing else:
// no path depends on how much is left.
func (f *Fold) renews(o fact.Observation) bool {
	a, ok := o.Fact.(*fact.Address)
	if !ok || o.Op != fact.Put {
		return false
	}
	old := f.state.Addresses[a.Key()]
	return old != nil && old.Until(a.ValidUntil, a.PreferredUntil) == *a
}

// emitObserved emits an observation that is an event itself.
func (f *Fold) emitObserved(o fact.Observation) {
	f.emit(Event{Time: o.Time, Mono: o.Mono, Observation: &o})
}
