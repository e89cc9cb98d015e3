// Package replaytest has a recording for tests of what reads recordings.
package replaytest

import (
	"net/netip"
	"path/filepath"
	"testing"
	"time"

	"flapscope/history/session"
	"flapscope/history/timeline"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
)

// Recorded writes three hours and a half of a link that fails every twenty
// minutes, with rollups, and returns the name of the recording.
func Recorded(t *testing.T) string {
	t.Helper()
	const boot = 100 * time.Hour
	at, mono := time.Date(2026, 11, 20, 14, 0, 0, 0, time.UTC), boot
	set := path.DefaultSettings()
	name := filepath.Join(t.TempDir(), "a"+session.Suffix)
	w, err := session.Create(name, at, mono, session.Header{Settings: set}, nil)
	if err != nil {
		t.Fatal(err)
	}
	tl := timeline.NewTimeline(timeline.SumLimits(set))
	var live *fold.Fold
	live = fold.NewFold(set, func(e fold.Event) {
		tl.Event(e, live.Snapshot())
		w.AppendEvent(&e)
	})
	rolled := mono
	observe := func(f fact.Fact) {
		o := fact.Observation{Time: at, Mono: mono, Op: fact.Put, Fact: f}
		live.Advance(mono)
		tl.Observed(o, live.State())
		if err := w.Append(&o); err != nil {
			t.Fatal(err)
		}
		live.Observe(o)
	}
	observe(&fact.Target{ID: "ping:192.0.2.1", Name: "gateway", Method: fact.MethodPing, Role: fact.RoleGateway, Family: fact.IPv4})
	for second := range 12_600 {
		at, mono = at.Add(time.Second), mono+time.Second
		if second%600 == 0 {
			for _, f := range Wired(second%1200 == 0) {
				observe(f)
			}
		}
		observe(&fact.ProbeResult{Target: "ping:192.0.2.1", Outcome: fact.OutcomeOK, Sent: mono - time.Millisecond, RTT: time.Duration(second%900) * time.Microsecond})
		if mono-rolled >= time.Hour {
			if err := w.AppendRollup(at, mono, tl.View().Rollup(timeline.Span{From: rolled, To: mono})); err != nil {
				t.Fatal(err)
			}
			rolled = mono
		}
	}
	if err := w.Close(at, mono, "stop"); err != nil {
		t.Fatal(err)
	}
	return name
}

// Wired is a machine with one interface.
func Wired(up bool) []fact.Fact {
	link := fact.Link{Index: 2, Name: "eth0", Type: fact.TypeWired, Flags: fact.FlagUp, OperState: fact.OperDown, MTU: 1500}
	lookup := fact.Lookup{Question: fact.Question{Family: fact.IPv4, Dst: fact.Destinations(fact.IPv4)[0]}, Err: "ENETUNREACH"}
	if up {
		link.Flags, link.OperState = link.Flags|fact.FlagLowerUp, fact.OperUp
		lookup.Err, lookup.Type, lookup.Table, lookup.Index = "", fact.RouteUnicast, 254, 2
		lookup.Gateway, lookup.Source = netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.7")
	}
	return []fact.Fact{
		&link, &fact.Address{Index: 2, Local: netip.MustParseAddr("192.0.2.7"), PrefixLen: 24},
		&lookup, &fact.Sync{Source: "kernel"},
	}
}
