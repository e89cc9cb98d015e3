package stats

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"flapscope/history/timeline"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
	"flapscope/monitor/state"
)

func TestSummarizeIncidents(t *testing.T) {
	of := func(what path.What, leg path.LegName, severity fold.Severity, count int, down, longest time.Duration, over bool) *fold.Incident {
		i := &fold.Incident{Root: path.Root{What: what, Leg: leg}, Severity: severity, Count: count, Down: down, Longest: longest}
		if over {
			i.To.Mono = origin.Mono
		}
		return i
	}
	got := Summarize(nil, nil, []*fold.Incident{
		of(path.CarrierLost, path.LegLink, fold.SeverityOutage, 7, 8*second, 2*second, true),
		of(path.Latency, path.LegDNS, fold.SeverityDegraded, 1, 30*second, 30*second, true),
		of(path.CarrierLost, path.LegLink, fold.SeverityOutage, 1, 60*second, 60*second, false),
		of(path.ICMPFiltered, path.LegInternet, fold.SeverityNote, 1, 90*second, 90*second, true),
	}).Incidents
	want := IncidentStatistics{N: 3, Outage: 2, Degraded: 1, Open: 1, Kinds: []IncidentKind{
		{What: path.CarrierLost, Leg: path.LegLink, N: 2, Open: 1, Times: 8, Total: 68 * second, Longest: 60 * second},
		{What: path.Latency, Leg: path.LegDNS, N: 1, Times: 1, Total: 30 * second, Longest: 30 * second},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestOnline: the machine is offline when neither family gets anything through,
// for want of a path or by what probes found.
func TestOnline(t *testing.T) {
	boot := origin.Mono
	tl := timeline.NewTimeline(timeline.DefaultLimits())
	for at, four := range []path.Status{0: path.Satisfied, 40: path.Unsatisfied, 100: path.Satisfied} {
		if four == "" {
			continue
		}
		p := &path.Path{Status: path.Satisfied, Interface: "eth0"}
		p.IPv4.Status, p.IPv6.Status = four, path.Satisfied
		since := time.Duration(at) * second
		tl.Event(fold.Event{Time: origin.Time.Add(since), Mono: boot + since, Transition: &fold.Transition{
			Phase: fold.PhaseRaw, Scope: path.ScopeMachine, To: p.Status, Path: p,
		}}, nil)
	}
	var f OnlineFinder
	s := state.NewState()
	for id, family := range map[string]fact.Family{"4": fact.IPv4, "6": fact.IPv6} {
		s.Targets[id] = &state.TargetState{Target: &fact.Target{ID: id, Role: fact.RoleInternet, Family: family}}
		f.Observed(fact.Observation{Fact: &fact.ProbeResult{Target: id, Outcome: fact.OutcomeOK}}, s)
	}
	say := func(id int, family fact.Family, leg path.LegName, to, down time.Duration) {
		i := &fold.Incident{ID: id, Root: path.Root{Leg: leg, Family: family}, Severity: fold.SeverityOutage, Down: down}
		i.To.Mono = boot + to
		f.Happened(fold.Event{Incident: i}, nil)
	}
	say(1, fact.IPv6, path.LegInternet, 30*second, 5*second)
	// It comes back twice, and is reported each time.
	say(2, fact.IPv6, path.LegInternet, 60*second, 10*second)
	say(2, fact.IPv6, path.LegInternet, 120*second, 50*second)
	say(3, 0, path.LegDNS, 20*second, 20*second)
	span := timeline.Span{From: boot, To: boot + 200*second}
	between := func(from, to int) timeline.Span {
		return timeline.Span{From: boot + time.Duration(from)*second, To: boot + time.Duration(to)*second}
	}
	for scope, want := range map[path.ScopeName][]timeline.Span{
		path.ScopeIPv4:    {between(40, 100)},
		path.ScopeIPv6:    {between(25, 30), between(50, 60), between(80, 120)},
		path.ScopeMachine: {between(50, 60), between(80, 100)},
	} {
		got, probed := f.Of(tl.View(), scope, span)
		if diff := cmp.Diff(want, got); diff != "" || !probed {
			t.Errorf("%s: probed %v (-want +got)\n%s", scope, probed, diff)
		}
	}
	if _, probed := f.Of(tl.View(), path.InterfaceScope("eth0"), span); probed {
		t.Error("an interface is not probed")
	}
	if _, probed := new(OnlineFinder).Of(tl.View(), path.ScopeMachine, span); probed {
		t.Error("nothing was probed")
	}
}

// TestOnlineAroundGaps: what was lost is counted back from its end, over the gaps
// that it does not count.
func TestOnlineAroundGaps(t *testing.T) {
	tl := timeline.NewTimeline(timeline.DefaultLimits())
	at := func(s int) time.Duration { return origin.Mono + time.Duration(s)*second }
	p := &path.Path{Status: path.Satisfied, Interface: "eth0"}
	p.IPv4.Status = path.Satisfied
	raw := func(s int) {
		tl.Event(fold.Event{Mono: at(s), Transition: &fold.Transition{Phase: fold.PhaseRaw, Scope: path.ScopeMachine, To: p.Status, Path: p}}, nil)
	}
	raw(0)
	for _, gap := range []timeline.Span{{From: at(20), To: at(30)}, {From: at(50), To: at(55)}, {From: at(70), To: at(80)}} {
		tl.Event(fold.Event{Mono: gap.To, Observation: &fact.Observation{Mono: gap.To, Fact: &fact.Gap{
			Reason: fact.GapStopped, From: gap.From, To: gap.To,
		}}}, nil)
	}
	raw(100)
	var f OnlineFinder
	s := state.NewState()
	s.Targets["4"] = &state.TargetState{Target: &fact.Target{ID: "4", Role: fact.RoleInternet, Family: fact.IPv4}}
	f.Observed(fact.Observation{Fact: &fact.ProbeResult{Target: "4", Outcome: fact.OutcomeOK}}, s)
	// From 15 to 60, without the gaps of 10 s and 5 s in it.
	i := &fold.Incident{ID: 1, Root: path.Root{Leg: path.LegPortal}, Severity: fold.SeverityDegraded, Down: 30 * second}
	i.To.Mono = at(60)
	f.Happened(fold.Event{Incident: i}, nil)
	got, _ := f.Of(tl.View(), path.ScopeMachine, timeline.Span{From: at(0), To: at(100)})
	want := []timeline.Span{{From: at(15), To: at(20)}, {From: at(30), To: at(50)}, {From: at(55), To: at(60)}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
