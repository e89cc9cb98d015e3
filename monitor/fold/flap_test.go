package fold

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"flapscope/monitor/path"
)

// flapAt returns the state after n losses, the first at start, each followed by
// a gain half an interval later.
func flapAt(start, interval time.Duration, n int) *Flap {
	f := NewFlap(path.DefaultDamping())
	for i := range n {
		at := start + time.Duration(i)*interval
		f.Lose(at)
		f.Gain(at + interval/2)
	}
	return f
}

func TestFlapRaise(t *testing.T) {
	tests := []struct {
		name     string
		interval time.Duration
		losses   int
		want     bool
	}{
		{"two-at-once", time.Nanosecond, 2, false},
		{"three-close", time.Second, 3, false},
		{"four-at-18s", 18 * time.Second, 4, true},
		{"four-at-19s", 19 * time.Second, 4, false},
		{"steady-35s", 35 * time.Second, 100, true},
		{"steady-36s", 36 * time.Second, 10_000, false},
		{"twenty-in-10s", 500 * time.Millisecond, 20, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := flapAt(time.Hour, tt.interval, tt.losses)
			if got := f.Flapping(); got != tt.want {
				t.Errorf("flapping: got %v, want %v (penalty %v)", got, tt.want, f.Penalty(f.now))
			}
			if _, ok := f.Deadline(); ok != tt.want {
				t.Errorf("deadline: got %v, want %v", ok, tt.want)
			}
		})
	}
}

// The end is where the decayed penalty crosses Clear, and never further than
// MaxHold from the last loss.
func TestFlapDeadline(t *testing.T) {
	d := path.DefaultDamping()
	for _, losses := range []int{4, 5, 20, 1000} {
		f := flapAt(time.Hour, time.Second, losses)
		end, ok := f.Deadline()
		if !ok {
			t.Fatalf("%d losses: not flapping", losses)
		}
		if p := f.Penalty(end); p >= d.Clear {
			t.Errorf("%d losses: penalty at the end: got %v, want < %v", losses, p, d.Clear)
		}
		if p := f.Penalty(end - 2*time.Microsecond); p < d.Clear {
			t.Errorf("%d losses: penalty before the end: got %v, want >= %v", losses, p, d.Clear)
		}
		if hold := end - f.penaltyAt; hold > d.MaxHold+time.Microsecond {
			t.Errorf("%d losses: held for %v, want at most %v", losses, hold, d.MaxHold)
		}
		f.Advance(end - 1)
		if !f.Flapping() {
			t.Errorf("%d losses: over before the deadline", losses)
		}
		f.Advance(end)
		if f.Flapping() {
			t.Errorf("%d losses: not over at the deadline", losses)
		}
	}
}

func TestFlapEndsOnceWithoutAdvance(t *testing.T) {
	f := flapAt(0, time.Second, 20)
	end, _ := f.Deadline()
	f.Lose(end)
	if f.Flapping() {
		t.Error("a loss at the deadline prolonged a condition that was over")
	}
	if got := f.Evidence(end); got.Count != 1 || got.Since != end {
		t.Errorf("new run: got %+v, want one loss since %v", got, end)
	}
}

func TestFlapEvidence(t *testing.T) {
	f := NewFlap(path.DefaultDamping())
	f.Gain(0)
	at := time.Hour
	for i := range 5 { // 8 s up, 2 s down; the third time 9 s and 1 s.
		f.Lose(at)
		up, down := 8*time.Second, 2*time.Second
		if i == 2 {
			up, down = 9*time.Second, time.Second
		}
		f.Gain(at + down)
		at += down + up
	}
	got := f.Evidence(f.now)
	want := FlapEvidence{
		Count: 5, Window: 42 * time.Second, Since: time.Hour,
		Ups: 4, ShortestUp: 8 * time.Second, LongestUp: 9 * time.Second, MeanUp: 8250 * time.Millisecond,
		Downs: 5, ShortestDown: time.Second, LongestDown: 2 * time.Second, MeanDown: 1800 * time.Millisecond,
		Penalty: got.Penalty,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("evidence (-want +got):\n%s", diff)
	}
	if want := "5 losses in 42.0 s, up 8.0 s to 9.0 s (mean 8.3 s), down 1.0 s to 2.0 s (mean 1.8 s)"; got.Text() != want {
		t.Errorf("text:\n got %q\nwant %q", got.Text(), want)
	}
	end, _ := f.Deadline()
	f.Advance(end)
	f.Lose(end + time.Hour)
	if got := f.Evidence(end + time.Hour).Text(); got != "1 loss" {
		t.Errorf("after an hour of calm: got %q", got)
	}
}

func TestFlapEvidenceIgnoresGapsAndRepeats(t *testing.T) {
	f := NewFlap(path.DefaultDamping())
	f.Lose(time.Second)
	f.Lose(2 * time.Second) // Lost already.
	f.Interrupt(20 * time.Second)
	f.Gain(21 * time.Second)
	f.Gain(22 * time.Second)
	f.Lose(20 * time.Second) // Backwards: taken as 22 s.
	got := f.Evidence(22 * time.Second)
	if got.Count != 2 || got.Downs != 0 || got.Ups != 1 || got.LongestUp != time.Second {
		t.Errorf("got %+v, want 2 losses, no down stretch, one up stretch of 1s", got)
	}
}

// Whatever the transitions are, further calls of Advance change nothing, and
// the deadline that is known after each transition comes true.
func TestFlapIndependentOfAdvance(t *testing.T) {
	for seed := range uint64(500) {
		rng := rand.New(rand.NewPCG(seed, 1))
		plain, stepped := NewFlap(path.DefaultDamping()), NewFlap(path.DefaultDamping())
		at := time.Duration(0)
		scale := math.Exp(rng.Float64()*8) * float64(time.Second) / 10
		for range 200 {
			next := at + time.Duration(rng.ExpFloat64()*scale)
			for s := at; s < next; s += 1 + time.Duration(rng.Int64N(int64(next-at)+1)) {
				stepped.Advance(s)
				if end, ok := stepped.Deadline(); ok && s >= end {
					t.Fatalf("seed %d: flapping at %v, past the deadline %v", seed, s, end)
				}
			}
			at = next
			for _, f := range []*Flap{plain, stepped} {
				if f.side != sideDown {
					f.Lose(at)
				} else {
					f.Gain(at)
				}
			}
			if *plain != *stepped {
				t.Fatalf("seed %d at %v:\nplain   %+v\nstepped %+v", seed, at, *plain, *stepped)
			}
		}
	}
}

// The state is bounded whatever happens, and unusable settings neither panic
// nor flap for ever.
func TestFlapOddSettings(t *testing.T) {
	odd := map[string]path.Damping{
		"zero":             {},
		"no-half-life":     {Penalty: 1000, Raise: 3000, Clear: 750, MaxHold: time.Minute},
		"no-clear":         {Penalty: 1000, Raise: 3000, HalfLife: time.Minute, MaxHold: time.Minute},
		"no-hold":          {Penalty: 1000, Raise: 3000, Clear: 750, HalfLife: time.Minute},
		"endless-hold":     {Penalty: 1000, Raise: 3000, Clear: 750, HalfLife: 1, MaxHold: math.MaxInt64},
		"raise-below":      {Penalty: 1000, Raise: 10, Clear: 750, HalfLife: time.Minute, MaxHold: time.Minute},
		"not-a-number":     {Penalty: math.NaN(), Raise: 3000, Clear: 750, HalfLife: time.Minute, MaxHold: time.Hour},
		"negative-penalty": {Penalty: -1, Raise: 3000, Clear: 750, HalfLife: time.Minute, MaxHold: time.Hour},
	}
	for name, d := range odd {
		t.Run(name, func(t *testing.T) {
			if err := d.Validate(); err == nil {
				t.Error("Validate accepted it")
			}
			f := NewFlap(d)
			for i := range 100 {
				f.Lose(time.Duration(2*i) * time.Second)
				f.Gain(time.Duration(2*i+1) * time.Second)
			}
			f.Advance(100 * time.Hour)
			if f.Flapping() {
				t.Errorf("flapping after 100 h of calm: %+v", *f)
			}
			if got := f.Evidence(f.now).Count; got == 0 {
				t.Error("no losses counted")
			}
		})
	}
	if err := path.DefaultDamping().Validate(); err != nil {
		t.Errorf("defaults: %v", err)
	}
	if got := path.DefaultDamping().Ceiling(); got != 12000 {
		t.Errorf("ceiling: got %v, want 12000", got)
	}
}

func TestFlapEvidenceJSON(t *testing.T) {
	f := flapAt(time.Second, time.Second, 4)
	b, err := json.Marshal(f.Evidence(f.now))
	if err != nil {
		t.Fatal(err)
	}
	var keys map[string]float64
	if err := json.Unmarshal(b, &keys); err != nil {
		t.Fatal(err)
	}
	for _, k := range []string{"count", "window_ns", "since_mono_ns", "shortest_up_ns", "mean_down_ns", "penalty"} {
		if keys[k] == 0 {
			t.Errorf("key %q: missing or 0 in %s", k, b)
		}
	}
}

func BenchmarkFlap(b *testing.B) {
	b.ReportAllocs()
	f := NewFlap(path.DefaultDamping())
	at := time.Duration(0)
	for b.Loop() {
		at += time.Second
		f.Lose(at)
		f.Gain(at + time.Second/2)
	}
}
