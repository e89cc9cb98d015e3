// Package scene makes up pasts to draw: stretches of time in the life of a
// machine, reported by short scripts. A script says what is plugged in and what
// goes wrong; out come the observations that the sources would have made, and
// these are folded and kept as those of a real machine are. Tests and the demo
// of the screen are its only users.
package scene

import (
	"cmp"
	"slices"
	"time"

	"flapscope/history/timeline"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
)

// boot is how long the machine has been up at the end of every scene.
const boot = 5 * time.Hour

// publishEvery is how often a live screen takes the state in.
const publishEvery = 125 * time.Millisecond

// wall is the wall clock at the end of every scene.
func wall() time.Time { return time.Date(2026, 11, 20, 14, 32, 7, 0, time.UTC) }

// A Scene is a past that was reported and folded.
type Scene struct {
	// Start and End bound the past; Wall is the wall clock at End.
	Start, End time.Duration
	Wall       time.Time

	view *timeline.View
	snap *fold.Snapshot
}

// fold folds the observations of a scene that is so long.
func foldScene(length time.Duration, all []fact.Observation) *Scene {
	s := &Scene{Start: boot - length, End: boot, Wall: wall()}
	slices.SortStableFunc(all, func(a, b fact.Observation) int { return cmp.Compare(a.Mono, b.Mono) })
	set := path.DefaultSettings()
	limits := timeline.DefaultLimits()
	limits.Settings = set
	past := timeline.NewTimeline(limits)
	d := fold.NewDriver(set, past)
	published := time.Duration(0)
	for _, o := range all {
		if o.Mono > s.End {
			break
		}
		o.Time = s.Clock(o.Mono)
		d.Observe(o)
		if o.Mono-published >= publishEvery {
			past.Snapshot(d.Snapshot())
			published = o.Mono
		}
	}
	d.Finish(s.End)
	s.snap = d.Snapshot()
	past.Snapshot(s.snap)
	s.view = past.View()
	return s
}

// Clock returns the wall time of an instant.
func (s *Scene) Clock(mono time.Duration) time.Time { return s.Wall.Add(mono - s.End) }

// Now returns the end of the scene.
func (s *Scene) Now() (time.Time, time.Duration) { return s.Wall, s.End }

// Snapshot returns the state at the end.
func (s *Scene) Snapshot() *fold.Snapshot { return s.snap }

// View returns the past as the live screen has it.
func (s *Scene) View() *timeline.View { return s.view }

// Sums returns the past as a recording of which only sums have been read:
// levels, latencies by the minute and the episodes that ended.
func (s *Scene) Sums() *timeline.Joined {
	set := path.DefaultSettings()
	sums := timeline.NewTimeline(timeline.SumLimits(set))
	whole := timeline.Span{From: s.Start, To: s.End}
	sums.AddRollup(s.view.Rollup(whole), s.Wall)
	for _, e := range s.snap.Last {
		sums.AddEpisode(e)
	}
	return timeline.Join([]timeline.Part{{Span: whole, Wall: s.Clock(s.Start), View: sums.View()}}, set)
}
