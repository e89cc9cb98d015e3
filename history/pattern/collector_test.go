package pattern

import (
	"strings"
	"testing"
	"time"

	"flapscope/monitor/fold"
	"flapscope/monitor/path"
)

// turn is a raw transition of the machine's path at an instant.
func turn(at time.Duration, to path.Status, initial bool) fold.Event {
	return fold.Event{Time: time.Unix(0, 0).Add(at), Mono: at, Transition: &fold.Transition{
		Phase: fold.PhaseRaw, Scope: path.ScopeMachine, To: to, Initial: initial, Path: &path.Path{Interface: "wlan0"},
	}}
}

func TestFinderFindsTheLagAfterRecovery(t *testing.T) {
	var f Collector
	at := time.Hour
	f.Happened(turn(at, path.Satisfied, true), nil)
	for range 10 {
		at += 8 * time.Second
		f.Happened(turn(at, path.Unsatisfied, false), nil)
		at += 2 * time.Second
		f.Happened(turn(at, path.Satisfied, false), nil)
	}
	in, dirty := f.Input()
	if !dirty {
		t.Error("ten losses, and Input says there was none")
	}
	found := Patterns(in)
	if len(found) == 0 || !strings.Contains(found[0].Text(), "8.0 s") {
		t.Fatalf("patterns: got %v, want a lag of 8.0 s", found)
	}
	if _, dirty = f.Input(); dirty {
		t.Error("no loss since, and Input says there was one")
	}
}

func TestFinderIsBounded(t *testing.T) {
	var f Collector
	f.Happened(turn(0, path.Satisfied, true), nil)
	for i := range time.Duration(3 * maxAnchors) {
		f.Happened(turn(2*i+1, path.Unsatisfied, false), nil)
		f.Happened(turn(2*i+2, path.Satisfied, false), nil)
	}
	in, _ := f.Input()
	if len(in.Up) > maxAnchors || len(in.Losses) > maxAnchors || len(in.Anchors) > maxAnchors {
		t.Errorf("got %d stretches, %d losses, %d anchors, want at most %d each", len(in.Up), len(in.Losses), len(in.Anchors), maxAnchors)
	}
	if got, want := in.Losses[len(in.Losses)-1], 2*time.Duration(3*maxAnchors)-1; got != want {
		t.Errorf("newest loss: got %v, want %v", got, want)
	}
}
