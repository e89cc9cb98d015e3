package timeline

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
	"flapscope/monitor/state"
)

var (
	epoch = time.Date(2026, 11, 20, 14, 0, 0, 0, time.UTC)
	boot  = time.Hour
)

// at returns an observation at an offset from the epoch.
func at(d time.Duration, f fact.Fact) fact.Observation {
	return fact.Observation{Time: epoch.Add(d), Mono: boot + d, Op: fact.Put, Fact: f}
}

func probeAt(sent, rtt time.Duration, out fact.Outcome) fact.Observation {
	o := at(sent+rtt, &fact.ProbeResult{Target: "t", Outcome: out, Sent: boot + sent, RTT: rtt})
	if out != fact.OutcomeOK {
		o.Fact.(*fact.ProbeResult).RTT = 0
	}
	return o
}

func pathOf(status path.Status, reason path.Reason, ifi fact.Untrusted) *path.Path {
	f := path.FamilyPath{Status: status, Reason: reason, Interface: ifi}
	p := &path.Path{Status: status, Reason: reason, Interface: ifi, IPv4: f, IPv6: f}
	for i, n := range []fact.Untrusted{"eth0", "wlan0", "dock0"} {
		ip := &path.InterfacePath{Name: n, Index: i + 2, Candidate: n != "dock0", Status: path.Unsatisfied, Reason: path.ReasonNoCarrier}
		if n == ifi {
			ip.Status, ip.Reason, ip.InUse = status, reason, status == path.Satisfied
		}
		p.Interfaces = append(p.Interfaces, ip)
	}
	return p
}

func raw(d time.Duration, p *path.Path) fold.Event {
	return fold.Event{Time: epoch.Add(d), Mono: boot + d, Transition: &fold.Transition{
		Phase: fold.PhaseRaw, Scope: path.ScopeMachine, To: p.Status, Reason: p.Reason, Path: p,
	}}
}

func TestRawLossIsAlwaysVisible(t *testing.T) {
	tl := NewTimeline(DefaultLimits())
	up, down := pathOf(path.Satisfied, "", "eth0"), pathOf(path.Unsatisfied, path.ReasonNoCarrier, "")
	tl.Event(raw(0, up), nil)
	tl.Event(raw(10*time.Hour, down), nil)
	tl.Event(raw(10*time.Hour+time.Millisecond, up), nil)
	// Lost and found within one instant.
	tl.Event(raw(20*time.Hour, down), nil)
	tl.Event(raw(20*time.Hour, up), nil)
	tl.Event(raw(23*time.Hour, up), nil)
	v := tl.View()
	strip := v.Strip(path.ScopeMachine, Span{boot, boot + 24*time.Hour}, 24)
	for i, l := range strip {
		want := LevelGood
		if i == 10 || i == 20 {
			want = LevelBad
		}
		if l != want {
			t.Errorf("column %d is %d, want %d", i, l, want)
		}
	}
	segments := v.Segments(path.ScopeMachine, v.Bounds(), 0)
	var bad []Segment
	for _, s := range segments {
		if s.Level == LevelBad {
			bad = append(bad, s)
		}
	}
	want := []Segment{
		{Span: Span{boot + 10*time.Hour, boot + 10*time.Hour + time.Millisecond}, Level: LevelBad, Label: "no_carrier"},
		{Span: Span{boot + 20*time.Hour, boot + 20*time.Hour}, Level: LevelBad, Label: "no_carrier"},
	}
	if diff := cmp.Diff(want, bad); diff != "" {
		t.Errorf("losses (-want +got)\n%s", diff)
	}
}

func TestLanes(t *testing.T) {
	tl := NewTimeline(DefaultLimits())
	tl.Event(raw(0, pathOf(path.Satisfied, "", "wlan0")), nil)
	tl.Event(raw(time.Minute, pathOf(path.RequiresConnection, path.ReasonConfiguring, "wlan0")), nil)
	gone := pathOf(path.Satisfied, "", "eth0")
	gone.Interfaces = gone.Interfaces[:1]
	tl.Event(raw(2*time.Minute, gone), nil)
	tl.Event(raw(3*time.Minute, gone), nil)
	v := tl.View()
	span := Span{boot, boot + 3*time.Minute}
	want := map[path.ScopeName][]Level{
		"interface:wlan0": {LevelGood, LevelWaiting, LevelNone},
		"interface:eth0":  {LevelIdle, LevelIdle, LevelGood},
		"interface:dock0": {LevelIdle, LevelIdle, LevelNone},
	}
	for scope, levels := range want {
		if diff := cmp.Diff(levels, v.Strip(scope, span, 3)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", scope, diff)
		}
	}
	var names []fact.Untrusted
	for _, l := range v.Lanes(span) {
		names = append(names, l.Name)
	}
	if diff := cmp.Diff([]fact.Untrusted{"eth0", "wlan0", "dock0"}, names); diff != "" {
		t.Errorf("lanes (-want +got)\n%s", diff)
	}
	if l := v.Lanes(Span{boot + 2*time.Minute, boot + 3*time.Minute}); len(l) != 1 {
		t.Errorf("after they went, lanes are %v", l)
	}
}

func TestHealthMakesDegraded(t *testing.T) {
	tl := NewTimeline(DefaultLimits())
	p := pathOf(path.Satisfied, "", "eth0")
	snapshot := func(d time.Duration, h path.HealthState, flapping bool) {
		tl.Snapshot(&fold.Snapshot{Time: epoch.Add(d), Mono: boot + d, Raw: p, Health: path.Health{State: h}, Flapping: flapping})
	}
	snapshot(0, path.HealthOnline, false)
	snapshot(time.Second, path.HealthPortal, false)
	snapshot(2*time.Second, path.HealthOnline, false)
	snapshot(3*time.Second, path.HealthOnline, true)
	snapshot(4*time.Second, path.HealthNoInternet, true)
	snapshot(5*time.Second, path.HealthUnknown, false)
	got := tl.View().Segments(path.ScopeMachine, Span{0, 1 << 60}, 0)
	var short []string
	for _, s := range got {
		short = append(short, strconv.Itoa(int(s.Level))+" "+s.Note)
	}
	if diff := cmp.Diff([]string{"3 ", "6 portal", "3 ", "6 flapping", "6 no internet", "3 "}, short); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestGapIsNoOutage(t *testing.T) {
	tl := NewTimeline(DefaultLimits())
	tl.Event(raw(0, pathOf(path.Satisfied, "", "eth0")), nil)
	gap := at(time.Hour, &fact.Gap{Reason: fact.GapSuspend, From: boot + time.Minute, To: boot + time.Hour, Text: "asleep 59 min"})
	tl.Event(fold.Event{Time: gap.Time, Mono: gap.Mono, Observation: &gap}, nil)
	tl.Event(raw(2*time.Hour, pathOf(path.Satisfied, "", "eth0")), nil)
	v := tl.View()
	if got := v.Strip(path.ScopeMachine, v.Bounds(), 4); !slices.Equal(got, []Level{LevelGap, LevelGap, LevelGood, LevelGood}) {
		t.Errorf("strip %v", got)
	}
}

func TestViewIsImmutable(t *testing.T) {
	tl := NewTimeline(DefaultLimits())
	rng := rand.New(rand.NewPCG(7, 8))
	states := []*path.Path{pathOf(path.Satisfied, "", "eth0"), pathOf(path.Unsatisfied, path.ReasonNoRoute, ""), pathOf(path.Satisfied, "", "wlan0")}
	type kept struct {
		v       *View
		strip   []Level
		buckets []Bucket
		items   []Item
	}
	var views []kept
	span := Span{boot, boot + time.Hour}
	ask := func(v *View) kept {
		return kept{v, v.Strip(path.ScopeMachine, v.Bounds(), 50), v.Latency("t", span, 50), v.Items(span, 20)}
	}
	for i := range 3000 {
		d := time.Duration(i) * time.Second
		tl.Observed(probeAt(d, time.Duration(rng.IntN(900))*time.Millisecond, fact.OutcomeOK), nil)
		if rng.IntN(3) == 0 {
			tl.Event(raw(d+time.Duration(rng.IntN(2)), states[rng.IntN(3)]), nil)
		}
		if i%100 == 50 {
			views = append(views, ask(tl.View()))
		}
	}
	for i, k := range views {
		again := ask(k.v)
		if diff := cmp.Diff(k, again, cmp.AllowUnexported(kept{}), cmp.Comparer(func(a, b *View) bool { return a == b })); diff != "" {
			t.Fatalf("view %d changed (-before +after)\n%s", i, diff)
		}
	}
}

func TestViewIsSharedWhileNothingChanges(t *testing.T) {
	tl := NewTimeline(DefaultLimits())
	if tl.View() != nil {
		t.Error("a view before the first observation")
	}
	tl.Observed(at(0, &fact.Sync{Source: "kernel"}), nil)
	if a, b := tl.View(), tl.View(); a != b {
		t.Error("two views of one state")
	}
}

func TestAt(t *testing.T) {
	tl := NewTimeline(DefaultLimits())
	target := &fact.Target{ID: "t", Name: "1.1.1.1"}
	tl.Observed(at(0, target), nil)
	for i := range 100 {
		d := time.Duration(i) * time.Second
		o := probeAt(d, time.Duration(i+1)*time.Millisecond, fact.OutcomeOK)
		if i >= 50 {
			o = probeAt(d, 0, fact.OutcomeTimeout)
		}
		tl.Observed(o, nil)
		p := pathOf(path.Satisfied, "", "eth0")
		p.MTU = uint32(i / 10)
		tl.Snapshot(&fold.Snapshot{
			Time: o.Time, Mono: o.Mono, Raw: p,
			Targets: map[string]*state.TargetState{"t": {Target: target, Last: o.Fact.(*fact.ProbeResult)}},
		})
	}
	v := tl.View()
	m := v.At(boot + 70*time.Second + 500*time.Millisecond)
	if m.Snapshot == nil || m.Snapshot.Raw.MTU != 7 || !m.Time.Equal(epoch.Add(70*time.Second+500*time.Millisecond)) {
		t.Fatalf("moment %+v", m)
	}
	s := m.Snapshot.Targets["t"]
	if s.Last.Outcome != fact.OutcomeTimeout || s.Last.Sent != boot+70*time.Second {
		t.Errorf("last result %+v", s.Last)
	}
	if s.Answered != boot+49*time.Second+50*time.Millisecond {
		t.Errorf("answered at %v", s.Answered)
	}
	if v.At(boot-1).Snapshot != nil {
		t.Error("a snapshot from before the first")
	}
}

// TestAtLosses: a probe is lost when that was known, not when it was sent.
func TestAtLosses(t *testing.T) {
	tl := NewTimeline(DefaultLimits())
	target := &fact.Target{ID: "t", Interval: time.Second}
	tl.Observed(at(0, target), nil)
	for i := range 100 {
		known := time.Duration(i)*time.Second + 2*time.Second
		o := at(known, &fact.ProbeResult{Target: "t", Sent: boot + known - 2*time.Second, Outcome: fact.OutcomeTimeout})
		if i < 50 {
			o = probeAt(known-2*time.Second, time.Millisecond, fact.OutcomeOK)
		}
		tl.Observed(o, nil)
		tl.Snapshot(&fold.Snapshot{Time: o.Time, Mono: o.Mono, Targets: map[string]*state.TargetState{"t": {Target: target}}})
	}
	for _, tt := range []struct {
		at, sent, known time.Duration
		outcome         fact.Outcome
	}{
		{51900 * time.Millisecond, 49 * time.Second, 49001 * time.Millisecond, fact.OutcomeOK},
		{52 * time.Second, 50 * time.Second, 52 * time.Second, fact.OutcomeTimeout},
		{52900 * time.Millisecond, 50 * time.Second, 52 * time.Second, fact.OutcomeTimeout},
	} {
		s := tl.View().At(boot + tt.at).Snapshot.Targets["t"]
		if s.Last.Outcome != tt.outcome || s.Last.Sent != boot+tt.sent || s.LastAt != boot+tt.known {
			t.Errorf("at %v: %s, sent at %v, known at %v, want %+v", tt.at, s.Last.Outcome, s.Last.Sent-boot, s.LastAt-boot, tt)
		}
	}
}

// TestAtOutcomes: what became of a probe is restored, and why, as it was known.
func TestAtOutcomes(t *testing.T) {
	said := []fact.ProbeResult{
		{Outcome: fact.OutcomeOK},
		{Outcome: fact.OutcomePortal},
		{Outcome: fact.OutcomeRefused},
		{Outcome: fact.OutcomePortal},
		{Outcome: fact.OutcomeBadAnswer, Detail: "SERVFAIL"},
		{Outcome: fact.OutcomeBadAnswer, Detail: "REFUSED"},
		{Outcome: fact.OutcomeTimeout},
		{Outcome: fact.OutcomeNoData},
		{Outcome: fact.OutcomeTimeout},
		{Outcome: fact.OutcomeOK},
	}
	limits := DefaultLimits()
	limits.Age = 3 * time.Hour
	tl := NewTimeline(limits)
	target := &fact.Target{ID: "t", Interval: time.Second}
	tl.Observed(at(0, target), nil)
	// Each lasts for a while, and what is too old is forgotten meanwhile.
	const each, n = 1200, 20 * 1200
	for i := range n {
		d, r := time.Duration(i)*time.Second, said[i/each%len(said)]
		o := probeAt(d, time.Millisecond, r.Outcome)
		o.Fact.(*fact.ProbeResult).Detail = r.Detail
		tl.Observed(o, nil)
		tl.Snapshot(&fold.Snapshot{Time: o.Time, Mono: o.Mono, Targets: map[string]*state.TargetState{"t": {Target: target}}})
	}
	v := tl.View()
	for i := n - 5*each; i < n-1; i++ {
		s := v.At(boot + time.Duration(i)*time.Second + 500*time.Millisecond).Snapshot
		want := said[i/each%len(said)]
		if got := s.Targets["t"].Last; got.Outcome != want.Outcome || got.Detail != want.Detail {
			t.Fatalf("probe %d: %+v, want %+v", i, got, want)
		}
	}
	if s := v.seriesOf("t"); s.trimmed == 0 || len(s.outcomes) > 2*len(said) {
		t.Errorf("%d blocks were dropped, %d changes kept of %d", s.trimmed, len(s.outcomes), 2*len(said))
	}
}

// TestPortalsOfColumns: what a captive portal answered is told apart in each column,
// however wide and wherever it begins.
func TestPortalsOfColumns(t *testing.T) {
	tl := NewTimeline(DefaultLimits())
	outcomes := []fact.Outcome{fact.OutcomeOK, fact.OutcomePortal, fact.OutcomeTimeout, fact.OutcomePortal, fact.OutcomeNoData}
	const each, n = 37, 2000
	of := func(i int) fact.Outcome { return outcomes[i/each%len(outcomes)] }
	for i := range n {
		tl.Observed(probeAt(time.Duration(i)*time.Second, time.Millisecond, of(i)), nil)
	}
	for _, c := range []struct{ from, to, n int }{{0, n, 1}, {0, n, 10}, {5, n - 5, 199}, {300, 340, 40}, {-100, 50, 3}, {n, n + 10, 1}} {
		got := tl.View().Latency("t", Span{boot + time.Duration(c.from)*time.Second, boot + time.Duration(c.to)*time.Second}, c.n)
		want := make([]uint32, c.n)
		for i := max(c.from, 0); i < min(c.to, n); i++ {
			if of(i) == fact.OutcomePortal {
				want[(i-c.from)*c.n/(c.to-c.from)]++
			}
		}
		for i := range got {
			if got[i].Portal != want[i] {
				t.Errorf("%+v: column %d has %d, want %d", c, i, got[i].Portal, want[i])
			}
		}
	}
}

// TestOutcomesAreBounded: who answers each time in another way does so in vain.
func TestOutcomesAreBounded(t *testing.T) {
	tl := NewTimeline(DefaultLimits())
	for i := range 5 * maxOutcomes {
		o := probeAt(time.Duration(i)*time.Second, 0, fact.OutcomeBadAnswer)
		o.Fact.(*fact.ProbeResult).Detail = fact.Untrusted(strings.Repeat("x", i))
		tl.Observed(o, nil)
	}
	kept := tl.View().seriesOf("t").outcomes
	if len(kept) > 2*maxOutcomes {
		t.Errorf("%d are kept, want %d at most", len(kept), 2*maxOutcomes)
	}
	for _, o := range kept {
		if len(o.detail) > maxDetail {
			t.Fatalf("a detail of %d bytes is kept", len(o.detail))
		}
	}
}

func TestClockSteps(t *testing.T) {
	var k ticks
	k = k.note(0, epoch)
	k = k.note(time.Hour, epoch.Add(time.Hour+time.Millisecond))
	k = k.note(2*time.Hour, epoch.Add(time.Hour)) // one hour back
	k = k.note(3*time.Hour, epoch.Add(2*time.Hour))
	if len(k) != 2 {
		t.Fatalf("%d ticks", len(k))
	}
	if w := k.wall(90 * time.Minute); !w.Equal(epoch.Add(90 * time.Minute)) {
		t.Errorf("before the step: %v", w)
	}
	if w := k.wall(150 * time.Minute); !w.Equal(epoch.Add(90 * time.Minute)) {
		t.Errorf("after the step: %v", w)
	}
	if m, ok := k.mono(epoch.Add(90*time.Minute), 3*time.Hour); !ok || m != 150*time.Minute {
		t.Errorf("the newest 15:30 is %v, %v", m, ok)
	}
	if m, ok := k.mono(epoch.Add(30*time.Minute), 3*time.Hour); !ok || m != 30*time.Minute {
		t.Errorf("14:30 is %v, %v", m, ok)
	}
}

func TestTrimByAge(t *testing.T) {
	l := DefaultLimits()
	l.Age, l.Items, l.Changes = time.Hour, 500, 200
	tl := NewTimeline(l)
	states := []*path.Path{pathOf(path.Satisfied, "", "eth0"), pathOf(path.Unsatisfied, path.ReasonNoRoute, "")}
	for i := range 40_000 {
		d := time.Duration(i) * time.Second
		tl.Observed(probeAt(d, time.Millisecond, fact.OutcomeOK), nil)
		tl.Event(raw(d, states[i%2]), nil)
	}
	v := tl.View()
	if got := v.Bounds().To - v.Bounds().From; got > time.Hour+time.Minute {
		t.Errorf("bounds span %v", got)
	}
	if n := v.seriesOf("t").blocks() * blockLen; n > 3600+2*chunkLen*blockLen {
		t.Errorf("%d samples kept of an hour", n)
	}
	if n := len(v.items); n > 800 {
		t.Errorf("%d items kept of 500", n)
	}
	if n := len(v.machine.done); n > 400 {
		t.Errorf("%d changes kept of 200", n)
	}
}

func TestItems(t *testing.T) {
	tl := NewTimeline(DefaultLimits())
	s := state.NewState()
	observe := func(o fact.Observation) {
		tl.Observed(o, s)
		s.Apply(o)
	}
	link := &fact.Link{Index: 2, Name: "eth0", Flags: fact.FlagUp | fact.FlagLowerUp, OperState: fact.OperUp, MTU: 1500}
	down := *link
	down.Flags, down.OperState = fact.FlagUp, fact.OperDown
	address := &fact.Address{Index: 2, Local: netip.MustParseAddr("192.0.2.7"), PrefixLen: 24}
	tentative := &fact.Address{Index: 2, Local: netip.MustParseAddr("2001:db8::7"), PrefixLen: 64, Flags: fact.AddrTentative}
	usable := *tentative
	usable.Flags = 0
	renewed := usable
	renewed.ValidUntil = time.Hour
	route := &fact.Route{Family: fact.IPv4, Table: 254, Type: fact.RouteUnicast, Dst: netip.MustParsePrefix("0.0.0.0/0"), Gateway: netip.MustParseAddr("192.0.2.1"), Index: 2, Metric: 100}
	local := &fact.Route{Family: fact.IPv4, Table: 255, Type: fact.RouteLocal, Dst: netip.MustParsePrefix("192.0.2.7/32"), Index: 2}
	observe(at(0, link))
	observe(at(0, &fact.Resolvers{Source: "resolv.conf", Servers: []fact.Server{{Addr: netip.MustParseAddr("192.0.2.1")}}}))
	observe(at(0, &fact.Sync{Source: "kernel"}))
	observe(at(1*time.Second, &down))
	observe(at(2*time.Second, link))
	observe(at(3*time.Second, address))
	observe(at(4*time.Second, tentative))
	observe(at(5*time.Second, &usable))
	observe(at(6*time.Second, &renewed))
	observe(at(7*time.Second, route))
	observe(at(7*time.Second, local))
	observe(at(8*time.Second, &fact.Neighbour{Index: 2, Dst: netip.MustParseAddr("192.0.2.1")}))
	gone := at(9*time.Second, route)
	gone.Op = fact.Delete
	observe(gone)
	observe(at(10*time.Second, &fact.Resolvers{Source: "resolv.conf", Servers: []fact.Server{{Addr: netip.MustParseAddr("192.0.2.53")}}}))
	observe(at(11*time.Second, &fact.Target{ID: "t", Name: "gateway", Method: fact.MethodPing}))
	for i := range 5 {
		observe(probeAt(time.Duration(12+i)*time.Second, 0, fact.OutcomeTimeout))
	}
	observe(probeAt(17*time.Second, 1600*time.Microsecond, fact.OutcomeOK))

	var got []string
	for _, i := range tl.View().Items(Span{0, 1 << 60}, 100) {
		got = append(got, string(i.Mark)+" "+i.Kind+" "+i.Text)
	}
	slices.Reverse(got)
	want := []string{
		"▼ link eth0 carrier lost", "▲ link eth0 carrier back", "○ addr eth0 192.0.2.7/24 added",
		"○ addr eth0 2001:db8::7/64 ready, duplicate address detection passed",
		"◆ route eth0 default via 192.0.2.1 metric 100 added", "◆ route eth0 default via 192.0.2.1 metric 100 withdrawn",
		"◆ dns resolv.conf: 192.0.2.53", "! ping gateway timeout ×3", "✓ ping gateway answers again (1.6 ms) after 5.0 s",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestNearestAndMarks(t *testing.T) {
	tl := NewTimeline(DefaultLimits())
	up, down := pathOf(path.Satisfied, "", "eth0"), pathOf(path.Unsatisfied, path.ReasonNoCarrier, "")
	for i, p := range []*path.Path{up, down, up} {
		tl.Event(raw(time.Duration(i)*time.Minute, p), nil)
	}
	v := tl.View()
	if i, ok := v.Nearest(boot, true, LevelNone); !ok || i.Mono != boot+time.Minute {
		t.Errorf("next is %+v", i)
	}
	if i, ok := v.Nearest(boot+2*time.Minute, false, LevelWaiting); !ok || i.Mono != boot+time.Minute {
		t.Errorf("previous loud one is %+v", i)
	}
	if _, ok := v.Nearest(boot, false, LevelNone); ok {
		t.Error("something before the first")
	}
	marks := v.Marks(Span{boot, boot + 4*time.Minute}, 2)
	want := []Marker{{Count: 2, Mark: MarkDown, Severity: LevelWaiting}, {Count: 1, Mark: MarkUp, Severity: LevelGood}}
	if diff := cmp.Diff(want, marks); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestMomentsStayWithinBudget changes everything at every step for a day.
func TestMomentsStayWithinBudget(t *testing.T) {
	var m moments
	for i := range 20_000 {
		m.add(&fold.Snapshot{
			Mono: time.Duration(i) * time.Second, Raw: pathOf(path.Satisfied, "", "eth0"),
			Links: map[int]*fact.Link{1: {Index: 1}},
		}, 1<<20)
	}
	if m.weight > 1<<20 {
		t.Errorf("moments weigh %d", m.weight)
	}
	if k := momentAt(m.kept, 19_999*time.Second); k.Mono != 19_999*time.Second {
		t.Errorf("the newest moment is at %v", k.Mono)
	}
	if momentAt(m.kept, 0) == nil {
		t.Error("the oldest moment was lost")
	}
}
