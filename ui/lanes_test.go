package ui

import (
	"fmt"
	"testing"

	"flapscope/history/timeline"
	"flapscope/monitor/path"
)

// TestLaneOrderIsBounded: interfaces that come and go for ever are forgotten,
// and what is in view keeps its place.
func TestLaneOrderIsBounded(t *testing.T) {
	var o laneOrder
	for i := range 5 * maxOrder {
		o.add([]timeline.Lane{{Scope: path.ScopeName(fmt.Sprint("veth", i))}, {Scope: "eth0"}})
		if len(o.seen) > maxOrder {
			t.Fatalf("%d interfaces are remembered, want at most %d", len(o.seen), maxOrder)
		}
	}
	last := timeline.Lane{Scope: path.ScopeName(fmt.Sprint("veth", 5*maxOrder))}
	o.add([]timeline.Lane{last, {Scope: "eth0"}})
	if got := o.sorted([]timeline.Lane{last, {Scope: "eth0"}}, false); got[0].Scope != "eth0" {
		t.Errorf("the lanes are %v, want eth0 in its place", got)
	}
}
