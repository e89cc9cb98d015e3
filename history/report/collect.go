package report

import (
	"maps"
	"slices"
	"time"

	"flapscope/history/timeline"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/state"
)

// A Collector keeps what a report needs beside the timeline. It is a listener of
// the fold's driver.
type Collector struct {
	span   timeline.Span
	checks map[string]*samples
	gaps   []fact.Gap
	marks  []Mark
	// links are the newest rows of all interfaces that were there, and carrier
	// the first count of each.
	links   map[fact.Untrusted]*fact.Link
	carrier map[fact.Untrusted]uint32
	tunnels map[fact.Untrusted]bool
	// managers are the daemons that ran.
	managers map[fact.Untrusted]*fact.Manager
	netconfs map[fact.NetconfKey]*fact.Netconf
	counted  map[int]counters
	radios   radios
	scans    scans
	// transitions are those of the machine.
	transitions []fold.Event
}

// keepLinks, keepMarks and keepTransitions bound what a stranger's recording can
// make a report keep.
const (
	keepLinks       = 256
	keepManagers    = 16
	keepNetconfs    = 2 * keepLinks
	keepMarks       = 1000
	keepGaps        = 1000
	keepTransitions = 100_000
)

// NewCollector returns a collector for a stretch of a recording.
func NewCollector(span timeline.Span) *Collector {
	return &Collector{
		span: span, checks: map[string]*samples{}, links: map[fact.Untrusted]*fact.Link{}, carrier: map[fact.Untrusted]uint32{},
		tunnels: map[fact.Untrusted]bool{}, managers: map[fact.Untrusted]*fact.Manager{}, netconfs: map[fact.NetconfKey]*fact.Netconf{}, counted: map[int]counters{}, radios: newRadios(span),
	}
}

// Observed implements fold.Listener.
func (c *Collector) Observed(o fact.Observation, now *state.State) {
	switch f := o.Fact.(type) {
	case *fact.ProbeResult:
		if f.Sent >= c.span.From && f.Sent <= c.span.To {
			c.sampled(f, now)
		}
	case *fact.Wifi:
		c.radios.wifi(f, o.Op, o.Mono)
	case *fact.WifiEvent:
		c.scans.event(f, o.Mono)
	case *fact.Station:
		c.radios.station(f, o.Mono)
	case *fact.Gap:
		if o.Mono >= c.span.From && f.Blind() && len(c.gaps) < keepGaps {
			c.gaps = append(c.gaps, *f)
		}
	case *fact.Mark:
		if o.Mono >= c.span.From && len(c.marks) < keepMarks {
			c.marks = append(c.marks, markOf(o, f))
		}
	case *fact.Traffic:
		c.count(f, o.Mono <= c.span.From)
	default:
		c.equip(o)
	}
}

// equip keeps what the machine has and how it is set.
func (c *Collector) equip(o fact.Observation) {
	switch f := o.Fact.(type) {
	case *fact.Manager:
		if o.Op == fact.Put && len(c.managers) < keepManagers {
			c.managers[f.Name] = f
		}
	case *fact.Netconf:
		if o.Op == fact.Put {
			c.keepNetconf(f)
		}
	case *fact.Link:
		if _, known := c.links[f.Name]; !known && len(c.links) >= keepLinks {
			return
		}
		if o.Mono <= c.span.From || c.links[f.Name] == nil {
			c.carrier[f.Name] = f.CarrierChanges
		}
		c.links[f.Name] = f
	}
}

// markOf is a mark as a report has it.
func markOf(o fact.Observation, f *fact.Mark) Mark {
	k := Mark{Time: o.Time, Text: f.Text, mono: o.Mono}
	if f.From > 0 && f.From < o.Mono {
		k.Duration = o.Mono - f.From
	}
	return k
}

func (c *Collector) sampled(f *fact.ProbeResult, now *state.State) {
	s := c.checks[f.Target]
	if s == nil {
		s = &samples{}
		c.checks[f.Target] = s
	}
	s.add(f, f.Sent-c.span.From, c.scans.met(f, now))
}

// Happened implements fold.Listener.
func (c *Collector) Happened(e fold.Event, _ func() *fold.Snapshot) {
	t := e.Transition
	if t != nil {
		c.scans.path(t)
	}
	if t == nil || e.Mono < c.span.From {
		return
	}
	if t.Path != nil && t.Path.Tunnel != nil && len(c.tunnels) < keepLinks {
		c.tunnels[t.Path.Tunnel.Interface] = true
	}
	if t.Scope == "machine" && len(c.transitions) < keepTransitions {
		c.transitions = append(c.transitions, e)
	}
}

// name returns the name of an interface.
func (c *Collector) name(index int) fact.Untrusted {
	for _, l := range c.links {
		if l.Index == index {
			return l.Name
		}
	}
	return ""
}

// vpn returns the tunnels that carried traffic.
func (c *Collector) vpn() []fact.Untrusted { return slices.Sorted(maps.Keys(c.tunnels)) }

// gapSpans are the stretches of which nothing is known.
func (c *Collector) gapSpans() (out []timeline.Span) {
	for _, g := range c.gaps {
		out = append(out, timeline.Span{From: max(g.From, c.span.From), To: min(g.To, c.span.To)})
	}
	return timeline.Union(out)
}

// blockFor is how long the shortest blocks are that figures are resampled by:
// what happens within one is not independent.
const blockFor = 30 * time.Second
