package fact

import (
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// untidy is a stream as sources make it: stamped out of order, in nanoseconds,
// by clocks that are read one after the other, and that step.
func untidy(rng *rand.Rand, n int) []Observation {
	wall := time.Date(2026, 11, 20, 14, 0, 0, 0, time.UTC)
	mono := time.Hour
	var out []Observation
	for range n {
		mono += time.Duration(rng.Int64N(int64(time.Millisecond)))
		if rng.IntN(200) == 0 {
			wall = wall.Add(time.Duration(rng.Int64N(int64(time.Hour))) - 30*time.Minute)
		}
		at := mono - time.Duration(rng.Int64N(2000))
		o := Observation{Time: wall.Add(mono + time.Duration(rng.Int64N(3000))), Mono: at, Op: Put}
		switch rng.IntN(4) {
		case 0:
			o.Fact = &Mark{}
		case 1:
			o.Fact = &Clock{}
		default:
			o.Fact = &ProbeResult{Target: "t", Outcome: OutcomeOK, Sent: at - 1234567, RTT: 1234001, Phases: Phases{TLS: 1999}}
		}
		out = append(out, o)
	}
	return out
}

func TestSequencer(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var once, twice Sequencer
	last := time.Duration(0)
	for i, o := range untidy(rng, 20_000) {
		a := once.Next(o)
		if a.Mono < last || a.Mono < o.Mono {
			t.Fatalf("observation %d: mono %d, after %d, stamped %d", i, a.Mono, last, o.Mono)
		}
		if d := (a.Time.Sub(o.Time) - (a.Mono - o.Mono)).Abs(); d > wallSlack {
			t.Fatalf("observation %d: the wall time moved by %v", i, d)
		}
		if r, ok := a.Fact.(*ProbeResult); ok {
			if a.Mono == last || a.Mono%time.Microsecond != 0 || r.Sent%time.Microsecond != 0 || r.RTT != 1234001 || r.Phases.TLS != time.Microsecond {
				t.Fatalf("observation %d is not stamped in whole microseconds after %d: %+v %+v", i, last, a, r)
			}
		}
		if i%100 == 0 {
			once.Advance(a.Mono)
		}
		b := twice.Next(a)
		if diff := cmp.Diff(a, b, cmpopts.EquateComparable(netip.Addr{})); diff != "" {
			t.Fatalf("observation %d: sequenced again (-once +twice)\n%s", i, diff)
		}
		last = a.Mono
	}
}

// TestSequencerKeepsNanoseconds: of a round trip that the kernel stamped, and of
// no other time.
func TestSequencerKeepsNanoseconds(t *testing.T) {
	for name, tt := range map[string]struct {
		r    ProbeResult
		want time.Duration
	}{
		"answer":    {ProbeResult{Outcome: OutcomeOK, RTT: 1234567}, 1234567},
		"uncertain": {ProbeResult{Outcome: OutcomeOK, RTT: 1234567, Uncertain: true}, 1234000},
		"portal":    {ProbeResult{Outcome: OutcomePortal, RTT: 1234567}, 1234000},
	} {
		var s Sequencer
		if got := s.Next(Observation{Mono: time.Hour, Fact: &tt.r}).Fact.(*ProbeResult).RTT; got != tt.want {
			t.Errorf("%s: %d ns, want %d", name, got, tt.want)
		}
	}
}
