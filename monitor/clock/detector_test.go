//go:build linux

package clock

import (
	"testing"
	"time"

	"flapscope/monitor/fact"

	"github.com/google/go-cmp/cmp"
)

// A move is how far each clock goes from one reading to the next.
type move struct{ boot, awake, wall time.Duration }

const (
	ms = time.Millisecond
	s  = time.Second
)

// at is the reading that all tables begin at: in a time namespace the clocks
// differ by any amount.
var at = Reading{
	Wall: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC),
	Boot: 5 * time.Hour, Monotonic: 4 * time.Hour,
}

func (r Reading) after(m move) Reading {
	r.Boot += m.boot
	r.Monotonic += m.awake
	r.Wall = r.Wall.Add(m.wall)
	return r
}

func TestDetectorStep(t *testing.T) {
	suspend := func(from, to time.Duration, text string) fact.Gap {
		return fact.Gap{Reason: fact.GapSuspend, Source: "clock", From: at.Boot + from, To: at.Boot + to, Text: fact.Untrusted(text)}
	}
	stopped := func(from, to time.Duration, text string) fact.Gap {
		return fact.Gap{Reason: fact.GapStopped, Source: "clock", From: at.Boot + from, To: at.Boot + to, Text: fact.Untrusted(text)}
	}
	stepped := func(when time.Duration, text string) fact.Gap {
		return fact.Gap{Reason: fact.GapClockStep, Source: "clock", From: at.Boot + when, To: at.Boot + when, Text: fact.Untrusted(text)}
	}
	tests := []struct {
		name  string
		moves []move
		want  []fact.Gap
	}{
		{name: "first-reading"},
		{name: "quiet", moves: []move{{s, s, s}, {s, s, s}, {s, s, s}}},
		{name: "late-tick", moves: []move{{3 * s, 3 * s, 3 * s}}},
		{name: "asleep-under-threshold", moves: []move{{s + 99*ms, s, s + 99*ms}}},
		{
			name:  "asleep-at-threshold",
			moves: []move{{s + 100*ms, s, s + 100*ms}},
			want:  []fact.Gap{suspend(s, s+100*ms, "the machine slept for 100 ms")},
		},
		{
			name:  "asleep-an-hour",
			moves: []move{{s, s, s}, {3600*s + 400*ms, 400 * ms, 3600*s + 400*ms}, {s, s, s}},
			want:  []fact.Gap{suspend(s+400*ms, 3601*s+400*ms, "the machine slept for 1 h")},
		},
		{
			name: "dark-wakes",
			moves: []move{
				{900*s + 100*ms, 100 * ms, 900*s + 100*ms},
				{2 * s, 2 * s, 2 * s},
				{900*s + 100*ms, 100 * ms, 900*s + 100*ms},
				{700 * ms, 700 * ms, 700 * ms},
				{60 * s, 0, 60 * s},
			},
			want: []fact.Gap{
				suspend(100*ms, 900*s+100*ms, "the machine slept for 15 min"),
				suspend(902*s+200*ms, 1802*s+200*ms, "the machine slept for 15 min"),
				suspend(1802*s+900*ms, 1862*s+900*ms, "the machine slept for 1 min"),
			},
		},
		{
			name:  "stopped",
			moves: []move{{s, s, s}, {3*s + ms, 3*s + ms, 3*s + ms}, {s, s, s}},
			want:  []fact.Gap{stopped(s, 4*s+ms, "the program did not run for 3.0 s")},
		},
		{
			name:  "stopped-and-asleep",
			moves: []move{{100 * s, 10 * s, 100 * s}},
			want: []fact.Gap{
				stopped(0, 10*s, "the program did not run for 10.0 s"),
				suspend(10*s, 100*s, "the machine slept for 1 min 30 s"),
			},
		},
		{name: "slew", moves: []move{{s, s, s + 100*ms}, {s, s, s + 100*ms}, {s, s, s - 499*ms}}},
		{
			name:  "stepped-forward",
			moves: []move{{s, s, s + 500*ms}, {s, s, s}},
			want:  []fact.Gap{stepped(s, "the wall clock stepped forward by 500 ms")},
		},
		{
			name:  "stepped-back-a-day",
			moves: []move{{s, s, s - 24*time.Hour}},
			want:  []fact.Gap{stepped(s, "the wall clock stepped back by 24 h")},
		},
		{
			name:  "asleep-then-corrected",
			moves: []move{{60 * s, s, 58 * s}},
			want: []fact.Gap{
				suspend(s, 60*s, "the machine slept for 59.0 s"),
				stepped(60*s, "the wall clock stepped back by 2.0 s"),
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := Detector{Interval: s}
			got := d.Step(at)
			r := at
			for _, m := range tt.moves {
				r = r.after(m)
				got = append(got, d.Step(r)...)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("gaps (-want +got):\n%s", diff)
			}
		})
	}
}

// Whatever happened, the gaps of one step follow each other, lie between its
// readings, and the time asleep is the difference of the two clocks.
func FuzzDetectorStep(f *testing.F) {
	f.Add(int64(s), int64(0), int64(s))
	f.Add(int64(100*ms), int64(time.Hour), int64(time.Hour))
	f.Add(int64(10*s), int64(90*s), int64(-s))
	f.Fuzz(func(t *testing.T, awake, asleep, wall int64) {
		const limit = int64(1000 * time.Hour)
		m := move{awake: time.Duration(awake % limit).Abs(), wall: time.Duration(wall % limit)}
		slept := time.Duration(asleep % limit).Abs()
		m.boot = m.awake + slept
		d := Detector{Interval: s}
		d.Step(at)
		next := at.after(m)
		end := at.Boot
		var told time.Duration
		for _, g := range d.Step(next) {
			if g.From < end || g.To < g.From || g.To > next.Boot {
				t.Errorf("%s gap from %v to %v: want within %v to %v", g.Reason, g.From, g.To, end, next.Boot)
			}
			end = g.To
			if g.Reason == fact.GapSuspend {
				told += g.To - g.From
			}
		}
		if slept < minAsleep {
			slept = 0
		}
		if told != slept {
			t.Errorf("told %v asleep, want %v", told, slept)
		}
	})
}
