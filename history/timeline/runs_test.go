package timeline

import (
	"math/rand/v2"
	"testing"
	"time"
)

// TestRuns checks what is counted of the order of probes, one a second: a number
// is an answer after so many milliseconds, x a loss, - no data, and . nothing
// that was sent.
func TestRuns(t *testing.T) {
	for _, tt := range []struct {
		name   string
		probes []string
		bursts uint32
		pairs  uint32
		jitter time.Duration
	}{
		{"none", nil, 0, 0, 0},
		{"one", []string{"20"}, 0, 0, 0},
		{"steady", []string{"20", "20", "20"}, 0, 2, 0},
		{"changes", []string{"20", "36", "32"}, 0, 2, 10 * time.Millisecond},
		{"one-burst", []string{"20", "x", "x", "20"}, 1, 0, 0},
		{"two-bursts", []string{"x", "20", "x"}, 2, 0, 0},
		{"no-pair-across-a-loss", []string{"20", "20", "x", "120", "120"}, 1, 2, 0},
		{"no-data-ends-a-burst", []string{"x", "-", "x"}, 2, 0, 0},
		{"no-pair-across-no-data", []string{"20", "-", "120"}, 0, 0, 0},
		{"no-burst-across-a-gap", []string{"x", ".", ".", ".", ".", ".", "x"}, 2, 0, 0},
		{"no-pair-across-a-gap", []string{"20", ".", ".", ".", ".", ".", "120"}, 0, 0, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, late := range []bool{false, true} {
				r := newRuns(time.Second)
				for _, s := range course1(tt.probes, late) {
					r.sample(s.at, s.rtt)
				}
				c := r.end()
				if c.bursts != tt.bursts || c.pairs != tt.pairs || c.jitter() != tt.jitter {
					t.Errorf("losses late %v: %d bursts, %d pairs, jitter %v; want %d, %d, %v",
						late, c.bursts, c.pairs, c.jitter(), tt.bursts, tt.pairs, tt.jitter)
				}
			}
		})
	}
}

// course1 returns probes, one a second; losses come two probes late, as their
// timeout makes them.
func course1(probes []string, late bool) (out []sent) {
	var losses []sent
	for i, p := range probes {
		s := sent{at: time.Duration(i+100) * time.Second}
		switch p {
		case ".":
			continue
		case "-":
			s.rtt = rttNoData
		case "x":
			s.rtt = rttLost
			if late {
				losses = append(losses, s)
				continue
			}
		default:
			ms, err := time.ParseDuration(p + "ms")
			if err != nil {
				panic(err)
			}
			s.rtt = uint32(ms / time.Microsecond)
		}
		out = append(out, s)
		for len(losses) > 0 && s.at-losses[0].at >= 2*time.Second {
			out, losses = append(out, losses[0]), losses[1:]
		}
	}
	return append(out, losses...)
}

// TestIndependentLosses checks the bursts of a loss without memory: as many as
// the theory says.
func TestIndependentLosses(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	const n, p = 100_000, 0.2
	r := newRuns(time.Second)
	lost := 0
	for i := range n {
		rtt := uint32(20_000)
		if rng.Float64() < p {
			rtt = rttLost
			lost++
		}
		r.sample(time.Duration(i)*time.Second, rtt)
	}
	c := r.end()
	if mean := float64(lost) / float64(c.bursts); mean < 1.23 || mean > 1.27 {
		t.Errorf("a burst has %.3f losses, want 1/(1-p) = 1.25", mean)
	}
}
