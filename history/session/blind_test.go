package session

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
)

// A timeline of satisfied is when the machine's raw path was, by transition.
type satisfied struct {
	at []time.Duration
	is []bool
	// blind are the stretches of which nothing is claimed.
	blind [][2]time.Duration
}

func satisfactions(obs []fact.Observation) *satisfied {
	s := &satisfied{}
	f := fold.NewFold(path.DefaultSettings(), func(e fold.Event) {
		if t := e.Transition; t != nil && t.Scope == path.ScopeMachine && t.Phase == fold.PhaseRaw {
			s.at, s.is = append(s.at, e.Mono), append(s.is, t.Path.Status == path.Satisfied)
		}
	})
	for _, o := range obs {
		f.Advance(o.Mono)
		f.Observe(o)
		if g, ok := o.Fact.(*fact.Gap); ok && g.Reason == fact.GapRecorder {
			s.blind = append(s.blind, [2]time.Duration{g.From, g.To})
		}
	}
	return s
}

// when returns what is claimed of an instant: true, false, or nothing.
func (s *satisfied) when(at time.Duration) (is, known bool) {
	for _, b := range s.blind {
		if at >= b[0] && at <= b[1] {
			return false, false
		}
	}
	for i := range s.at {
		if s.at[i] > at {
			break
		}
		is, known = s.is[i], true
	}
	return is, known
}

// TestDamageIsNoOutage damages some minutes of recordings: whatever is claimed
// then is what was true, by every way to read.
func TestDamageIsNoOutage(t *testing.T) {
	claims := 0
	for seed := range uint64(5) {
		s := newStorm(seed)
		s.pace = 300 * time.Millisecond
		obs := s.run(3000)
		data, err := os.ReadFile(write(t, obs))
		if err != nil {
			t.Fatal(err)
		}
		truth := satisfactions(obs)
		rng := rand.New(rand.NewPCG(seed, 1))
		for range 6 {
			bad := damaged(t, data, rng)
			r, err := NewReader(bytes.NewReader(bad), int64(len(bad)), nil)
			if err != nil {
				t.Fatal(err)
			}
			claims += checkClaims(t, fmt.Sprintf("seed %d", seed), truth, satisfactions(collect(t, r)), obs)
			checkParts(t, r, truth, obs, rng)
		}
	}
	if claims < 3_000 {
		t.Errorf("only %d claims: the test looks at nothing", claims)
	}
}

// damaged flips a bit in some members, or takes some out.
func damaged(t *testing.T, data []byte, rng *rand.Rand) []byte {
	t.Helper()
	r, err := NewReader(bytes.NewReader(data), int64(len(data)), nil)
	if err != nil {
		t.Fatal(err)
	}
	bad := bytes.Clone(data)
	for i := len(r.members) - 2; i > 0; i-- {
		m := &r.members[i]
		switch rng.IntN(8) {
		case 0:
			bad[m.offset+headLen+int64(rng.IntN(int(m.size)-headLen))] ^= 1
		case 1:
			bad = append(bad[:m.offset], bad[m.offset+int64(m.size):]...)
		}
	}
	return bad
}

func checkClaims(t *testing.T, what string, truth, got *satisfied, obs []fact.Observation) (claims int) {
	t.Helper()
	for _, o := range obs {
		want, _ := truth.when(o.Mono)
		is, known := got.when(o.Mono)
		if !known {
			continue
		}
		claims++
		if is != want {
			t.Fatalf("%s: at %v the path is claimed to be satisfied: %v, in truth %v; blind %v", what, o.Mono, is, want, got.blind)
		}
	}
	return claims
}

// checkParts reads from somewhere in the middle, as Tail and a cut do.
func checkParts(t *testing.T, r *Reader, truth *satisfied, obs []fact.Observation, rng *rand.Rand) {
	t.Helper()
	at := obs[rng.IntN(len(obs))].Mono
	s, blind, err := r.stateAt(at)
	if err != nil {
		t.Fatal(err)
	}
	var part []fact.Observation
	if blind == nil {
		s.Mono, s.Time = at, epoch.Add(at-boot)
		part = Rows(s)
	}
	end := obs[len(obs)-1].Mono + 1
	for o, err := range r.Range(at+1, end) {
		if err != nil {
			t.Fatal(err)
		}
		part = append(part, o)
	}
	var rest []fact.Observation
	for _, o := range obs {
		if o.Mono > at {
			rest = append(rest, o)
		}
	}
	checkClaims(t, fmt.Sprintf("from %v", at), truth, satisfactions(part), rest)
	if _, said := r.BlindAt(at); said != (blind != nil) {
		t.Errorf("blind at %v: %v", at, said)
	}
}
