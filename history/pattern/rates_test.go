package pattern

import (
	"flag"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"flapscope/history/timeline"
)

// A world makes up a recording: it alternates between up and down, and drops
// anchors along the way.
type world struct {
	rng *rand.Rand
	at  time.Duration
	in  Input
}

func newWorld(seed uint64) *world {
	return &world{rng: rand.New(rand.NewPCG(seed, 4)), at: time.Hour}
}

// seconds returns a duration of s seconds.
func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// exp returns an exponential duration with the mean given, in seconds.
func (w *world) exp(mean float64) time.Duration { return seconds(w.rng.ExpFloat64() * mean) }

// around returns a normal duration, in seconds.
func (w *world) around(mean, sigma float64) time.Duration {
	return seconds(max(mean+sigma*w.rng.NormFloat64(), 0.01))
}

func (w *world) anchor(kind string, at time.Duration) {
	w.in.Anchors = append(w.in.Anchors, Anchor{Kind: kind, Interface: "wlan0", At: at})
}

// cycle is up for a time, then down for one, and re-connects: what a re-up
// brings about comes within a second before the recovery.
func (w *world) cycle(up, down time.Duration) {
	w.in.Up = append(w.in.Up, timeline.Span{From: w.at, To: w.at + up})
	w.at += up
	w.in.Losses = append(w.in.Losses, w.at)
	w.at += down
	before := func(d time.Duration) time.Duration { return w.at - min(d, down*9/10) }
	w.anchor("association", before(seconds(0.3+0.5*w.rng.Float64())))
	w.anchor("carrier up", before(seconds(0.2+0.1*w.rng.Float64())))
	w.anchor("address", before(seconds(0.1*w.rng.Float64())))
	w.anchor(AnchorRecovery, w.at)
}

// calm stays up, to the end of the recording.
func (w *world) calm(d time.Duration) {
	w.in.Up = append(w.in.Up, timeline.Span{From: w.at, To: w.at + d})
	w.at += d
}

// background drops anchors that have nothing to do with losses.
func (w *world) background() Input {
	for at := time.Hour + w.exp(300); at < w.at; at += seconds(200 + 400*w.rng.Float64()) {
		w.anchor("router advertisement", at)
	}
	for at := time.Hour + w.exp(1800); at < w.at; at += w.around(1800, 5) {
		w.anchor("DHCP renewal", at)
	}
	for at := time.Hour + w.exp(1200); at < w.at; at += w.exp(1200) {
		w.anchor("roam", at)
		w.anchor("route change", at+w.exp(1))
	}
	for at := time.Hour + w.exp(7200); at < w.at; at += w.exp(7200) {
		w.anchor("resume", at)
	}
	return w.in
}

// A recipe makes a kind of world.
type recipe struct {
	name string
	make func(w *world)
	// want is a part of the text of what must be found, empty for nothing.
	want string
	// rate is the share of worlds in which it must be.
	rate float64
}

// random are worlds without a pattern.
func random() []recipe {
	return []recipe{
		// Ten losses in 100 s, as in the regular case, but at random.
		{name: "ten-random", make: func(w *world) {
			for range 10 {
				w.cycle(w.exp(8), seconds(2))
			}
		}},
		{name: "ten-uniform", make: func(w *world) {
			for range 10 {
				w.cycle(seconds(16*w.rng.Float64()), seconds(2))
			}
		}},
		// The same by a script that sleeps for whole seconds.
		{name: "ten-whole-seconds", make: func(w *world) {
			for range 10 {
				w.cycle(seconds(float64(1+w.rng.IntN(15))), seconds(2))
			}
		}},
		{name: "hundred-whole-seconds", make: func(w *world) {
			for range 100 {
				w.cycle(seconds(math.Round(1+w.rng.ExpFloat64()*30)), seconds(2))
			}
		}},
		{name: "day", make: func(w *world) {
			for range 5 + w.rng.IntN(200) {
				w.cycle(w.exp(600), w.exp(5))
			}
		}},
		// Storms of losses in a calm day.
		{name: "storms", make: func(w *world) {
			for range 2 + w.rng.IntN(12) {
				w.calm(w.exp(5000))
				mean := math.Exp(w.rng.Float64() * 5)
				for range 3 + w.rng.IntN(30) {
					w.cycle(w.exp(mean), w.exp(3))
				}
			}
		}},
		// Up times of all scales: the hazard falls with age.
		{name: "heavy-tail", make: func(w *world) {
			for range 100 {
				w.cycle(seconds(math.Exp(3+2*w.rng.NormFloat64())), w.exp(3))
			}
		}},
	}
}

// regular are worlds with one.
func regular() []recipe {
	return []recipe{
		{"seed-case", seedCase, "8.0 s ± 0.0 s after recovery on wlan0, 10 of 10 times, every 10.0 s", 1},
		{"re-up-13-times", func(w *world) {
			for range 14 {
				w.cycle(w.around(8, 0.2), w.exp(5))
			}
		}, " of 13 times", 0.99},
		{"quarter-of-60-amid-noise", func(w *world) {
			for range 60 {
				if w.rng.IntN(4) == 0 {
					w.cycle(w.around(8, 0.2), w.exp(5))
				} else {
					w.cycle(w.exp(900), w.exp(5))
				}
			}
		}, "s after", 0.99},
		{"wake-up-5-times", func(w *world) {
			for range 5 {
				w.calm(w.exp(5000))
				w.at += w.exp(3000)
				w.anchor("wake-up", w.at)
				w.cycle(w.around(3.1, 0.1), w.exp(5))
			}
		}, "after wake-up on wlan0", 0.85},
		{"lease-every-30-min", func(w *world) {
			for range 14 {
				next := w.at + seconds(1800)
				w.anchor("lease", next-seconds(0.5))
				w.cycle(next-w.at+w.around(0.1, 0.05), w.exp(5))
				w.at = next
			}
		}, "every 30 min", 0.99},
		{"clock-5-times", func(w *world) { clockWorld(w, 1800, 5, 1, 0) }, "30 min", 0.1},
		{"clock-6-times", func(w *world) { clockWorld(w, 1800, 6, 1, 0) }, "30 min", 0.85},
		{"clock-8-times", func(w *world) { clockWorld(w, 1800, 8, 1, 0) }, "30 min", 0.9},
		{"clock-half-of-48", func(w *world) { clockWorld(w, 1800, 48, 0.5, 0) }, "every 30 min", 0.95},
		{"clock-half-of-48-noisy", func(w *world) { clockWorld(w, 1800, 48, 0.5, 40) }, "every 30 min", 0.95},
		{"clock-60-s-noisy", func(w *world) { clockWorld(w, 60, 60, 0.5, 30) }, "every 1 min ±", 0.95},
	}
}

// seedCase is lost 8 s after each of ten re-ups, for 2 s.
func seedCase(w *world) {
	w.anchor(AnchorRecovery, w.at)
	for range 10 {
		w.cycle(seconds(8), seconds(2))
	}
}

// clockWorld loses the path at ticks of a clock that keeps time to 1 %, with a
// chance of hit each, and at random besides.
func clockWorld(w *world, period float64, ticks int, hit float64, noise int) {
	var losses []time.Duration
	for i := range ticks {
		if w.rng.Float64() < hit {
			losses = append(losses, time.Hour+seconds(period*(float64(i)+0.5))+w.around(0.5, period/500))
		}
	}
	for range noise {
		losses = append(losses, time.Hour+seconds(period*float64(ticks)*w.rng.Float64()))
	}
	spans := make([]timeline.Span, len(losses))
	for i, l := range losses {
		spans[i] = timeline.Span{From: l, To: l + w.exp(period/50)}
	}
	for _, s := range timeline.Union(spans) {
		w.cycle(s.From-w.at, s.To-s.From)
	}
}

// worlds is how many worlds of each kind TestPatternRates makes up.
var worlds = flag.Int("pattern.worlds", 40, "worlds of each kind in TestPatternRates")

// TestPatternRates measures how often chance is taken for a pattern, and how
// often a pattern is found, and fails when either is worse than promised. The
// figures in the documentation of Patterns are those of
//
//	go test -run TestPatternRates -v ./history -args -pattern.worlds 400
func TestPatternRates(t *testing.T) {
	for _, r := range random() {
		t.Run(r.name, func(t *testing.T) {
			wrong := 0
			for seed := range uint64(*worlds) {
				w := newWorld(seed)
				r.make(w)
				if found := Patterns(w.background()); len(found) > 0 {
					wrong++
					t.Logf("seed %d: %s (%.1f)", seed, found[0].Text(), found[0].Strength)
				}
			}
			t.Logf("%s: false in %d of %d", r.name, wrong, *worlds)
			if wrong > max(1, *worlds/100) {
				t.Errorf("patterns in %d of %d random worlds, want at most 1 %%", wrong, *worlds)
			}
		})
	}
	for _, r := range regular() {
		t.Run(r.name, func(t *testing.T) {
			right, others := 0, 0
			for seed := range uint64(*worlds) {
				w := newWorld(seed)
				r.make(w)
				for _, p := range Patterns(w.background()) {
					if strings.Contains(p.Text(), r.want) {
						right++
						break
					}
					others++
					t.Logf("seed %d: %s (%.1f)", seed, p.Text(), p.Strength)
				}
			}
			t.Logf("%s: found in %d of %d; others before it: %d", r.name, right, *worlds, others)
			if float64(right) < r.rate*float64(*worlds) {
				t.Errorf("found in %d of %d worlds, want %v of them", right, *worlds, r.rate)
			}
		})
	}
}
