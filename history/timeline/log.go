package timeline

import (
	"slices"
	"sort"
	"strconv"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// A log is the items in order. It remembers of the tables only what it needs
// to tell what changed.
type log struct {
	items []Item
	seq   int

	links     map[int]*fact.Link
	addresses map[fact.AddressKey]*fact.Address
	defaults  map[string]bool
	resolvers map[string]string
	failing   map[string]*failing
	// synced is whether the kernel's tables are complete: what a first dump
	// says was not an event.
	synced bool
	// machineAt is when the machine last changed settled, so that a family
	// which changed with it needs no line of its own.
	machineAt time.Duration
	// outage is when the machine's settled path was lost, or 0.
	outage time.Duration
}

// failing counts the answers that a target owes.
type failing struct {
	count    int
	since    time.Duration
	reported bool
}

// tellAfter is how many probes in a row must be lost to be worth a line.
const reportAfter = 3

func newLog() log {
	return log{
		links: map[int]*fact.Link{}, addresses: map[fact.AddressKey]*fact.Address{},
		defaults: map[string]bool{}, resolvers: map[string]string{}, failing: map[string]*failing{},
	}
}

// add appends an item. Its place is after those that were reported before it.
func (l *log) add(i Item) {
	if n := len(l.items); n > 0 {
		i.Mono = max(i.Mono, l.items[n-1].Mono)
	}
	l.seq++
	i.Seq = l.seq
	l.items = append(l.items, i)
}

// trim drops items from before limit, and the oldest beyond most.
func (l *log) trim(limit time.Duration, most int) {
	n := sort.Search(len(l.items), func(i int) bool { return l.items[i].Mono >= limit })
	n = max(n, len(l.items)-most)
	if n > 64 && n > len(l.items)/4 {
		l.items = slices.Clone(l.items[n:])
	}
}

// observe adds the lines that an observation is worth.
func (l *log) observe(o *fact.Observation, s *state.State, targets map[string]*series) {
	i := Item{Time: o.Time, Mono: o.Mono, Severity: LevelIdle}
	switch f := o.Fact.(type) {
	case *fact.Link:
		l.link(i, o.Op, f)
	case *fact.Address:
		l.address(i, o, f, l.name(s, f.Index))
	case *fact.Route:
		l.route(i, o, f, s)
	case *fact.Rule:
		l.record(i, MarkRoute, "rule", f.Change(o).Display())
	case *fact.Resolvers:
		l.resolver(i, o.Op, f)
	case *fact.Wifi:
		l.wifi(i, o.Op, f, l.name(s, f.Index))
	case *fact.WifiEvent:
		l.radio(i, f, l.name(s, f.Index))
	case *fact.ProbeResult:
		if t := targets[f.Target]; t != nil {
			l.probe(i, f, t.target)
		}
	case *fact.Notice:
		l.notice(i, o.Op, f)
	case *fact.Check:
		l.record(i, MarkProbe, "check", f.Text.Display())
	case *fact.Sync:
		l.synced = l.synced || f.Source == "kernel"
	}
}

// record adds an item once the tables are complete.
func (l *log) record(i Item, m Mark, kind, text string) {
	if !l.synced {
		return
	}
	i.Mark, i.Kind, i.Text = m, kind, text
	l.add(i)
}

// name returns the display name of an interface.
func (l *log) name(s *state.State, index int) string {
	if k := l.links[index]; k != nil {
		return k.Name.Display()
	}
	if s != nil {
		if n := s.Name(index); n != "" {
			return n.Display()
		}
	}
	return "interface " + strconv.Itoa(index)
}

// itemsWithin returns the stretch of items in span: [first, past).
func itemsWithin(items []Item, span Span) (first, past int) {
	first = sort.Search(len(items), func(i int) bool { return items[i].Mono >= span.From })
	past = sort.Search(len(items), func(i int) bool { return items[i].Mono >= span.To })
	return first, max(first, past)
}

// nearest returns the closest item after or before an instant.
func nearest(items []Item, from time.Duration, forward bool, atLeast Level) (Item, bool) {
	if forward {
		for i := sort.Search(len(items), func(i int) bool { return items[i].Mono > from }); i < len(items); i++ {
			if items[i].Severity >= atLeast {
				return items[i], true
			}
		}
		return Item{}, false
	}
	for i := sort.Search(len(items), func(i int) bool { return items[i].Mono >= from }) - 1; i >= 0; i-- {
		if items[i].Severity >= atLeast {
			return items[i], true
		}
	}
	return Item{}, false
}

// mark adds items, which lie in the columns when shifted, to the markers of
// their columns.
func mark(out []Marker, items []Item, c columns, shift time.Duration) {
	for i := range items {
		m := &out[c.of(items[i].Mono+shift)]
		m.Count++
		if m.Count == 1 || items[i].Severity >= m.Severity {
			m.Mark, m.Severity = items[i].Mark, items[i].Severity
		}
	}
}
