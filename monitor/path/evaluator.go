package path

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// An Evaluator evaluates one state again and again. What it found of an interface
// it keeps until a fact of that interface changes: of thousands of interfaces few
// change from one evaluation to the next. Make one with NewEvaluator.
type Evaluator struct {
	settings Settings
	// views are the interfaces in order of their index, ranked the same by
	// preference, and inUse those that the machine's path goes out of.
	views, ranked, inUse []*interfaceView
	// stale are the interfaces of which a fact changed since the last evaluation.
	stale map[int]bool
	// rules are the grounds that the policy rules of each family are, or nil where
	// one changed since the last evaluation.
	rules *[len(fact.Families)]Support
	// changed are the views that the evaluation under way changes.
	changed []*interfaceView
	// index and last are the interface of the last path, and its list of all.
	index int
	last  []*InterfacePath
}

// NewEvaluator returns an evaluator of a state that is empty yet.
func NewEvaluator(set Settings) *Evaluator {
	return &Evaluator{settings: set, stale: map[int]bool{}, last: []*InterfacePath{}}
}

// Evaluate evaluates a state once; see Evaluator.Evaluate.
func Evaluate(s *state.State, set Settings, now time.Duration) *Evaluation {
	k := NewEvaluator(set)
	for _, l := range s.Links {
		k.Changed(l)
	}
	return k.Evaluate(s, now)
}

// Changed takes note of a fact that changes the state; it is to be called for
// each. Those of no single interface need none: they show in lookups, and what
// rests on a lookup is evaluated every time.
func (k *Evaluator) Changed(f fact.Fact) {
	switch f := f.(type) {
	case *fact.Link, *fact.Address, *fact.Wifi:
		k.stale[f.(interface{ Interface() int }).Interface()] = true
	case *fact.Rule:
		k.rules = nil
	case *fact.Lookup:
		if f.OIF != 0 {
			k.stale[f.OIF] = true
		}
	}
}

// Evaluate turns the state into paths, layer by layer: per interface, per family
// and for the machine. It is pure: now is the time of the newest observation or
// of a deadline that the last evaluation gave.
func (k *Evaluator) Evaluate(s *state.State, now time.Duration) *Evaluation {
	k.follow(s)
	e := k.begin(s, now)
	k.refresh(e)
	for i, f := range fact.Families {
		e.family(f)
		e.out.disputed[i] = e.disputes(f)
	}
	e.machine()
	k.use(e.out.Path)
	k.publish(e.out)
	return e.out
}

// follow lets the views be those of the links of the state.
func (k *Evaluator) follow(s *state.State) {
	var added []*interfaceView
	gone := false
	for _, index := range slices.Sorted(maps.Keys(k.stale)) {
		l, v := s.Links[index], findView(k.views, index)
		exists := l != nil && l.Flags&fact.FlagLoopback == 0
		switch {
		case exists && v == nil:
			added = append(added, &interfaceView{link: l, stale: true})
		case exists:
			v.link, v.stale = l, true
		case v != nil:
			v.gone, gone = true, true
			k.change(v)
		}
	}
	clear(k.stale)
	if gone {
		isGone := func(v *interfaceView) bool { return v.gone }
		k.views = slices.DeleteFunc(k.views, isGone)
		k.ranked = slices.DeleteFunc(k.ranked, isGone)
		k.inUse = slices.DeleteFunc(k.inUse, isGone)
	}
	k.views = merge(k.views, added, byIndex)
}

// refresh evaluates the interfaces of which something may have changed: a fact,
// by time alone, or what is not their own.
func (k *Evaluator) refresh(e *evaluator) {
	physical := e.physicalPorts()
	var moved []*interfaceView
	for _, v := range k.views {
		if v.stale || v.bound || v.next != 0 && v.next <= e.now ||
			v.link.Type == fact.TypeBridge && v.path.Candidate != candidate(v.link, physical) {
			if e.evaluate(v, physical) {
				k.change(v)
			}
			if next := v.path.preference(); next != v.preference {
				v.preference, v.moved = next, true
				moved = append(moved, v)
			}
		}
		e.until(v.next)
	}
	if len(moved) == 0 {
		return
	}
	k.ranked = slices.DeleteFunc(k.ranked, func(v *interfaceView) bool { return v.moved })
	slices.SortFunc(moved, byPreference)
	k.ranked = merge(k.ranked, moved, byPreference)
	for _, v := range moved {
		v.moved = false
	}
}

// change enters that a view is another than in the evaluation before.
func (k *Evaluator) change(v *interfaceView) {
	if !v.changed {
		v.changed = true
		k.changed = append(k.changed, v)
	}
}

// use marks the interfaces that a path goes out of. What was published is
// immutable, so that a mark is a new path of the interface.
func (k *Evaluator) use(p *Path) {
	var now []*interfaceView
	for _, f := range fact.Families {
		if out := p.Family(f); out.Status == Satisfied {
			if v := findView(k.views, out.Index); v != nil && !slices.Contains(now, v) {
				now = append(now, v)
			}
		}
	}
	for _, v := range slices.Concat(k.inUse, now) {
		if in := slices.Contains(now, v); v.path.InUse != in {
			next := *v.path
			next.InUse = in
			v.path = &next
			k.change(v)
		}
	}
	k.inUse = now
}

// publish enters the interfaces in an evaluation, in order of preference: what is
// in use, then candidates by how far they got, then the rest.
func (k *Evaluator) publish(out *Evaluation) {
	if len(k.changed) > 0 || out.Path.Index != k.index {
		k.index = out.Path.Index
		k.last = make([]*InterfacePath, 0, len(k.ranked))
		slices.SortFunc(k.inUse, func(a, b *interfaceView) int {
			return cmp.Or(-compareBool(a.link.Index == k.index, b.link.Index == k.index), byPreference(a, b))
		})
		for _, v := range k.inUse {
			k.last = append(k.last, v.path)
		}
		for _, v := range k.ranked {
			if !v.path.InUse {
				k.last = append(k.last, v.path)
			}
		}
	}
	out.Path.Interfaces = k.last
	slices.SortFunc(k.changed, byIndex)
	for _, v := range k.changed {
		c := Change{Index: v.link.Index}
		if !v.gone {
			c.Path, c.Support = v.path, v.support
		}
		out.Changed = append(out.Changed, c)
		v.stale, v.changed = false, false
	}
	clear(k.changed)
	k.changed = k.changed[:0]
}

// byIndex orders views.
func byIndex(a, b *interfaceView) int { return cmp.Compare(a.link.Index, b.link.Index) }

// merge merges a sorted list into another.
func merge[T any](list, into []T, compare func(a, b T) int) []T {
	if len(into) == 0 {
		return list
	}
	i, j := len(list)-1, len(into)-1
	list = append(list, into...)
	for at := len(list) - 1; j >= 0; at-- {
		if i >= 0 && compare(list[i], into[j]) > 0 {
			list[at], i = list[i], i-1
		} else {
			list[at], j = into[j], j-1
		}
	}
	return list
}
