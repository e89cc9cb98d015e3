package ui

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"flapscope/history/timeline"
	"flapscope/monitor/path"
)

// A laneOrder is the interfaces in the order in which the screen came to show
// them. A lane keeps its place: were the one in use always first, lanes would
// change places at the very moment at which somebody looks.
type laneOrder struct {
	places map[path.ScopeName]int
	// next is the place of the next one.
	next int
}

// add takes in the lanes of a window, in their order of preference.
func (o *laneOrder) add(lanes []timeline.Lane) {
	if o.places == nil {
		o.places = map[path.ScopeName]int{}
	}
	for _, l := range lanes {
		if _, known := o.places[l.Scope]; !known {
			o.places[l.Scope] = o.next
			o.next++
		}
	}
	if len(o.places) > maxOrder {
		shown := make(map[path.ScopeName]bool, len(lanes))
		for _, l := range lanes {
			shown[l.Scope] = true
		}
		maps.DeleteFunc(o.places, func(s path.ScopeName, _ int) bool { return !shown[s] })
	}
}

// maxOrder bounds the interfaces whose place is remembered: a host of containers
// makes new ones all the time.
const maxOrder = 1024

// sorted returns the lanes in order, those that are noise last, or not at all
// unless they are asked for.
func (o *laneOrder) sorted(lanes []timeline.Lane, hidden bool) []timeline.Lane {
	type placed struct {
		lane  timeline.Lane
		place int
	}
	list := make([]placed, 0, len(lanes))
	for _, l := range lanes {
		place, known := o.places[l.Scope]
		switch {
		case l.Hidden && !hidden:
			continue
		case l.Hidden:
			place = math.MaxInt
		case !known:
			place = -1
		}
		list = append(list, placed{l, place})
	}
	slices.SortStableFunc(list, func(a, b placed) int { return cmp.Compare(a.place, b.place) })
	var out []timeline.Lane
	for _, p := range list {
		out = append(out, p.lane)
	}
	return out
}
