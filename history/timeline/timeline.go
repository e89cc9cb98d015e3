package timeline

import (
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
	"flapscope/monitor/state"
)

// Limits bound a Timeline.
type Limits struct {
	// Age is how far back it reaches.
	Age time.Duration
	// Targets, Lanes, Changes (of each scope) and Items bound the numbers;
	// the oldest go first. Incidents are reports of incidents.
	Targets, Lanes, Changes, Items, Incidents int
	// Moments bounds the memory of kept snapshots, in bytes.
	Moments int
	// Settings say what counts as an outage.
	Settings path.Settings
	// Sums is whether only levels and latencies are kept, what a Rollup is made
	// of: no log and no snapshots.
	Sums bool
}

// SumLimits returns what rollups of an hour each need.
func SumLimits(set path.Settings) Limits {
	l := DefaultLimits()
	l.Age, l.Settings, l.Sums = 90*time.Minute, set, true
	return l
}

// DefaultLimits returns a day in at most 16 MB at ten probes a second.
func DefaultLimits() Limits {
	return Limits{
		Age: 24 * time.Hour, Targets: 256, Lanes: 128, Changes: 16384, Items: 10000, Incidents: 2000,
		Moments: 3 << 20, Settings: path.DefaultSettings(),
	}
}

// A Timeline is the past in memory. It is fed by one goroutine, the one that
// owns the fold, and read through Views, which it shares its memory with.
//
// It is a listener of the fold's driver: the log shows causes before what they
// caused, since an observation is heard before it is folded. What no event says
// it takes from Snapshot, called as often as the screen wants it.
type Timeline struct {
	limits Limits
	bounds Span
	known  bool
	ticks  ticks

	machine, ipv4, ipv6 levelSeries
	settled             settled
	lanes               lanes
	conditions          conditions
	path                *path.Path

	series  map[string]*series
	order   []string
	moments moments
	newest  *fold.Snapshot
	log     log
	traffic traffic
	radios  radios
	// incidents are kept where only sums are, too: there are few.
	incidents incidents
	trimmed   time.Duration
	// untrimmed is how much came in since.
	untrimmed int
	// view is the newest view while nothing changed since.
	view *View
}

// NewTimeline returns a timeline that knows nothing.
func NewTimeline(l Limits) *Timeline {
	return &Timeline{limits: l, series: map[string]*series{}, log: newLog(), traffic: traffic{}, radios: radios{}}
}

// Observed implements fold.Listener: it takes an observation in. The state s
// gives names to what the observation mentions; it may be from before or after
// it.
func (t *Timeline) Observed(o fact.Observation, s *state.State) {
	t.advance(o.Mono, o.Time)
	switch f := o.Fact.(type) {
	case *fact.ProbeResult:
		t.result(f, o.Mono)
	case *fact.Target:
		t.target(o.Op, f)
	case *fact.Traffic:
		t.traffic.observe(o.Mono, f)
	case *fact.Wifi, *fact.WifiEvent, *fact.Cells, *fact.Station, *fact.Airtime:
		if !t.limits.Sums {
			t.radios.observe(&o)
		}
	}
	if !t.limits.Sums {
		t.log.observe(&o, s, t.series)
	}
}

// Note adds a line to the log that no observation or event makes: a pattern.
func (t *Timeline) Note(i Item) {
	t.advance(i.Mono, i.Time)
	t.log.add(i)
}

// Until moves the end to an instant at which nothing was observed: what is known
// goes on until then.
func (t *Timeline) Until(i fact.Instant) { t.advance(i.Mono, i.Time) }

// advance moves the end of the timeline.
func (t *Timeline) advance(mono time.Duration, wall time.Time) {
	t.view = nil
	if !t.known {
		t.bounds, t.known = Span{mono, mono}, true
	}
	t.bounds.To = max(t.bounds.To, mono)
	t.ticks = t.ticks.note(mono, wall)
	if t.untrimmed++; t.untrimmed >= trimAfter || t.bounds.To-t.trimmed >= time.Minute {
		t.trim()
	}
}

// trimAfter is how much comes in before what is too much is dropped: in a storm, or in
// a file, time may stand still.
const trimAfter = 1 << 14

// trim drops what is too old or too much.
func (t *Timeline) trim() {
	t.trimmed, t.untrimmed = t.bounds.To, 0
	limit := t.bounds.To - t.limits.Age
	t.bounds.From = max(t.bounds.From, limit)
	for _, k := range []*levelSeries{&t.machine, &t.ipv4, &t.ipv6} {
		k.trim(limit, t.limits.Changes)
	}
	for i := range t.settled {
		t.settled[i].trim(limit, t.limits.Changes)
	}
	t.lanes.trim(limit, t.limits)
	for id, s := range t.series {
		s.trim(limit)
		if s.newest < limit && s.blocks() > 0 {
			t.dropSeries(id)
		}
	}
	t.moments.trim(limit)
	t.traffic.trim(limit)
	t.radios.trim(limit)
	t.log.trim(limit, t.limits.Items)
	t.incidents.trim(limit, t.limits.Incidents)
}

// target keeps the definition of a target; its samples outlive it.
func (t *Timeline) target(op fact.Op, f *fact.Target) {
	if op == fact.Delete {
		return
	}
	t.seriesOf(f.ID).target = f
}

// result adds a sample of which the outcome was known at an instant, or corrects one.
func (t *Timeline) result(r *fact.ProbeResult, known time.Duration) {
	if s := t.seriesOf(r.Target); r.Outcome == fact.OutcomeLate {
		s.correct(r)
	} else {
		s.append(r, known)
	}
}

func (t *Timeline) seriesOf(id string) *series {
	if s := t.series[id]; s != nil {
		return s
	}
	if len(t.series) >= t.limits.Targets {
		t.dropSeries(t.stalest())
	}
	s := &series{target: &fact.Target{ID: id, Name: fact.Untrusted(id), Role: fact.RoleCustom}}
	t.series[id] = s
	t.order = append(t.order, id)
	return s
}

// stalest returns the target with the oldest newest sample.
func (t *Timeline) stalest() string {
	stalest := ""
	for _, id := range t.order {
		if stalest == "" || t.series[id].newest < t.series[stalest].newest {
			stalest = id
		}
	}
	return stalest
}

func (t *Timeline) dropSeries(id string) {
	delete(t.series, id)
	// A new array: views share the old one.
	order := make([]string, 0, len(t.order))
	for _, o := range t.order {
		if o != id {
			order = append(order, o)
		}
	}
	t.order = order
}

// Happened implements fold.Listener. Where only sums are kept, a snapshot is
// made if it may say more than the event: a transition, an episode that begins
// or ends. Transitions of single interfaces share one.
func (t *Timeline) Happened(e fold.Event, snapshot func() *fold.Snapshot) {
	if t.limits.Sums && (e.Observation != nil || e.Incident != nil || e.Connection != nil) || t.soonAfter(e) {
		t.Event(e, nil)
		return
	}
	t.Event(e, snapshot())
}

// interfacePause is how long after a moment a transition of one interface makes
// none: where a thousand come and go, a copy of all tables for each would cost more
// than everything else.
const interfacePause = 250 * time.Millisecond

// soonAfter reports whether an event is a transition of one interface, soon after
// the newest moment.
func (t *Timeline) soonAfter(e fold.Event) bool {
	tr := e.Transition
	return tr != nil && !tr.Scope.Whole() && t.newest != nil && max(e.Mono, tr.DeclaredMono) < t.newest.Mono+interfacePause
}

// Brief implements fold.Briefed: of sums, the tables are no part.
func (t *Timeline) Brief() bool { return t.limits.Sums }

// Event takes an event of the fold in. Snap is the state after it, or nil if
// it was not made.
func (t *Timeline) Event(e fold.Event, snap *fold.Snapshot) {
	t.advance(e.Mono, e.Time)
	switch {
	case e.Transition != nil && e.Transition.Phase == fold.PhaseRaw && e.Transition.Path != nil:
		t.transition(e.Mono, e.Transition)
	case e.Transition != nil && e.Transition.Path != nil:
		t.settle(e.Mono, e.Transition)
	case e.Incident != nil:
		t.incidents.add(e.Mono, e.Incident, e.Evidence)
	case e.Observation != nil:
		if g, ok := e.Observation.Fact.(*fact.Gap); ok && g.Blind() {
			t.gap(g)
		}
	}
	if !t.limits.Sums {
		t.log.event(&e)
	}
	if snap != nil {
		t.Snapshot(snap)
	}
}

// Assessed implements fold.Attentive: a moment is kept at each change of health.
func (t *Timeline) Assessed(snapshot func() *fold.Snapshot) {
	if !t.limits.Sums {
		t.Snapshot(snapshot())
	}
}

// Snapshot takes the newest state in: what no event says (an interface that
// came, health, targets).
func (t *Timeline) Snapshot(snap *fold.Snapshot) {
	// Before the first observation a state has no time yet: taken in, it would
	// make the known past begin when the machine was started.
	if snap == nil || snap == t.newest || snap.Time.IsZero() {
		return
	}
	t.advance(snap.Mono, snap.Time)
	now := conditions{snap.Health, snap.Flapping}
	if snap.Raw != nil && (snap.Raw != t.path || now != t.conditions) {
		t.conditions = now
		t.setPath(snap.Mono, snap.Raw)
	}
	if t.limits.Sums {
		return
	}
	t.newest = snap
	t.moments.add(snap, t.limits.Moments)
}

// setPath records how every scope does from mono on.
func (t *Timeline) setPath(mono time.Duration, p *path.Path) {
	t.path = p
	t.setScopes(mono, p)
	t.lanes.set(mono, p, t.limits.Lanes)
}

// setScopes records how the machine and the families do from mono on.
func (t *Timeline) setScopes(mono time.Duration, p *path.Path) {
	c := t.conditions
	t.machine.set(machineChange(mono, p, c))
	t.ipv4.set(familyChange(mono, &p.IPv4, c.health.IPv4))
	t.ipv6.set(familyChange(mono, &p.IPv6, c.health.IPv6))
}

// transition records what a raw transition shows. That of an interface carries
// no other.
func (t *Timeline) transition(mono time.Duration, tr *fold.Transition) {
	if tr.Scope.Whole() {
		t.setPath(mono, tr.Path)
		return
	}
	t.setScopes(mono, tr.Path)
	t.lanes.setAlone(mono, tr, t.limits.Lanes)
}

// gap records a blind stretch in every scope.
func (t *Timeline) gap(g *fact.Gap) {
	label := fact.Untrusted(g.Reason)
	for _, k := range []*levelSeries{&t.machine, &t.ipv4, &t.ipv6} {
		k.gap(g.From, g.To, label)
	}
	t.lanes.gap(g.From, g.To, label)
	t.bounds.To = max(t.bounds.To, g.To)
}
