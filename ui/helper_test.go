package ui

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"flapscope/history/timeline"
	"flapscope/internal/scene"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
)

// helperVar makes the test binary be the program of a pseudo-terminal test;
// its value is the part to play.
const helperVar = "FLAPSCOPE_UI_HELPER"

func TestMain(m *testing.M) {
	if part := os.Getenv(helperVar); part != "" {
		os.Exit(play(part))
	}
	os.Exit(m.Run())
}

// play runs the real program on the terminal that it was started on.
func play(part string) int {
	feed := &faulty{stage: stage{scene.New("failover")}}
	guard := NewGuard(os.Exit)
	o := Options{Guard: guard, Location: time.UTC}
	switch part {
	case "panic-update":
		feed.update.Store(true)
	case "panic-view":
		feed.view.Store(true)
	case "panic-command":
		o.Save = func(timeline.Span) (string, error) { panic("in a command") }
	case "panic-goroutine":
		guard.Go(func() {
			time.Sleep(300 * time.Millisecond)
			panic("in a goroutine")
		})
	case "walk":
		o = walkOptions()
		o.Guard, o.Location = guard, time.UTC
	case "beside":
		o.Beside = &Beside{Feed: stage{scene.New("outage")}, Location: time.UTC, Recording: func() Recording { return Recording{File: "after.flap.gz"} }}
		o.Replay, o.Mouse = true, true
	case "busy":
		o.Replay, o.Playing, o.Speed, o.From = true, true, 100, feed.Start
	}
	ctx := context.Background()
	if part == "context" {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, 300*time.Millisecond)
		defer cancel()
	}
	if err := Run(ctx, feed, o); err != nil {
		fmt.Fprintln(os.Stderr, "error:", strings.ReplaceAll(err.Error(), "\n", " "))
		return exitFailure
	}
	fmt.Fprintln(os.Stderr, "ended")
	return exitOK
}

// walkOptions are those of a screen on which every key works.
func walkOptions() Options {
	lines := func() ([]string, error) { return []string{" ● WELL  All is well.", "", "  a line"}, nil }
	return Options{
		Mouse: true, Width: 15 * time.Minute,
		Mark:  func(time.Duration, string) error { return nil },
		Save:  func(timeline.Span) (string, error) { return "x.flap.gz", nil },
		Check: func(int) ([]string, error) { return lines() },
		Trace: func(*fact.Target, int) ([]string, error) { return []string{" ● REACHED  in one hop"}, nil },
		Probe: func() {}, Report: func(timeline.Span) ([]string, error) { return lines() },
	}
}

// A faulty feed panics when the program looks at it for the second time.
type faulty struct {
	stage
	update, view atomic.Bool
	looks        atomic.Int32
}

// Snapshot is called in Update.
func (f *faulty) Snapshot() *fold.Snapshot {
	if f.update.Load() && f.looks.Add(1) > 2 {
		panic(errors.New("in Update"))
	}
	return f.stage.Snapshot()
}

// Timeline returns one that panics when it is drawn.
func (f *faulty) Timeline() Timeline {
	if f.view.Load() && f.looks.Add(1) > 2 {
		return &faultyTimeline{f.View()}
	}
	return f.stage.Timeline()
}

type faultyTimeline struct{ *timeline.View }

// Strip is called in View.
func (*faultyTimeline) Strip(path.ScopeName, timeline.Span, int) []timeline.Level {
	panic("in View")
}

// onScreen returns the rows of the screen.
func onScreen(m *model) string { return strings.Join(m.grid.Plain(), "\n") }
