package ui

import (
	"cmp"
	"slices"

	"flapscope/history/timeline"
	"flapscope/monitor/path"
)

// A laneOrder is the interfaces in the order in which the screen came to show
// them. A lane keeps its place: were the one in use always first, lanes would
// change places at the very moment at which somebody looks.
type laneOrder struct{ seen []path.ScopeName }

// add takes in the lanes of a window, in their order of preference.
func (o *laneOrder) add(lanes []timeline.Lane) {
	for _, l := range lanes {
		if !slices.Contains(o.seen, l.Scope) {
			o.seen = append(o.seen, l.Scope)
		}
	}
	if len(o.seen) > maxOrder {
		o.seen = slices.DeleteFunc(o.seen, func(s path.ScopeName) bool {
			return !slices.ContainsFunc(lanes, func(l timeline.Lane) bool { return l.Scope == s })
		})
	}
}

// maxOrder bounds the interfaces whose place is remembered: a host of containers
// makes new ones all the time.
const maxOrder = 1024

// sorted returns the lanes in order, those that are noise last, or not at all
// unless they are asked for.
func (o *laneOrder) sorted(lanes []timeline.Lane, hidden bool) []timeline.Lane {
	var out []timeline.Lane
	for _, l := range lanes {
		if hidden || !l.Hidden {
			out = append(out, l)
		}
	}
	rank := func(l timeline.Lane) int {
		if l.Hidden {
			return len(o.seen)
		}
		return slices.Index(o.seen, l.Scope)
	}
	slices.SortStableFunc(out, func(a, b timeline.Lane) int { return cmp.Compare(rank(a), rank(b)) })
	return out
}
