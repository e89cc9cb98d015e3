package timeline

import (
	"slices"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/path"
)

// rollupStep is the width of a rollup's columns.
const rollupStep = time.Minute

// maxRollupChanges bounds the changes of one scope in a rollup; beyond, it
// says the worst level of each of that many columns.
const maxRollupChanges = 1000

// A Rollup sums up a stretch of a timeline, so that far zooms need not read
// what it is a sum of.
type Rollup struct {
	From time.Duration `json:"from_ns"`
	To   time.Duration `json:"to_ns"`
	// Step is the width of the columns of Targets.
	Step    time.Duration  `json:"step_ns"`
	Targets []TargetRollup `json:"targets,omitempty"`
	Scopes  []ScopeRollup  `json:"scopes,omitempty"`
}

// A TargetRollup is one target's probes, a value for each column. Times are
// microseconds.
type TargetRollup struct {
	Target   *fact.Target `json:"target"`
	Answered Column       `json:"answered"`
	Lost     Column       `json:"lost"`
	NoData   Column       `json:"no_data"`
	Min      Column       `json:"min"`
	Median   Column       `json:"median"`
	Max      Column       `json:"max"`
	// Course is of all columns together, nil where the program that wrote it
	// knew none.
	Course *TargetCourse `json:"course,omitempty"`
}

// A TargetCourse is what only single probes say of a stretch.
type TargetCourse struct {
	// Bursts counts the runs of losses, Pairs the answers that followed an
	// answer, and Change is the sum of the differences of their round trips, in
	// microseconds.
	Bursts uint32 `json:"bursts"`
	Pairs  uint32 `json:"pairs"`
	Change uint64 `json:"change"`
	// Histogram is of the round trips: docs/session-format.md has its form.
	Histogram string `json:"histogram,omitempty"`
}

// A Column is the numbers of one column, an array in JSON.
type Column []uint32

// A ScopeRollup is how one scope went: its changes, the first one at or before
// the start.
type ScopeRollup struct {
	Scope path.ScopeName `json:"scope"`
	// Index, Type and Hidden are those of an interface's lane.
	Index   int            `json:"index,omitempty"`
	Type    fact.LinkType  `json:"type,omitempty"`
	Hidden  bool           `json:"hidden,omitempty"`
	Name    string         `json:"name,omitempty"`
	Changes []RollupChange `json:"changes"`
}

// A RollupChange is a scope's new level.
type RollupChange struct {
	At    time.Duration  `json:"at_ns"`
	Level Level          `json:"level"`
	Label fact.Untrusted `json:"label,omitempty"`
	Note  string         `json:"note,omitempty"`
}

// Rollup sums up a span of the view.
func (v *View) Rollup(span Span) Rollup {
	span.From, span.To = max(span.From, v.bounds.From), min(span.To, v.bounds.To+1)
	out := Rollup{From: span.From, To: span.To, Step: rollupStep}
	n := int((span.To - span.From + rollupStep - 1) / rollupStep)
	if n <= 0 {
		return out
	}
	columns := Span{span.From, span.From + time.Duration(n)*rollupStep}
	for _, t := range v.Targets(span) {
		r := targetRollup(t, v.Latency(t.ID, columns, n))
		r.Course = targetCourse(v.seriesOf(t.ID), span)
		out.Targets = append(out.Targets, r)
	}
	for _, scope := range v.Scopes() {
		r := ScopeRollup{Scope: scope, Changes: v.rollupChanges(scope, span)}
		for i := range v.lanes {
			if l := &v.lanes[i]; l.Scope == scope {
				r.Index, r.Type, r.Hidden, r.Name = l.Index, l.Type, l.Hidden, l.Name.Display()
			}
		}
		if len(r.Changes) > 0 {
			out.Scopes = append(out.Scopes, r)
		}
	}
	return out
}

func targetRollup(t *fact.Target, buckets []Bucket) TargetRollup {
	r := TargetRollup{Target: t}
	for _, b := range buckets {
		r.Answered, r.Lost, r.NoData = append(r.Answered, b.Answered), append(r.Lost, b.Lost), append(r.NoData, b.NoData)
		r.Min = append(r.Min, uint32(b.Min/time.Microsecond))
		r.Median = append(r.Median, uint32(b.Median/time.Microsecond))
		r.Max = append(r.Max, uint32(b.Max/time.Microsecond))
	}
	return r
}

func targetCourse(s *series, span Span) *TargetCourse {
	var k statsTally
	k.series(s, span)
	return &TargetCourse{k.bursts, k.pairs, k.change, string(k.quantiles.histogram().appendText(nil))}
}

func (v *View) rollupChanges(scope path.ScopeName, span Span) []RollupChange {
	segments := v.Segments(scope, span, 0)
	var out []RollupChange
	if len(segments) <= maxRollupChanges {
		for _, s := range segments {
			out = append(out, RollupChange{s.From, s.Level, s.Label, s.Note})
		}
		return out
	}
	c := columns{span, maxRollupChanges}
	for i, l := range v.Strip(scope, span, c.n) {
		if n := len(out); n == 0 || out[n-1].Level != l {
			out = append(out, RollupChange{At: c.start(i), Level: l})
		}
	}
	return out
}

// AddRollup takes the sum of a stretch in, in place of what happened in it.
// Rollups must come in order. Each is known at the wall time wall of its end.
func (t *Timeline) AddRollup(r Rollup, wall time.Time) {
	if r.To <= r.From || r.Step <= 0 {
		return
	}
	t.advance(r.From, wall.Add(r.From-r.To))
	for i := range r.Targets {
		t.rollupTarget(&r, &r.Targets[i])
	}
	for i := range r.Scopes {
		t.rollupScope(&r.Scopes[i])
	}
	t.advance(r.To, wall)
}

func (t *Timeline) rollupTarget(r *Rollup, k *TargetRollup) {
	n := len(k.Answered)
	if k.Target == nil || slices.ContainsFunc([]Column{k.Lost, k.NoData, k.Min, k.Median, k.Max}, func(c Column) bool { return len(c) != n }) {
		return
	}
	s := t.seriesOf(k.Target.ID)
	s.target = k.Target
	of := k.rolled(Span{r.From, r.To})
	for i := range n {
		if k.Answered[i]+k.Lost[i]+k.NoData[i] == 0 {
			continue
		}
		// A step is far less than the 35 minutes of a block's axis.
		base := r.From + time.Duration(i)*r.Step
		if s.tail.n > 0 {
			s.seal()
		}
		s.push(summary{
			base: base, hi: int32(min(r.Step, time.Minute)/time.Microsecond) - 1,
			answered: k.Answered[i], lost: k.Lost[i], noData: k.NoData[i],
			min: k.Min[i], median: k.Median[i], max: k.Max[i],
		}, nil, of)
		s.newest = max(s.newest, base)
	}
}

// rolled returns what a rollup of span says of its probes together, nil if nothing.
func (r *TargetRollup) rolled(span Span) *rolled {
	if r.Course == nil {
		return nil
	}
	h, ok := parseHistogram(r.Course.Histogram)
	if !ok {
		return nil
	}
	return &rolled{span, course{r.Course.Bursts, r.Course.Pairs, r.Course.Change}, h}
}

func (t *Timeline) rollupScope(k *ScopeRollup) {
	c := t.rollupSeries(k)
	for _, d := range k.Changes {
		if d.Level > LevelBad {
			continue
		}
		c.set(change{d.At, d.Level, d.Label, d.Note})
	}
}

// rollupSeries returns the level series of a scope.
func (t *Timeline) rollupSeries(k *ScopeRollup) *levelSeries {
	switch k.Scope {
	case path.ScopeMachine:
		return &t.machine
	case path.ScopeIPv4:
		return &t.ipv4
	case path.ScopeIPv6:
		return &t.ipv6
	}
	for _, l := range t.lanes {
		if l.Scope == k.Scope {
			return &l.levelSeries
		}
	}
	if len(t.lanes) >= t.limits.Lanes {
		t.lanes.dropStalest()
	}
	l := &lane{Lane: Lane{Name: fact.Untrusted(k.Name), Index: k.Index, Type: k.Type, Scope: k.Scope, Hidden: k.Hidden}}
	t.lanes = append(t.lanes, l)
	return &l.levelSeries
}
