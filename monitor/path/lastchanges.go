package path

import (
	"cmp"
	"slices"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// LastChanges remembers, for each facet, the last observation that changed it, in
// the user's words: what the steps of a cause chain are made of.
type LastChanges struct {
	entries map[Facet]entry
	// ends are how the associations of interfaces ended that are lost: what the
	// radio says of tries since is no cause of that.
	ends map[int]entry
}

// An entry is a step, and whether it is a gain: something came up.
type entry struct {
	Step
	gain bool
}

// NewLastChanges remembers nothing yet.
func NewLastChanges() LastChanges {
	return LastChanges{entries: map[Facet]entry{}, ends: map[int]entry{}}
}

// maxLastChanges bounds them: far more than the facets of any support, so
// that only entries nobody will ask for are dropped.
const maxLastChanges = 8192

// Note records what o changes, compared with the state before it.
func (l *LastChanges) Note(o fact.Observation, before *state.State) {
	switch f := o.Fact.(type) {
	case *fact.Link:
		l.noteLink(o, before.Links[f.Index], f)
	case *fact.Address:
		l.noteAddress(o, before.Addresses[f.Key()], f, before)
	case *fact.Route:
		l.noteRoute(o, f, before)
	case *fact.Rule:
		l.put(o, ruleFacet(f), "", false, f.Change(&o))
	case *fact.Neighbour:
		l.noteNeighbour(o, before.Neighbours[f.Key()], f, before)
	case *fact.Lookup:
		l.noteLookup(o, f, before)
	case *fact.Wifi:
		l.noteWifi(o, f, before)
	}
}

func (l *LastChanges) put(o fact.Observation, f Facet, name fact.Untrusted, gain bool, text fact.Untrusted) {
	if len(l.entries) >= maxLastChanges {
		l.shrink(o.Mono)
	}
	step := Step{Time: o.Time, Mono: o.Mono, Layer: f.Layer, Interface: name, Text: text, Via: o.Via}
	l.entries[f] = entry{step, gain}
}

// shrink drops what is older than a minute, or everything when a storm is
// younger than that. The rest goes into another map, since one in which keys come
// and go for hours takes ever more room for as many.
func (l *LastChanges) shrink(now time.Duration) {
	kept := map[Facet]entry{}
	for f, s := range l.entries {
		if now-s.Mono <= time.Minute {
			kept[f] = s
		}
	}
	if len(kept) >= maxLastChanges {
		clear(kept)
	}
	l.entries = kept
}

func (l *LastChanges) noteLink(o fact.Observation, old, link *fact.Link) {
	admin := Facet{Layer: fact.LayerAdmin, Index: link.Index}
	carrier := Facet{Layer: fact.LayerCarrier, Index: link.Index}
	if o.Op == fact.Delete {
		delete(l.entries, carrier)
		delete(l.ends, link.Index)
		// The kernel takes a link down before it removes it, and reports both
		// (unregister_netdevice_many): one fact, dated when it began.
		if down, ok := l.entries[admin]; ok && down.Text == fact.LinkSetDown && o.Mono-down.Mono < Precursor {
			o.Time, o.Mono = down.Time, down.Mono
		}
		l.put(o, admin, link.Name, false, fact.LinkRemoved)
		return
	}
	for _, c := range link.Changes(old) {
		if c.Text == fact.LinkSetDown && old.Carrier() {
			delete(l.entries, carrier)
		}
		if c.Layer == fact.LayerRadio {
			// A switch ends the association, and is why.
			delete(l.ends, link.Index)
		}
		l.put(o, Facet{Layer: c.Layer, Index: link.Index}, link.Name, c.Gain, c.Text)
	}
}

// RadioLate is how long after the carrier the radio may say why it was lost, if
// there was no association since: mac80211 takes the carrier first and then waits
// until no packet is on its way (ieee80211_set_disassoc). That takes 35 ms, and
// seconds on a machine that is very busy.
const RadioLate = 5 * time.Second

// noteWifi notes what the radio says. Of a loss it is dated when that began: what it
// says was there before the carrier fell.
func (l *LastChanges) noteWifi(o fact.Observation, w *fact.Wifi, before *state.State) {
	radio := Facet{Layer: fact.LayerRadio, Index: w.Index}
	link := before.Links[w.Index]
	if !w.Gain() && link != nil && link.RadioOff {
		return
	}
	carrier, ok := l.entries[Facet{Layer: fact.LayerCarrier, Index: w.Index}]
	lost := ok && !carrier.gain
	said := l.entries[radio]
	again := said.gain && said.Mono > carrier.Mono
	if lost && !again && w.Ended() && o.Mono-carrier.Mono <= RadioLate {
		o.Time, o.Mono = carrier.Time, carrier.Mono
	}
	l.put(o, radio, before.Name(w.Index), w.Gain(), w.Words())
	if end, ok := l.ends[w.Index]; w.Ended() && (!ok || !lost || end.Mono < carrier.Mono-Precursor) {
		l.ends[w.Index] = l.entries[radio]
	}
}

// last returns the entry of a facet that explains a path which is good or not.
func (l *LastChanges) last(f Facet, since time.Duration, good bool) (entry, bool) {
	if f.Layer == fact.LayerRadio && !good {
		if end, ok := l.ends[f.Index]; ok && end.Mono > since {
			return end, true
		}
	}
	e, ok := l.entries[f]
	return e, ok
}

func (l *LastChanges) noteAddress(o fact.Observation, old, a *fact.Address, before *state.State) {
	if text := a.Change(&o, old); text != "" {
		gain := o.Op == fact.Put && a.Readiness() == "ready"
		l.put(o, addressFacet(a), before.Name(a.Index), gain, text)
	}
}

func (l *LastChanges) noteRoute(o fact.Observation, r *fact.Route, before *state.State) {
	if !fact.Covers(r) {
		return
	}
	text := r.Change(&o, before.Routes.At(r.Slot()))
	if text == "" {
		return
	}
	name := before.Name(r.Index)
	f := Facet{Layer: fact.LayerRoute, Family: r.Family, Table: r.Table, Metric: r.Metric, Prefix: r.Dst}
	l.put(o, f, name, o.Op == fact.Put && !r.Blocks(), text)
	if r.Blocks() {
		l.put(o, blockFacet(r.Family), name, false, text)
	}
}

func (l *LastChanges) noteNeighbour(o fact.Observation, old, n *fact.Neighbour, before *state.State) {
	if text := n.Change(&o, old); text != "" {
		l.put(o, Facet{Layer: fact.LayerNeighbour, Index: n.Index, Addr: n.Dst}, before.Name(n.Index), !n.Failed(&o), text)
	}
}

func (l *LastChanges) noteLookup(o fact.Observation, f *fact.Lookup, before *state.State) {
	if o.Op == fact.Delete {
		delete(l.entries, lookupFacet(f))
		return
	}
	name := before.Name(f.Index)
	l.put(o, lookupFacet(f), name, false, f.Answer(name))
}

// Chain turns the facets that differ between two supports into steps, oldest
// first and then by layer. Steps from before since belong to an earlier chain.
// The kernel's answers themselves are reported only when no other fact is: they
// follow from the tables. What came up had no part in a loss that does not rest
// on it, or that is explained without: see idle; good is whether the path is
// satisfied after.
func (l *LastChanges) Chain(before, after Support, since time.Duration, good bool) []Step {
	var facts, answers []entry
	for _, f := range changed(before, after) {
		e, ok := l.last(f, since, good)
		if !ok || e.Mono <= since || e.gain && !good && !after.rests(f) {
			continue
		}
		if f.Layer == fact.LayerRoute && f.Addr.IsValid() {
			answers = append(answers, e)
		} else {
			facts = append(facts, e)
		}
	}
	if len(facts) == 0 {
		facts = answers
	}
	slices.SortStableFunc(facts, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.Mono, b.Mono), cmp.Compare(layerRank(a.Layer), layerRank(b.Layer)))
	})
	var steps []Step
	for i, e := range facts {
		if good || !e.idle(facts[i+1:]) {
			steps = append(steps, e.Step)
		}
	}
	steps = slices.CompactFunc(steps, func(a, b Step) bool { return a.Mono == b.Mono && a.Text == b.Text && a.Interface == b.Interface })
	for i := range steps {
		steps[i].After = steps[i].Mono - steps[0].Mono
	}
	return steps
}

// idle reports whether a fact had no part in a loss: something came up on an
// interface that then failed below it, as an address that passed duplicate
// address detection just before the carrier was lost.
func (e *entry) idle(later []entry) bool {
	return e.gain && slices.ContainsFunc(later, func(x entry) bool {
		return !x.gain && x.Interface == e.Interface && layerRank(x.Layer) <= layerRank(fact.LayerCarrier)
	})
}

// Precursor is how long before a raw transition its cause may have happened:
// the kernel reports a lost carrier up to a second late (linkwatch runs once
// a second, net/core/link_watch.c), and everything else within 100 ms.
const Precursor = time.Second
