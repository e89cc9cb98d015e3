package timeline

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/path"
)

// TestTicksAreBounded: a clock that steps for ever is known of its newest past.
func TestTicksAreBounded(t *testing.T) {
	var k ticks
	wall := time.Date(2026, 11, 20, 14, 0, 0, 0, time.UTC)
	for i := range 3 * maxTicks {
		wall = wall.Add(time.Hour)
		k = k.note(time.Duration(i)*time.Second, wall)
		if len(k) > maxTicks {
			t.Fatalf("%d ticks are kept, want at most %d", len(k), maxTicks)
		}
	}
	if got := k.wall(3 * maxTicks * time.Second); got.Before(wall) {
		t.Errorf("the newest instant is at %v, want %v or later", got, wall)
	}
}

// TestColumnsAreBounded: a drawing of as many columns as a query can't tell apart
// any more is empty, and one of a column less is not.
func TestColumnsAreBounded(t *testing.T) {
	tl := NewTimeline(DefaultLimits())
	tl.Event(raw(0, pathOf(path.Satisfied, "", "eth0")), nil)
	tl.Event(raw(time.Hour, pathOf(path.Unsatisfied, path.ReasonNoCarrier, "eth0")), nil)
	v, span := tl.View(), Span{boot, boot + time.Hour}
	for _, tt := range []struct {
		n    int
		want Level
	}{{maxColumns - 1, LevelGood}, {maxColumns, LevelNone}, {maxColumns + 1, LevelNone}} {
		if got := v.Strip(path.ScopeMachine, span, tt.n); len(got) != tt.n || got[tt.n/2] != tt.want {
			t.Errorf("%d columns: got %d with level %v, want %v", tt.n, len(got), got[tt.n/2], tt.want)
		}
	}
	if got := newPart(maxColumns-1, 7, 1); got.column() != maxColumns-1 || got.median() != 7 {
		t.Errorf("the last column of a latency: got %d with %d, want %d with 7", got.column(), got.median(), maxColumns-1)
	}
}

// TestWeightSaturates: what stands for one sample more than can be counted weighs
// as much, and says the same.
func TestWeightSaturates(t *testing.T) {
	for weight, want := range map[uint32]uint64{1: 1, maxWeight: maxWeight, maxWeight + 1: maxWeight, 1<<32 - 1: maxWeight} {
		if p := newPart(3, 5, weight); p.weight() != want || p.column() != 3 || p.median() != 5 {
			t.Errorf("weight of %d samples: got %d, column %d, median %d, want %d, 3, 5", weight, p.weight(), p.column(), p.median(), want)
		}
	}
}

// TestKnownTargetsAreBounded: one target more than a decoder remembers is read all
// the same, and so are those before it.
func TestKnownTargetsAreBounded(t *testing.T) {
	var d RollupDecoder
	for i := range 2*maxKnown + 2 {
		id := fmt.Sprintf("ping:t%d", i%(maxKnown+1))
		r := Rollup{From: 0, To: time.Minute, Step: time.Second, Targets: []TargetRollup{{Target: &fact.Target{ID: id}}}}
		b, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		got, _, ok := d.Decode(b)
		if !ok || len(got.Targets) != 1 || got.Targets[0].Target.ID != id {
			t.Fatalf("target %d: got %+v, want %s", i, got.Targets, id)
		}
		if len(d.targets) > maxKnown {
			t.Fatalf("%d targets are remembered, want at most %d", len(d.targets), maxKnown)
		}
	}
}

// TestRollupChangesAreBounded: a scope with one change more than a rollup has room
// for is as many columns of the worst level.
func TestRollupChangesAreBounded(t *testing.T) {
	tl := NewTimeline(DefaultLimits())
	at := func(i int) time.Duration { return time.Duration(i) * time.Second }
	for i := range maxRollupChanges + 1 {
		p := pathOf(path.Satisfied, "", "eth0")
		if i%2 == 1 {
			p = pathOf(path.Unsatisfied, path.ReasonNoCarrier, "eth0")
		}
		tl.Event(raw(at(i), p), nil)
		v := tl.View()
		if i+1 < maxRollupChanges {
			continue
		}
		got := v.rollupChanges(path.ScopeMachine, Span{boot, boot + at(i+1)})
		if len(got) > maxRollupChanges {
			t.Errorf("%d changes: got %d, want at most %d", i+1, len(got), maxRollupChanges)
		}
		if exact := i+1 == maxRollupChanges; exact != (len(got) == i+1) {
			t.Errorf("%d changes: got %d", i+1, len(got))
		}
		want := LevelGood
		if i+1 > maxRollupChanges {
			want = LevelBad
		}
		if got[0].At != boot || got[0].Level != want {
			t.Errorf("%d changes: begin with %v at %v, want %v at %v", i+1, got[0].Level, got[0].At, want, boot)
		}
	}
}

// TestInstantsAreBounded: an item after the last instant of a chain is not found,
// and one before it is.
func TestInstantsAreBounded(t *testing.T) {
	for at, want := range map[time.Duration]bool{maxTime - 1: true, maxTime: false, maxTime + 1: false} {
		v := &View{items: []Item{{Mono: at}}, bounds: Span{0, at + 1}}
		j := Join([]Part{{Span: Span{0, at + 1}, View: v, Exact: true}}, path.DefaultSettings())
		if got, ok := j.Nearest(5, true, LevelNone); ok != want || ok && got.Mono != at {
			t.Errorf("an item at %d: found %v at %d, want %v", at, ok, got.Mono, want)
		}
	}
}

// TestLogIsBoundedWhereTimeStandsStill: what comes in at one instant, as a file may
// have it, is no more than what comes in over a day.
func TestLogIsBoundedWhereTimeStandsStill(t *testing.T) {
	tl := NewTimeline(DefaultLimits())
	for range 200_000 {
		tl.Note(Item{Mono: boot, Time: epoch, Text: "notice"})
	}
	if got, most := len(tl.log.items), 4*DefaultLimits().Items; got > most {
		t.Errorf("%d lines are kept, want %d at most", got, most)
	}
}
