package stats

import (
	"net/netip"
	"testing"
	"time"

	"flapscope/history/timeline"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
	"flapscope/monitor/state"
)

var (
	// origin is where the machine's clocks begin.
	origin  = fact.Instant{Time: time.Date(2026, 11, 20, 14, 0, 0, 0, time.UTC), Mono: time.Hour}
	addr    = netip.MustParseAddr("192.0.2.7")
	gateway = netip.MustParseAddr("192.0.2.1")
)

// machine drives a fold and a timeline with an interface that loses its carrier.
type machine struct {
	at      time.Duration
	driver  *fold.Driver
	past    *timeline.Timeline
	outages int
}

func newMachine() *machine {
	m := &machine{past: timeline.NewTimeline(timeline.DefaultLimits())}
	m.driver = fold.NewDriver(path.DefaultSettings(), m.past, m)
	m.put(true)
	return m
}

// Observed and Happened count the outages that the fold finds.
func (*machine) Observed(fact.Observation, *state.State) {}

func (m *machine) Happened(e fold.Event, _ func() *fold.Snapshot) {
	if e.Episode != nil && e.Episode.Open && e.Episode.What == fold.EpisodeOutage {
		m.outages++
	}
}

func (m *machine) observe(f fact.Fact) {
	m.driver.Observe(fact.Observation{Time: origin.Time.Add(m.at), Mono: origin.Mono + m.at, Op: fact.Put, Fact: f})
}

// put gives it a carrier, or takes it away.
func (m *machine) put(up bool) {
	link := &fact.Link{Index: 2, Name: "eth0", Type: fact.TypeWired, Flags: fact.FlagUp | fact.FlagLowerUp, OperState: fact.OperUp}
	lookup := &fact.Lookup{Question: fact.Question{Family: fact.IPv4, Dst: fact.Destinations(fact.IPv4)[0]}, Type: fact.RouteUnicast, Index: 2, Source: addr, Gateway: gateway}
	if !up {
		link.Flags, link.OperState = fact.FlagUp, fact.OperDown
		*lookup = fact.Lookup{Question: lookup.Question, Err: "ENETUNREACH"}
	}
	for _, f := range []fact.Fact{link, &fact.Address{Index: 2, Local: addr, PrefixLen: 24}, lookup, &fact.Sync{Source: "kernel"}} {
		m.observe(f)
	}
}

// pass lets time go by.
func (m *machine) pass(d time.Duration) { m.at += d }

// finish returns what the timeline says of all of it, until the end.
func (m *machine) finish() Availability {
	m.driver.Finish(origin.Mono + m.at)
	m.past.Until(fact.Instant{Time: origin.Time.Add(m.at), Mono: origin.Mono + m.at})
	m.past.Snapshot(m.driver.Snapshot())
	v := m.past.View()
	all := timeline.Span{From: v.Bounds().From, To: v.Bounds().To + 1}
	return AvailabilityOf(v.Segments(path.ScopeMachine, all, 0), v.Settled(path.ScopeMachine, all), all, path.DefaultSettings())
}

// TestOutagesAreTheFolds: what is an outage is decided once. Many losses that
// are each too short are one, and what a resume brings with it is none.
func TestOutagesAreTheFolds(t *testing.T) {
	for name, tt := range map[string]struct {
		story func(m *machine)
		want  int
	}{
		"steady": {func(m *machine) { m.pass(time.Minute) }, 0},
		"one": {func(m *machine) {
			m.pass(time.Minute)
			m.put(false)
			m.pass(5 * time.Second)
			m.put(true)
			m.pass(time.Minute)
		}, 1},
		"unrest": {func(m *machine) {
			m.pass(time.Minute)
			for range 8 {
				m.put(false)
				m.pass(900 * time.Millisecond)
				m.put(true)
				m.pass(700 * time.Millisecond)
			}
			m.pass(5 * time.Minute)
		}, 1},
		"resume": {func(m *machine) {
			from := m.at
			m.pass(time.Hour)
			m.observe(&fact.Gap{Reason: fact.GapSuspend, From: origin.Mono + from, To: origin.Mono + m.at})
			m.put(false)
			m.pass(5 * time.Second)
			m.put(true)
			m.pass(time.Minute)
		}, 0},
		"open": {func(m *machine) {
			m.pass(time.Minute)
			m.put(false)
			m.pass(time.Minute)
		}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMachine()
			tt.story(m)
			a := m.finish()
			if a.Outages != tt.want || m.outages != tt.want {
				t.Errorf("the timeline has %d outages, the fold %d, want %d", a.Outages, m.outages, tt.want)
			}
			if name == "open" && a.Longest != time.Minute {
				t.Errorf("it lasts %v until the end, want 1m", a.Longest)
			}
		})
	}
}
