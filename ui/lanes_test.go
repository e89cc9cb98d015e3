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
		if len(o.places) > maxOrder {
			t.Fatalf("%d interfaces are remembered, want at most %d", len(o.places), maxOrder)
		}
	}
	last := timeline.Lane{Scope: path.ScopeName(fmt.Sprint("veth", 5*maxOrder))}
	o.add([]timeline.Lane{last, {Scope: "eth0"}})
	if got := o.sorted([]timeline.Lane{last, {Scope: "eth0"}}, false); got[0].Scope != "eth0" {
		t.Errorf("the lanes are %v, want eth0 in its place", got)
	}
}

// BenchmarkLaneOrder takes in and sorts 2,000 lanes, as each picture of a container
// host that starts does.
func BenchmarkLaneOrder(b *testing.B) {
	var lanes []timeline.Lane
	for i := range 2000 {
		lanes = append(lanes, timeline.Lane{Scope: path.ScopeName(fmt.Sprint("interface:veth", i*7919%2000))})
	}
	var o laneOrder
	for b.Loop() {
		o.add(lanes)
		o.sorted(lanes, false)
	}
}
