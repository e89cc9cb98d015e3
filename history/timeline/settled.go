package timeline

import (
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
)

// settled are how the machine and the families went as the fold settled it, in
// the order of places. Levels are as people see them, at once; what counts as
// an outage is decided once, by the fold.
type settled [3]levelSeries

// place returns where the levels of a scope are, or false for one of an
// interface, whose lane has it.
func place(scope path.ScopeName) (int, bool) {
	switch scope {
	case path.ScopeMachine:
		return 0, true
	case path.ScopeIPv4:
		return 1, true
	case path.ScopeIPv6:
		return 2, true
	}
	return 0, false
}

// settle takes in a settled transition, dated at.
func (t *Timeline) settle(at time.Duration, tr *fold.Transition) {
	if i, ok := place(tr.Scope); ok {
		t.settled[i].set(statusChange(at, tr.To, tr.Reason, transitionInterface(tr)))
		return
	}
	for _, k := range t.lanes {
		if k.Scope != tr.Scope {
			continue
		}
		d := change{at: at}
		if len(tr.Path.Interfaces) > 0 {
			d = interfaceChange(at, tr.Path.Interfaces[0], k.hadCarrier)
		}
		if tr.To == path.Satisfied {
			d.level, d.label = LevelGood, ""
		}
		k.settled.set(d)
	}
}

// settleEpisode takes in an outage of the machine that ended, of which only a
// rollup says.
func (t *Timeline) settleEpisode(e *fold.Episode) {
	if e.What == fold.EpisodeOutage && e.Scope == path.ScopeMachine {
		t.settled[0].set(change{at: e.StartMono, level: LevelBad, label: fact.Untrusted(e.Reason)})
		t.settled[0].set(change{at: e.EndMono, level: LevelGood})
	}
}

// Settled returns the stretches of a scope that overlap span as the fold settled
// them, oldest first, not cut to span.
func (v *View) Settled(scope path.ScopeName, span Span) (out []Segment) {
	if k := v.settledLevels(scope); k != nil {
		k.segments(span, v.bounds.To, func(s Segment) { out = append(out, s) })
	}
	return out
}

func (v *View) settledLevels(scope path.ScopeName) *levelSeries {
	if i, ok := place(scope); ok {
		return &v.settled[i]
	}
	for i := range v.lanes {
		if v.lanes[i].Scope == scope {
			return &v.lanes[i].settled
		}
	}
	return nil
}
