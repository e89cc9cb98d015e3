package pattern

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"gonum.org/v1/gonum/mathext"

	"flapscope/history/timeline"
	"flapscope/history/timeline/timelinetest"
)

// The segments of ten re-ups, each lost after 8 s for 2 s, give the pattern
// with its lag and its count.
func TestPatternsOfSegments(t *testing.T) {
	parts := []any{timeline.LevelGood, 100, timeline.LevelBad, 2}
	for range 10 {
		parts = append(parts, timeline.LevelGood, 5, timeline.LevelDegraded, 3, timeline.LevelBad, 1, timeline.LevelWaiting, 1)
	}
	in := NewPatternInput(timelinetest.Strip(time.Hour, append(parts, timeline.LevelGood, 100)...))
	if len(in.Up) != 12 || len(in.Losses) != 11 || len(in.Anchors) != 11 {
		t.Fatalf("got %d up, %d losses, %d anchors; want 12, 11, 11", len(in.Up), len(in.Losses), len(in.Anchors))
	}
	got := Patterns(in)
	want := []Pattern{{
		Kind: PatternLag, Anchor: AnchorRecovery, Lag: 8 * time.Second, Period: 10 * time.Second, N: 10, Of: 11, Losses: 11,
	}}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(Pattern{}), cmpopts.IgnoreFields(Pattern{}, "Strength")); diff != "" {
		t.Errorf("patterns (-want +got):\n%s", diff)
	}
}

// A gap neither loses nor recovers anything.
func TestPatternInputIgnoresGaps(t *testing.T) {
	in := NewPatternInput(timelinetest.Strip(0, timeline.LevelGood, 8, timeline.LevelGap, 2, timeline.LevelGood, 8, timeline.LevelGap, 2, timeline.LevelBad, 2, timeline.LevelGap, 2, timeline.LevelGood, 8))
	if len(in.Losses) != 0 || len(in.Anchors) != 0 || len(in.Up) != 3 {
		t.Errorf("got %+v, want three stretches of up time and nothing else", in)
	}
}

// Of counts what could have come true: not anchors that another one overtook,
// and not those that a gap or the end of the recording hid.
func TestPatternOf(t *testing.T) {
	w := newWorld(1)
	for i := range 16 {
		w.in.Anchors = append(w.in.Anchors, Anchor{Kind: "association", At: w.at})
		switch i {
		case 3, 7: // Lost too early.
			w.cycleOnly(seconds(2), time.Second)
		case 5: // Not lost at all.
			w.calm(seconds(60))
		case 9: // Overtaken.
			w.calm(seconds(4))
		case 11: // Out of sight.
			w.calm(seconds(4))
			w.at += seconds(100)
		default:
			w.cycleOnly(seconds(8), time.Second)
		}
	}
	got := Patterns(w.in)
	if len(got) != 1 || got[0].Anchor != "association" || got[0].N != 11 || got[0].Of != 14 || got[0].Losses != 13 {
		t.Errorf("got %+v, want 11 of 14 with 13 losses", got)
	}
}

// cycleOnly is cycle without anchors.
func (w *world) cycleOnly(up, down time.Duration) {
	w.in.Up = append(w.in.Up, timeline.Span{From: w.at, To: w.at + up})
	w.at += up
	w.in.Losses = append(w.in.Losses, w.at)
	w.at += down
}

// The same input in another order gives the same bytes, and is left alone.
func TestPatternsAreDeterministic(t *testing.T) {
	w := newWorld(7)
	clockWorld(w, 300, 60, 0.7, 20)
	in := w.background()
	want, err := json.Marshal(Patterns(in))
	if err != nil {
		t.Fatal(err)
	}
	if len(want) < 10 {
		t.Fatalf("no patterns to compare: %s", want)
	}
	rng := rand.New(rand.NewPCG(1, 5))
	for range 10 {
		mixed := Input{Up: slices.Clone(in.Up), Losses: slices.Clone(in.Losses), Anchors: slices.Clone(in.Anchors)}
		rng.Shuffle(len(mixed.Up), func(i, j int) { mixed.Up[i], mixed.Up[j] = mixed.Up[j], mixed.Up[i] })
		rng.Shuffle(len(mixed.Losses), func(i, j int) { mixed.Losses[i], mixed.Losses[j] = mixed.Losses[j], mixed.Losses[i] })
		rng.Shuffle(len(mixed.Anchors), func(i, j int) { mixed.Anchors[i], mixed.Anchors[j] = mixed.Anchors[j], mixed.Anchors[i] })
		before := slices.Clone(mixed.Anchors)
		got, err := json.Marshal(Patterns(mixed))
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != string(want) {
			t.Fatalf("order matters:\n got %s\nwant %s", got, want)
		}
		if !slices.Equal(before, mixed.Anchors) {
			t.Fatal("the input was changed")
		}
	}
}

// All times moved by the same amount give the same patterns.
func TestPatternsIgnoreOrigin(t *testing.T) {
	w := newWorld(3)
	seedCase(w)
	want := Patterns(w.in)
	moved := Input{}
	for _, s := range w.in.Up {
		moved.Up = append(moved.Up, timeline.Span{From: s.From + 1000*time.Hour, To: s.To + 1000*time.Hour})
	}
	for _, l := range w.in.Losses {
		moved.Losses = append(moved.Losses, l+1000*time.Hour)
	}
	for _, a := range w.in.Anchors {
		a.At += 1000 * time.Hour
		moved.Anchors = append(moved.Anchors, a)
	}
	if diff := cmp.Diff(want, Patterns(moved), cmpopts.IgnoreUnexported(Pattern{})); diff != "" {
		t.Errorf("patterns 1000 h later (-want +got):\n%s", diff)
	}
}

func TestPatternOnTheClock(t *testing.T) {
	midnight := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	tests := []struct {
		name   string
		epoch  time.Time
		period time.Duration
		want   bool
	}{
		{"half-hours", midnight, 30 * time.Minute, true},
		{"off-by-7-min", midnight.Add(7 * time.Minute), 30 * time.Minute, false},
		{"another-zone", midnight.In(time.FixedZone("", 5*3600+45*60)), 15 * time.Minute, true},
		{"not-a-part-of-a-day", midnight, 17 * time.Minute, false},
		{"unknown-epoch", time.Time{}, 30 * time.Minute, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := Input{Epoch: tt.epoch}
			for i := range 12 {
				in.Losses = append(in.Losses, tt.period*time.Duration(i+4)+time.Duration(i%3)*100*time.Millisecond)
			}
			got := Patterns(in)
			if len(got) != 1 || got[0].Kind != PatternPeriod || got[0].Period != tt.period {
				t.Fatalf("got %+v, want one period of %v", got, tt.period)
			}
			if got[0].OnTheClock != tt.want || strings.HasSuffix(got[0].Text(), ", on the clock") != tt.want {
				t.Errorf("on the clock: got %v (%s), want %v", got[0].OnTheClock, got[0].Text(), tt.want)
			}
		})
	}
}

func TestPatternText(t *testing.T) {
	ms := time.Millisecond
	tests := []struct {
		pattern Pattern
		want    string
	}{
		{
			Pattern{Kind: PatternLag, Anchor: "association", Lag: 8012 * ms, Spread: 190 * ms, N: 14, Of: 14},
			"the path is lost 8.0 s ± 0.2 s after association, 14 of 14 times",
		},
		{
			Pattern{Kind: PatternLag, Anchor: "DHCP renewal", Interface: "wl\x1b[2J", Lag: 450 * ms, Spread: 31 * ms, N: 14, Of: 15, Period: 30 * time.Minute},
			`the path is lost 450 ms ± 31 ms after DHCP renewal on wl\x1b[2J, 14 of 15 times, every 30 min`,
		},
		{
			Pattern{Kind: PatternLag, Anchor: "resume", Lag: 1790 * time.Second, Spread: 12 * time.Second, N: 5, Of: 9},
			"the path is lost 29 min 50 s ± 12.0 s after resume, 5 of 9 times",
		},
		{
			Pattern{Kind: PatternPeriod, Period: 3*time.Hour + 5*time.Minute, Spread: 100 * time.Second, N: 6, Of: 6, OnTheClock: true},
			"the path is lost every 3 h 5 min ± 1 min 40 s, 6 of 6 times, on the clock",
		},
	}
	for _, tt := range tests {
		if got := tt.pattern.Text(); got != tt.want {
			t.Errorf("text:\n got %q\nwant %q", got, tt.want)
		}
	}
}

func TestPatternJSON(t *testing.T) {
	b, err := json.Marshal(Pattern{
		Kind: PatternLag, Anchor: "resume", Interface: "wlan0", Lag: 3 * time.Second, Spread: time.Second, N: 5, Of: 6, Losses: 7, Strength: 4.2,
	})
	if err != nil {
		t.Fatal(err)
	}
	want := `{"kind":"lag","anchor":"resume","interface":"wlan0","lag_ns":3000000000,"spread_ns":1000000000,"n":5,"of":6,"losses":7,` +
		`"strength":4.2,"text":"the path is lost 3.0 s ± 1.0 s after resume on wlan0, 5 of 6 times"}`
	if string(b) != want {
		t.Errorf("JSON:\n got %s\nwant %s", b, want)
	}
}

// The bounds are above the exact probabilities, and not by much.
func TestTailBounds(t *testing.T) {
	for k := 3; k < 40; k++ {
		for _, mean := range []float64{0.001, 0.1, 1, 2.5} {
			exact, bound := mathext.GammaIncReg(float64(k), mean), poissonBound(k, mean)
			if float64(k) > mean && (bound < exact || bound > exact*20) {
				t.Errorf("P(Poisson(%v) >= %d) = %g, bound %g", mean, k, exact, bound)
			}
		}
		exact, n, q := 0.0, 50, 0.05
		for i := k; i <= n; i++ {
			lf := func(x int) float64 { v, _ := math.Lgamma(float64(x) + 1); return v }
			exact += math.Exp(lf(n) - lf(i) - lf(n-i) + float64(i)*math.Log(q) + float64(n-i)*math.Log(1-q))
		}
		if bound := tailBound(k, n, q); bound < exact || bound > exact*25 {
			t.Errorf("P(Binomial(%d, %v) >= %d) = %g, bound %g", n, q, k, exact, bound)
		}
	}
	if got := tailBound(0, 0, 0.5); got != 1 {
		t.Errorf("no trials: got %v, want 1", got)
	}
}

// Recordings come from strangers: no input panics, runs for ever or gives a
// pattern that does not add up.
func FuzzPatterns(f *testing.F) {
	f.Add(uint64(1), int64(time.Second), uint8(20), false)
	f.Add(uint64(2), int64(math.MaxInt64), uint8(200), true)
	f.Add(uint64(3), int64(1), uint8(100), true)
	f.Add(uint64(4), int64(time.Hour), uint8(5), false)
	f.Fuzz(func(t *testing.T, seed uint64, scale int64, n uint8, negative bool) {
		rng := rand.New(rand.NewPCG(seed, 6))
		draw := func() time.Duration {
			d := time.Duration(rng.Int64N(max(scale, 1)))
			if negative && rng.IntN(2) == 0 {
				return -d
			}
			return d.Truncate(time.Duration(1 + rng.Int64N(max(scale/8, 1))))
		}
		var in Input
		for range n {
			in.Losses = append(in.Losses, draw())
			in.Up = append(in.Up, timeline.Span{From: draw(), To: draw()})
			in.Anchors = append(in.Anchors, Anchor{Kind: []string{"a", "b"}[rng.IntN(2)], At: draw()})
		}
		for _, p := range Patterns(in) {
			if p.N < patternCases || p.N > p.Losses || p.Of < p.N || p.Strength < 3 || p.Spread < 0 || p.Text() == "" {
				t.Errorf("odd pattern: %+v", p)
			}
			if _, err := json.Marshal(p); err != nil {
				t.Errorf("pattern does not encode: %v", err)
			}
		}
	})
}
