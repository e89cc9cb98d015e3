package timeline

import (
	"fmt"
	"testing"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
)

// TestInterfacesShareMoments: a thousand interfaces that change within a second cost
// a few snapshots, not one each; what happens to the machine always makes one.
func TestInterfacesShareMoments(t *testing.T) {
	tl := NewTimeline(DefaultLimits())
	taken := 0
	happen := func(d time.Duration, tr *fold.Transition) {
		e := fold.Event{Time: epoch.Add(d), Mono: boot + d, Transition: tr}
		tl.Happened(e, func() *fold.Snapshot {
			taken++
			return &fold.Snapshot{Time: e.Time, Mono: e.Mono, Raw: tr.Path}
		})
	}
	own := &path.InterfacePath{Name: "v0", Index: 2, Candidate: true, Status: path.Unsatisfied}
	for i := range 1000 {
		scope := path.InterfaceScope(fact.Untrusted(fmt.Sprintf("v%d", i)))
		happen(time.Duration(i)*time.Millisecond, &fold.Transition{
			Phase: fold.PhaseRaw, Scope: scope, Path: &path.Path{Interfaces: []*path.InterfacePath{own}},
		})
	}
	if taken != 4 {
		t.Errorf("1,000 interfaces within a second: got %d snapshots, want 4", taken)
	}
	for i := range 10 {
		happen(time.Second+time.Duration(i)*time.Millisecond, &fold.Transition{
			Phase: fold.PhaseRaw, Scope: path.ScopeMachine, Path: pathOf(path.Satisfied, "", "eth0"),
		})
	}
	if taken != 14 {
		t.Errorf("and 10 transitions of the machine: got %d snapshots, want 14", taken)
	}
}
