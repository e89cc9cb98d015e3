package timeline

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"flapscope/internal/text"
	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// link says what changed about an interface.
func (l *log) link(i Item, op fact.Op, f *fact.Link) {
	old, name := l.links[f.Index], f.Name.Display()
	if op == fact.Delete {
		delete(l.links, f.Index)
		i.Severity = LevelWaiting
		l.record(i, MarkDown, "link", name+" "+fact.LinkRemoved)
		return
	}
	l.links[f.Index] = f
	if old == nil {
		l.record(i, MarkUp, "link", name+" "+changeWords(f.Changes(nil)))
		return
	}
	if old.Name != f.Name {
		l.record(i, MarkNote, "link", old.Name.Display()+" renamed to "+name)
	}
	l.linkUp(i, old, f, name)
	if old.MTU != f.MTU {
		l.record(i, MarkNote, "link", fmt.Sprintf("%s mtu %d → %d", name, old.MTU, f.MTU))
	}
	if old.Master != f.Master {
		text := name + " left " + l.name(nil, old.Master)
		if f.Master != 0 {
			text = name + " joined " + l.name(nil, f.Master)
		}
		l.record(i, MarkNote, "link", text)
	}
}

// linkUp says what changed of radio, admin state and carrier.
func (l *log) linkUp(i Item, old, f *fact.Link, name string) {
	changes := f.Changes(old)
	if len(changes) == 0 {
		if f.CarrierChanges > old.CarrierChanges+1 {
			i.Severity = LevelWaiting
			l.record(i, MarkDown, "link", fmt.Sprintf("%s carrier changed %d times unseen", name, f.CarrierChanges-old.CarrierChanges))
		}
		return
	}
	mark, kind := MarkDown, "link"
	i.Severity = LevelWaiting
	if changes[0].Gain {
		mark, i.Severity = MarkUp, LevelGood
	}
	if changes[0].Layer == fact.LayerRadio {
		kind = "radio"
	}
	l.record(i, mark, kind, name+" "+changeWords(changes))
}

// changeWords are the words for changes of a link at one instant.
func changeWords(changes []fact.LinkChange) string {
	words := make([]string, len(changes))
	for i, c := range changes {
		words[i] = c.Text.Display()
	}
	return strings.Join(words, ", ")
}

// address reports addresses that can reach beyond the link; lifetimes that
// are renewed say nothing.
func (l *log) address(i Item, o *fact.Observation, f *fact.Address, name string) {
	old := l.addresses[f.Key()]
	was := old != nil && old.Usable()
	text := cmp.Or(f.Change(o, old), f.Words()+" added").Display()
	if o.Op == fact.Delete {
		delete(l.addresses, f.Key())
		if was {
			i.Severity = LevelWaiting
			l.record(i, MarkAddress, "addr", name+" "+text)
		}
		return
	}
	l.addresses[f.Key()] = f
	switch {
	case f.Usable() && !was:
		i.Severity = LevelGood
		l.record(i, MarkAddress, "addr", name+" "+text)
	case f.Flags&fact.AddrDADFailed != 0 && (was || old == nil):
		i.Severity = LevelBad
		l.record(i, MarkAddress, "addr", name+" "+text)
	}
}

// route reports default routes, and of halves of everything, which VPNs use
// in their place.
func (l *log) route(i Item, o *fact.Observation, f *fact.Route, s *state.State) {
	if f.Dst.Bits() > 1 || f.Table == 255 || f.Type == fact.RouteLocal || f.Type == fact.RouteBroadcast {
		return
	}
	// What the list shows of a route tells it from others well enough.
	name := l.routeNames(f, s)
	key := name + f.Words().Display()
	if l.defaults[key] == (o.Op == fact.Put) {
		return
	}
	var slot []*fact.Route
	if s != nil {
		slot = s.Routes.At(f.Slot())
	}
	// Where flags alone changed, there are no words for it; but this log begins
	// with the route.
	text := cmp.Or(f.Change(o, slot), f.Words()+" added").Display()
	if o.Op == fact.Delete {
		delete(l.defaults, key)
		i.Severity = LevelWaiting
	} else {
		l.defaults[key] = true
		i.Severity = LevelGood
	}
	l.record(i, MarkRoute, "route", name+text)
}

// routeNames returns the names of the interfaces of a route with a space
// behind, or nothing.
func (l *log) routeNames(f *fact.Route, s *state.State) string {
	var names []string
	for _, leg := range f.Nexthops {
		names = append(names, l.name(s, leg.Index))
	}
	if f.Index != 0 {
		names = append(names, l.name(s, f.Index))
	}
	if len(names) == 0 {
		return ""
	}
	return strings.Join(names, ", ") + " "
}

// resolver reports another list of servers.
func (l *log) resolver(i Item, op fact.Op, f *fact.Resolvers) {
	text := f.Words().Display()
	if op == fact.Delete {
		text = fact.Untrusted(f.Source).Display() + ": gone"
	}
	old, known := l.resolvers[f.Source]
	l.resolvers[f.Source] = text
	if known && old != text {
		l.record(i, MarkRoute, "dns", text)
	}
}

func (l *log) wifi(i Item, op fact.Op, f *fact.Wifi, name string) {
	if op == fact.Delete {
		return
	}
	m := MarkDown
	i.Severity = LevelWaiting
	if f.Gain() {
		m, i.Severity = MarkUp, LevelGood
	}
	l.record(i, m, "wifi", name+" "+f.Words().Display())
}

// radio reports what a radio says that may explain something. Scans are many, and
// most are harmless.
func (l *log) radio(i Item, f *fact.WifiEvent, name string) {
	switch f.Event {
	case fact.WifiEventScan, fact.WifiEventScanned, fact.WifiEventScanEnded, fact.WifiEventTrying:
		return
	case fact.WifiEventBeaconLoss, fact.WifiEventPacketLoss, fact.WifiEventForged:
		i.Severity = LevelWaiting
	}
	text := f.Words().Display()
	if f.Index != 0 {
		text = name + " " + text
	}
	l.record(i, MarkNote, "wifi", text)
}

// probe says when a target stops answering, and when it answers again.
func (l *log) probe(i Item, r *fact.ProbeResult, t *fact.Target) {
	name := t.Name.Display()
	fail := l.failing[r.Target]
	switch {
	case r.Outcome.Lost():
		if fail == nil {
			fail = &failing{since: r.Sent}
			l.failing[r.Target] = fail
		}
		if fail.count++; fail.count == reportAfter {
			fail.reported = true
			i.Severity = LevelDegraded
			l.record(i, MarkProbe, string(t.Method), name+" "+r.Failure().Display()+" ×"+strconv.Itoa(reportAfter))
		}
	case r.Outcome == fact.OutcomeNoData, r.Outcome == fact.OutcomeLate:
	case fail != nil:
		delete(l.failing, r.Target)
		if fail.reported {
			i.Severity = LevelGood
			l.record(i, MarkRecovery, string(t.Method), fmt.Sprintf("%s answers again (%s) after %s",
				name, text.Duration(r.RTT), text.Duration(i.Mono-fail.since)))
		}
	}
}

func (l *log) notice(i Item, op fact.Op, f *fact.Notice) {
	if op == fact.Delete {
		return
	}
	i.Mark, i.Kind, i.Text = MarkNote, "note", f.Text.Display()
	l.add(i)
}
