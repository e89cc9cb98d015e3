package monitor

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// A ledger remembers, for each facet, the last observation that changed it, in
// the user's words: what the steps of a cause chain are made of.
type ledger struct {
	entries map[Facet]entry
}

// An entry is a step, and whether it is a gain: something came up.
type entry struct {
	Step
	gain bool
}

// setDown is what the ledger says of a link that was taken down.
const setDown = "set down"

// maxLedger bounds the ledger: far more than the facets of any support, so
// that only entries nobody will ask for are dropped.
const maxLedger = 8192

// note records what o changes, compared with the state before it.
func (l *ledger) note(o Observation, before *State) {
	switch f := o.Fact.(type) {
	case *Link:
		l.noteLink(o, before.Links[f.Index], f)
	case *Address:
		l.noteAddress(o, before.Addresses[f.Key()], f, before)
	case *Route:
		l.noteRoute(o, f, before)
	case *Rule:
		l.put(o, ruleFacet(f), "", false, "rule "+f.Text()+verb(o.Op, " added", " removed"))
	case *Neighbour:
		l.noteNeighbour(o, before.Neighbours[f.Key()], f, before)
	case *Lookup:
		l.noteLookup(o, f, before)
	case *Wifi:
		l.put(o, Facet{Layer: LayerRadio, Index: f.Index}, before.Name(f.Index), f.Event == "associated" || f.Event == "roamed", f.Text())
	}
}

func (l *ledger) put(o Observation, f Facet, name Untrusted, gain bool, text Untrusted) {
	if len(l.entries) >= maxLedger {
		l.shrink(o.Mono)
	}
	step := Step{Time: o.Time, Mono: o.Mono, Layer: f.Layer, Interface: name, Text: text, Via: o.Via}
	l.entries[f] = entry{step, gain}
}

// shrink drops what is older than a minute, or everything when a storm is
// younger than that.
func (l *ledger) shrink(now time.Duration) {
	for f, s := range l.entries {
		if now-s.Mono > time.Minute {
			delete(l.entries, f)
		}
	}
	if len(l.entries) >= maxLedger {
		clear(l.entries)
	}
}

func verb(op Op, put, del Untrusted) Untrusted {
	if op == Delete {
		return del
	}
	return put
}

func (l *ledger) noteLink(o Observation, old, link *Link) {
	admin := Facet{Layer: LayerAdmin, Index: link.Index}
	carrier := Facet{Layer: LayerCarrier, Index: link.Index}
	switch {
	case o.Op == Delete:
		delete(l.entries, carrier)
		// The kernel takes a link down before it removes it, and tells of both
		// (unregister_netdevice_many): one fact, dated when it began.
		if down, ok := l.entries[admin]; ok && down.Text == setDown && o.Mono-down.Mono < precursor {
			o.Time, o.Mono = down.Time, down.Mono
		}
		l.put(o, admin, link.Name, false, "interface removed")
		return
	case old == nil:
		l.put(o, admin, link.Name, link.Up(), "interface appeared"+verbIf(!link.Up(), ", down", ""))
		if link.Carrier() {
			l.put(o, carrier, link.Name, true, "carrier present")
		}
		return
	}
	if old.RadioOff != link.RadioOff {
		l.put(o, Facet{Layer: LayerRadio, Index: link.Index}, link.Name, !link.RadioOff, verbIf(link.RadioOff, "radio switched off", "radio switched on"))
	}
	switch {
	case old.Up() && !link.Up():
		if old.Carrier() {
			// Taking a link down takes its carrier: one fact, not two.
			delete(l.entries, carrier)
		}
		l.put(o, admin, link.Name, false, setDown)
		return
	case !old.Up() && link.Up():
		l.put(o, admin, link.Name, true, "set up")
	}
	if old.Carrier() != link.Carrier() {
		l.put(o, carrier, link.Name, link.Carrier(), verbIf(link.Carrier(), "carrier back", "carrier lost"))
	}
}

func verbIf(cond bool, yes, no Untrusted) Untrusted {
	if cond {
		return yes
	}
	return no
}

func (l *ledger) noteAddress(o Observation, old, a *Address, before *State) {
	text := Untrusted("")
	switch {
	case o.Op == Delete && ended(o, a.ValidUntil):
		text = "expired"
	case o.Op == Delete:
		text = "removed"
	case old == nil && addressValue(a) == "tentative":
		text = "added, tentative"
	case old == nil:
		text = "added"
	case addressValue(old) == addressValue(a):
		return
	default:
		text = map[string]Untrusted{
			"ready":     "ready, duplicate address detection passed",
			"tentative": "tentative again",
			"dadfailed": "failed duplicate address detection",
		}[addressValue(a)]
	}
	f := addressFacet(a)
	gain := o.Op == Put && addressValue(a) == "ready"
	l.put(o, f, before.Name(a.Index), gain, Untrusted(f.Prefix.String()+" ")+text)
}

// ended reports whether a row that is deleted had come to the end of its life:
// the kernel counts lifetimes in whole seconds.
func ended(o Observation, until time.Duration) bool {
	return o.Via == ViaExpired || until != 0 && o.Mono >= until-time.Second
}

func (l *ledger) noteRoute(o Observation, r *Route, before *State) {
	if !covers(r) {
		return
	}
	slot := before.Routes.At(r.Slot())
	if o.Op == Put && slices.ContainsFunc(slot, r.Same) {
		// Only flags changed: the link's own facets tell why.
		return
	}
	text := r.Text() + verb(o.Op, " added", " withdrawn")
	if o.Op == Delete {
		if ended(o, r.ExpiresAt) {
			text = r.Text() + " expired"
		} else if i := slices.IndexFunc(slot, func(x *Route) bool { return !x.Same(r) }); i >= 0 {
			text = r.Text() + " replaced by " + slot[i].Text()
		}
	}
	name := before.Name(r.Index)
	f := Facet{Layer: LayerRoute, Family: r.Family, Table: r.Table, Metric: r.Metric, Prefix: r.Dst}
	l.put(o, f, name, o.Op == Put && !r.blocks(), text)
	if r.blocks() {
		l.put(o, blockFacet(r.Family), name, false, text)
	}
}

func (l *ledger) noteNeighbour(o Observation, old, n *Neighbour, before *State) {
	failed := o.Op == Put && n.State&NeighbourFailed != 0
	was := old != nil && old.State&NeighbourFailed != 0
	if failed == was {
		return
	}
	text := Untrusted(n.Dst.String()) + verbIf(failed, " no longer answers", " answers again")
	l.put(o, Facet{Layer: LayerNeighbour, Index: n.Index, Addr: n.Dst}, before.Name(n.Index), !failed, text)
}

func (l *ledger) noteLookup(o Observation, f *Lookup, before *State) {
	if o.Op == Delete {
		delete(l.entries, lookupFacet(f))
		return
	}
	text := "kernel routes " + Untrusted(f.Dst.String())
	switch {
	case f.Err != "":
		text += " nowhere (" + f.Err + ")"
	case f.Gateway.IsValid():
		text += " via " + Untrusted(f.Gateway.String()) + " dev " + before.Name(f.Index)
	default:
		text += " dev " + before.Name(f.Index)
	}
	l.put(o, lookupFacet(f), before.Name(f.Index), false, text)
}

// Text returns the event in words: "deauthenticated by AP (reason 4)".
func (w *Wifi) Text() Untrusted {
	var b strings.Builder
	b.WriteString(string(w.Event))
	if w.ByAP {
		b.WriteString(" by AP")
	}
	if w.Reason != 0 {
		fmt.Fprintf(&b, " (reason %d)", w.Reason)
	}
	return Untrusted(b.String())
}

// chain turns the facets that differ between two supports into steps, oldest
// first and then by layer. Steps from before since belong to an earlier chain.
// The kernel's answers themselves are told only when no other fact is: they
// follow from the tables. What came up had no part in a loss that does not rest
// on it, or that is explained without: see idle; good is whether the path is
// satisfied after.
func (l *ledger) chain(before, after Support, since time.Duration, good bool) []Step {
	var facts, answers []entry
	for _, f := range changed(before, after) {
		e, ok := l.entries[f]
		if !ok || e.Mono <= since || e.gain && !good && !after.rests(f) {
			continue
		}
		if f.Layer == LayerRoute && f.Addr.IsValid() {
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
		return !x.gain && x.Interface == e.Interface && layerRank(x.Layer) <= layerRank(LayerCarrier)
	})
}
