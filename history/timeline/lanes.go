package timeline

import (
	"cmp"
	"slices"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
)

// A lane is an interface and how it went.
type lane struct {
	Lane
	levelSeries
	// settled is the same as the fold settled it.
	settled levelSeries
	// hadCarrier is whether it ever got past the carrier while watched.
	hadCarrier bool
	// seen is when it was last part of a path.
	seen time.Duration
}

// lanes are the interfaces by scope, in order of appearance.
type lanes []*lane

// set records how every interface of a path does; those that are gone become
// LevelNone. Of more interfaces than there is room for, those that are preferred
// get it.
func (l *lanes) set(mono time.Duration, p *path.Path, most int) {
	byName := make(map[fact.Untrusted]*lane, len(*l))
	for _, k := range *l {
		byName[k.Name] = k
	}
	here := make(map[*lane]bool, len(*l))
	for i, ip := range p.Interfaces {
		k := byName[ip.Name]
		if k == nil && i >= most {
			continue
		}
		if k == nil {
			k = l.add(ip, most)
		}
		k.put(mono, ip)
		here[k] = true
	}
	for _, k := range *l {
		if !here[k] {
			k.gone(mono)
		}
	}
}

// setAlone records a transition of one interface, which is gone if its path has
// none.
func (l *lanes) setAlone(mono time.Duration, t *fold.Transition, most int) {
	i := slices.IndexFunc(*l, func(k *lane) bool { return k.Scope == t.Scope })
	switch {
	case len(t.Path.Interfaces) == 0 && i >= 0:
		(*l)[i].gone(mono)
	case len(t.Path.Interfaces) == 0:
	case i >= 0:
		(*l)[i].put(mono, t.Path.Interfaces[0])
	case len(*l) < most:
		l.add(t.Path.Interfaces[0], most).put(mono, t.Path.Interfaces[0])
	}
}

// add makes room for an interface.
func (l *lanes) add(p *path.InterfacePath, most int) *lane {
	if len(*l) >= most {
		l.dropStalest()
	}
	k := &lane{Lane: Lane{Scope: path.InterfaceScope(p.Name), Name: p.Name}}
	*l = append(*l, k)
	return k
}

// put records how the interface of the lane does.
func (k *lane) put(mono time.Duration, p *path.InterfacePath) {
	k.Name, k.Index, k.Type, k.Hidden = p.Name, p.Index, p.Type, !p.Candidate && !p.InUse
	k.hadCarrier = k.hadCarrier || !withoutCarrier(p.Reason)
	k.seen = mono
	k.levelSeries.set(interfaceChange(mono, p, k.hadCarrier))
}

// gone records that the interface is not there any more.
func (k *lane) gone(mono time.Duration) {
	k.levelSeries.set(change{at: mono})
	k.settled.set(change{at: mono})
}

func (l *lanes) dropStalest() {
	stalest := 0
	for i, k := range *l {
		if k.seen < (*l)[stalest].seen {
			stalest = i
		}
	}
	*l = slices.Delete(*l, stalest, stalest+1)
}

func (l *lanes) gap(from, to time.Duration, label fact.Untrusted) {
	for _, k := range *l {
		k.levelSeries.gap(from, to, label)
	}
}

// trim drops the interfaces that were gone before limit.
func (l *lanes) trim(limit time.Duration, limits Limits) {
	*l = slices.DeleteFunc(*l, func(k *lane) bool {
		return k.last.level == LevelNone && k.last.at < limit
	})
	for _, k := range *l {
		k.levelSeries.trim(limit, limits.Changes)
		k.settled.trim(limit, limits.Changes)
	}
}

// view returns a copy that a reader may keep.
func (l lanes) view() []lane {
	out := make([]lane, len(l))
	for i, k := range l {
		out[i] = *k
	}
	return out
}

// rankedLanes returns the interfaces that existed within span.
func rankedLanes(all []lane, span Span, now time.Duration) []rankedLane {
	var found []rankedLane
	for i := range all {
		k := &all[i]
		best := Level(0)
		k.segments(span, now, func(s Segment) { best = max(best, s.Level) })
		if best != LevelNone {
			found = append(found, rankedLane{k.Lane, laneRank(k, span.To)})
		}
	}
	return found
}

// A rankedLane is an interface and its place among others.
type rankedLane struct {
	Lane
	rank int
}

// inOrder returns the lanes by preference.
func inOrder(found []rankedLane) []Lane {
	slices.SortStableFunc(found, func(a, b rankedLane) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.Index, b.Index))
	})
	out := make([]Lane, len(found))
	for i, f := range found {
		out[i] = f.Lane
	}
	return out
}

// laneRank orders by what an interface was at the end of the span: in use,
// usable, a candidate, noise.
func laneRank(k *lane, at time.Duration) int {
	level := k.levelAt(at)
	switch {
	case level == LevelGood:
		return 0
	case k.Hidden:
		return 3
	case level == LevelStandby:
		return 1
	}
	return 2
}
