package timeline

import (
	"cmp"
	"slices"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
	"flapscope/monitor/state"
)

// A View is a timeline as it was at one instant. It is immutable, shares its
// memory with the timeline that it came from, and its methods may be called
// from any goroutine.
type View struct {
	settings path.Settings
	bounds   Span
	ticks    ticks
	machine  levelSeries
	ipv4     levelSeries
	ipv6     levelSeries
	settled  settled
	lanes    []lane
	series   []*series
	moments  []*fold.Snapshot
	newest   *fold.Snapshot
	items    []Item
	// incidents are shared too: what was said of them is only added to.
	incidents incidents
	traffic   map[int]rates
	radios    map[int]radio
}

// View returns a view of everything so far, in a time that does not depend on
// how much that is: the same one while nothing changed, nil before the first
// observation.
func (t *Timeline) View() *View {
	if !t.known || t.view != nil {
		return t.view
	}
	v := &View{
		settings: t.limits.Settings, bounds: t.bounds, ticks: t.ticks,
		machine: t.machine, ipv4: t.ipv4, ipv6: t.ipv6, settled: t.settled, lanes: t.lanes.view(),
		series: make([]*series, 0, len(t.order)), moments: t.moments.kept, newest: t.newest, items: t.log.items,
		incidents: t.incidents, traffic: t.traffic.view(), radios: t.radios.view(),
	}
	for _, id := range t.order {
		v.series = append(v.series, t.series[id].view())
	}
	t.view = v
	return v
}

// Bounds returns the stretch of which anything is known, gaps included.
func (v *View) Bounds() Span { return v.bounds }

// Exact reports whether everything is known of a span: of a View, always.
func (v *View) Exact(Span) bool { return true }

// Clock returns the wall time of an instant, with clock steps taken into
// account; outside Bounds it goes on evenly.
func (v *View) Clock(mono time.Duration) time.Time { return v.ticks.wall(mono) }

// Mono returns the instant at which the wall clock showed wall, the newest if
// it did so twice, and whether there is one at or before the end of Bounds.
func (v *View) Mono(wall time.Time) (time.Duration, bool) {
	return v.ticks.mono(wall, v.bounds.To)
}

// At returns the state at an instant. Its snapshot is nil before the first
// one; what probes said is that of the instant, though not in every detail.
func (v *View) At(mono time.Duration) Moment {
	m := Moment{Time: v.Clock(mono), Mono: mono}
	if v.newest != nil && mono >= v.newest.Mono {
		m.Snapshot = v.newest
		return m
	}
	kept := momentAt(v.moments, mono)
	if kept == nil || v.machine.levelAt(mono) == LevelGap {
		return m
	}
	snap := *kept
	snap.Time, snap.Mono = m.Time, mono
	snap.Targets = make(map[string]*state.TargetState, len(kept.Targets))
	for id, t := range kept.Targets {
		snap.Targets[id] = v.targetAt(t.Target, mono)
	}
	m.Snapshot = &snap
	return m
}

// targetAt restores what was known of a target.
func (v *View) targetAt(t *fact.Target, mono time.Duration) *state.TargetState {
	state := &state.TargetState{Target: t}
	s := v.seriesOf(t.ID)
	if s == nil {
		return state
	}
	state.Last, state.LastAt = s.lastBefore(mono, false)
	_, state.Answered = s.lastBefore(mono, true)
	return state
}

// levels returns the level series of a scope, or nil.
func (v *View) levels(scope path.ScopeName) *levelSeries {
	switch scope {
	case path.ScopeMachine:
		return &v.machine
	case path.ScopeIPv4:
		return &v.ipv4
	case path.ScopeIPv6:
		return &v.ipv6
	}
	for i := range v.lanes {
		if v.lanes[i].Scope == scope {
			return &v.lanes[i].levelSeries
		}
	}
	return nil
}

// Strip returns the worst level of scope in each of n columns of equal width
// over span. After Bounds().To the newest level goes on.
func (v *View) Strip(scope path.ScopeName, span Span, n int) []Level {
	c, k := columns{span, n}, v.levels(scope)
	if !c.valid() || k == nil {
		return make([]Level, max(n, 0))
	}
	return k.strip(c)
}

// Segments returns the stretches of scope that overlap span and are at least
// atLeast long, oldest first, not cut to span. Neighbours differ in level,
// label or note. The newest one ends at Bounds().To.
func (v *View) Segments(scope path.ScopeName, span Span, atLeast time.Duration) []Segment {
	k := v.levels(scope)
	if k == nil {
		return nil
	}
	var out []Segment
	k.segments(span, v.bounds.To, func(s Segment) {
		if s.To-s.From >= atLeast {
			out = append(out, s)
		}
	})
	return out
}

// Scopes returns the scopes that have segments: the machine, the families and
// every interface.
func (v *View) Scopes() []path.ScopeName {
	scopes := []path.ScopeName{path.ScopeMachine, path.ScopeIPv4, path.ScopeIPv6}
	for i := range v.lanes {
		scopes = append(scopes, v.lanes[i].Scope)
	}
	return scopes
}

// Lanes returns the interfaces that existed within span, in order of
// preference: in use first, then usable, then candidates, then the hidden.
func (v *View) Lanes(span Span) []Lane {
	return inOrder(rankedLanes(v.lanes, span, v.bounds.To))
}

func (v *View) seriesOf(id string) *series {
	for _, s := range v.series {
		if s.target.ID == id {
			return s
		}
	}
	return nil
}

// Targets returns the targets probed within span: gateways, resolvers,
// internet, portal, custom; IPv4 before IPv6; then in order of appearance.
func (v *View) Targets(span Span) []*fact.Target {
	var out []*fact.Target
	for _, s := range v.series {
		found := false
		s.within(span, func(block) { found = true })
		if found {
			out = append(out, s.target)
		}
	}
	SortTargets(out)
	return out
}

// SortTargets puts targets in order: gateways, resolvers, internet, portal, custom;
// IPv4 before IPv6.
func SortTargets(all []*fact.Target) {
	slices.SortStableFunc(all, func(a, b *fact.Target) int {
		return cmp.Or(cmp.Compare(roleRank(a.Role), roleRank(b.Role)), cmp.Compare(a.Family, b.Family))
	})
}

func roleRank(r fact.Role) int {
	switch r {
	case fact.RoleGateway:
		return 0
	case fact.RoleResolver:
		return 1
	case fact.RoleInternet:
		return 2
	case fact.RolePortal:
		return 3
	case fact.RoleStandby:
		return 5
	}
	return 4
}

// Latency returns what the probes of the target (by ID) did in each of n
// columns of equal width over span.
func (v *View) Latency(target string, span Span, n int) []Bucket {
	c, s := columns{span, n}, v.seriesOf(target)
	if !c.valid() || s == nil {
		return make([]Bucket, max(n, 0))
	}
	return s.buckets(c)
}

// Stats sums up the probes of the target over span.
func (v *View) Stats(target string, span Span) Stats {
	s := v.seriesOf(target)
	if s == nil {
		return Stats{}
	}
	k := newTally()
	k.scans = v.scansOf(s.target, span)
	k.series(s, span)
	return k.stats()
}

// Items returns the newest items within span, newest first, at most limit.
func (v *View) Items(span Span, limit int) []Item {
	first, past := itemsWithin(v.items, span)
	first = max(first, past-max(limit, 0))
	out := slices.Clone(v.items[first:past])
	slices.Reverse(out)
	return out
}

// Count returns how many items lie within span.
func (v *View) Count(span Span) int {
	first, past := itemsWithin(v.items, span)
	return past - first
}

// Nearest returns the item nearest to from that is strictly after it (forward)
// or strictly before it, of at least the given severity.
func (v *View) Nearest(from time.Duration, forward bool, atLeast Level) (Item, bool) {
	return nearest(v.items, from, forward, atLeast)
}

// Marks returns the items in each of n columns of equal width over span.
func (v *View) Marks(span Span, n int) []Marker {
	c := columns{span, n}
	out := make([]Marker, max(n, 0))
	if c.valid() {
		first, past := itemsWithin(v.items, span)
		mark(out, v.items[first:past], c, 0)
	}
	return out
}

// Settings returns what the path was settled by.
func (v *View) Settings() path.Settings { return v.settings }
