package compare

import (
	"math"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"flapscope/history/stats"
	"flapscope/history/timeline"
	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// A world is a connection of which the truth is known. What it does comes in
// stretches, as it does in any: round trips and signals drift, losses come in
// bursts, and outages in troubles of several.
type world struct {
	length time.Duration
	// rtt is in seconds, and troubles are by the hour.
	rtt, troubles float64
	// lost is how often a burst of losses begins, by probe.
	lost float64
	// probed is whether there are probes and a radio.
	probed bool
}

const begin = time.Hour

// side makes a recording of the world.
func (w world) side(seed uint64) *Side {
	rng := rand.New(rand.NewPCG(seed, 7))
	s := &Side{Span: timeline.Span{From: begin, To: begin + w.length}}
	if w.probed {
		s = w.probes(rng)
	}
	at := s.Span.From
	for w.troubles > 0 {
		at += time.Duration(rng.ExpFloat64() / w.troubles * float64(time.Hour))
		for range 1 + rng.IntN(4) {
			down := time.Duration(math.Exp(2+rng.NormFloat64()*0.8) * float64(time.Second))
			if at+down >= s.Span.To {
				break
			}
			s.Losses = append(s.Losses, at)
			s.Down = append(s.Down, timeline.Span{From: at, To: at + down})
			at += down + time.Duration(rng.ExpFloat64()*float64(20*time.Second))
		}
		if at >= s.Span.To {
			break
		}
	}
	s.Observed, s.Down, s.Outages, s.Offline, s.Probed = []timeline.Span{s.Span}, timeline.Union(s.Down), s.Down, timeline.Union(s.Down), true
	return s
}

// probes makes what probes and a radio observe.
func (w world) probes(rng *rand.Rand) *Side {
	c := NewCollector(timeline.Span{From: begin, To: begin + w.length})
	target := &fact.Target{ID: "ping:192.0.2.1", Name: "192.0.2.1", Method: fact.MethodPing, Role: fact.RoleGateway, Family: fact.IPv4}
	st := state.NewState()
	for _, f := range []fact.Fact{target, &fact.Link{Index: 3, Name: "wlan0"}} {
		st.Apply(fact.Observation{Op: fact.Put, Fact: f})
	}
	observe := func(at time.Duration, f fact.Fact) {
		c.Observed(fact.Observation{Mono: at, Op: fact.Put, Fact: f}, st)
	}
	observe(begin, &fact.Wifi{Index: 3, Event: fact.WifiAssociated})
	drift, signal, bad := 0.0, 0.0, false
	for i := range int(w.length / (2 * time.Second)) {
		at := begin + time.Duration(i)*2*time.Second
		if i%10 == 0 {
			drift = 0.95*drift + 0.05*rng.NormFloat64()
			signal = 0.95*signal + rng.NormFloat64()
			observe(at, &fact.Station{Index: 3, Signal: -60 + int(math.Round(signal)), TxRate: 6000 + 100*int(signal)})
		}
		if bad {
			bad = rng.Float64() > 0.25
		} else {
			bad = rng.Float64() < w.lost
		}
		r := &fact.ProbeResult{Target: target.ID, Outcome: fact.OutcomeOK, RTT: time.Duration(w.rtt * math.Exp(drift+0.2*rng.NormFloat64()) * 1e9)}
		if bad {
			r.Outcome, r.RTT = fact.OutcomeTimeout, 0
		}
		observe(at, r)
		if rng.Float64() < 10.0/1800 {
			observe(at, &fact.Wifi{Index: 3, Event: fact.WifiRoamed})
		}
	}
	return &Side{
		Span: c.span, Associated: []timeline.Span{c.span}, Roams: c.roams,
		legs: sorted(c.legs), signals: sorted(c.signals), rates: sorted(c.rates),
	}
}

// seeds is over how many pairs of recordings words are counted; what is asserted
// is what docs/comparison.md says, which leaves room above what came out.
const seeds = 200

// words counts the words of the measures over the seeds, and the comparisons in
// which any has one.
func words(before, after world) (of map[What]map[Word]int, some int) {
	of = map[What]map[Word]int{}
	for seed := range uint64(seeds) {
		said := false
		for _, m := range Compare(before.side(2*seed), after.side(2*seed+1)).Measures {
			if of[m.What] == nil {
				of[m.What] = map[Word]int{}
			}
			of[m.What][m.Word]++
			said = said || m.Word != NoEvidence
		}
		if said {
			some++
		}
	}
	return of, some
}

// usual is a connection with a trouble every ten minutes.
var usual = world{rtt: 0.02, troubles: 6, lost: 0.004, probed: true}

// Of two recordings of the same, words are rare.
func TestWordsOfTheSame(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		length      time.Duration
		each, drift int
		some        int
	}{
		{15 * time.Minute, 1, 1, 1}, {30 * time.Minute, 3, 20, 40}, {2 * time.Hour, 3, 10, 20},
	} {
		w := usual
		w.length = tt.length
		of, some := words(w, w)
		t.Logf("%v: some word in %d of %d; %v", tt.length, some, seeds, of)
		if some > tt.some {
			t.Errorf("%v: %d of %d comparisons have a word, want %d at most", tt.length, some, seeds, tt.some)
		}
		for what, n := range of {
			most := tt.each
			if what == RTT || what == Signal || what == Rate {
				most = tt.drift
			}
			if said := seeds - n[NoEvidence]; said > most {
				t.Errorf("%v: %s: %d of %d words are false, want %d at most", tt.length, what, said, seeds, most)
			}
		}
		if len(of) != len(Units) {
			t.Errorf("%d measures, want %d", len(of), len(Units))
		}
	}
}

// A change that is there is found, and nothing else.
func TestWordsOfAChange(t *testing.T) {
	t.Parallel()
	slow := usual
	slow.length, slow.troubles = 8*time.Hour, 0
	slower := slow
	slower.rtt *= 1.2
	of, _ := words(slow, slower)
	t.Logf("round trips a fifth longer: %v", of)
	if of[RTT][Worse] < 160 || of[RTT][Better] > 0 || of[Loss][NoEvidence] < 194 {
		t.Errorf("round trips a fifth longer, of 200: %v", of)
	}
	seldom := world{length: 24 * time.Hour, troubles: 4}
	often := seldom
	often.troubles *= 2
	of, _ = words(seldom, often)
	t.Logf("twice the losses: %v", of)
	if of[Losses][Worse] < 180 || of[Availability][Worse] < 150 || of[Losses][Better]+of[Availability][Better] > 0 || of[Recovery][NoEvidence] < 194 {
		t.Errorf("twice the losses, of 200: %v", of)
	}
	of, _ = words(often, seldom)
	if of[Losses][Better] < 180 || of[Losses][Worse] > 0 {
		t.Errorf("half the losses, of 200: %v", of)
	}
}

// What more would be needed is about what is needed: four times as long a
// recording as one that would need four times as much shows a change of a fifth
// in four of five.
func TestMore(t *testing.T) {
	t.Parallel()
	w := world{length: 24 * time.Hour, troubles: 4}
	sum := 0.0
	for seed := range uint64(seeds) {
		for _, m := range Compare(w.side(2*seed), w.side(2*seed+1)).Measures {
			if m.What == Losses && m.More != nil {
				sum += *m.More / seeds
			}
		}
	}
	w.length = time.Duration(sum * float64(w.length))
	often := w
	often.troubles *= 1.2
	of, _ := words(w, often)
	t.Logf("%.1f times as long: %v", sum, of[Losses])
	if n := of[Losses][Worse]; n < 110 || n > 198 {
		t.Errorf("%.1f times as long shows a fifth more in %d of %d, want about 160", sum, n, seeds)
	}
}

// The same recordings give the same comparison, and in the other order the
// opposite one.
func TestOrder(t *testing.T) {
	w := usual
	w.length, w.troubles = 2*time.Hour, 12
	a, b := w.side(1), w.side(2)
	there, back := Compare(a, b), Compare(b, a)
	if !reflect.DeepEqual(there, Compare(w.side(1), w.side(2))) {
		t.Error("another comparison of the same")
	}
	for i, m := range there.Measures {
		d, r := m.Difference, back.Measures[i].Difference
		if d == nil || r == nil {
			t.Errorf("%s: no difference", m.What)
			continue
		}
		if math.Abs(d.Value+r.Value) > 1e-9 || math.Abs(d.Low+r.High) > 1e-9 || math.Abs(d.High+r.Low) > 1e-9 {
			t.Errorf("%s: %+v there, %+v back", m.What, *d, *r)
		}
		if d.Low > d.Value || d.Value > d.High {
			t.Errorf("%s: %+v", m.What, *d)
		}
	}
}

// Of nothing, and of next to nothing, nothing is said.
func TestTooLittle(t *testing.T) {
	short := usual
	short.length = time.Minute
	for _, pair := range [][2]*Side{{{}, {}}, {short.side(1), {}}, {{}, short.side(1)}, {short.side(1), short.side(2)}} {
		for _, m := range Compare(pair[0], pair[1]).Measures {
			if m.Word != NoEvidence {
				t.Errorf("%+v", m)
			}
			for _, f := range []*Figure{m.Before, m.After} {
				if f != nil && (math.IsNaN(f.Value) || math.IsInf(f.Value, 0)) {
					t.Errorf("%s: %+v", m.What, *f)
				}
			}
		}
	}
}

// TestQuantiles compares with published tables.
func TestQuantiles(t *testing.T) {
	// The exact 99 % bounds of a Poisson mean (Garwood 1936).
	for n, want := range map[float64][2]float64{0: {0, 5.298}, 1: {0.00501, 7.430}, 10: {3.717, 21.398}, 50: {33.66, 71.27}} {
		low, high := stats.PoissonInterval(n, Confidence)
		if math.Abs(low-want[0]) > 0.006 || math.Abs(high-want[1]) > 0.006 {
			t.Errorf("%v: %.4f to %.4f, want %.4f to %.4f", n, low, high, want[0], want[1])
		}
	}
	// Student's t at 0.995.
	for freedom, want := range map[float64]float64{8: 3.355, 10: 3.169, 30: 2.750, 120: 2.617} {
		if got := z * math.Sqrt(unsure(freedom)); math.Abs(got-want) > 0.01 {
			t.Errorf("%v degrees of freedom: %.3f, want %.3f", freedom, got, want)
		}
	}
	// Moved by exactly one: the middle of all differences.
	d := shift([]float64{1, 2, 3, 4, 5, 6}, []float64{11, 12, 13, 14, 15, 16}, 0)
	if d == nil || d.Value != 10 || d.Low <= 0 {
		t.Errorf("six and six, apart: %+v", d)
	}
	if d := shift([]float64{1, 2, 3}, []float64{11, 12, 13}, 0); d != nil {
		t.Errorf("three and three are too few for 99 %%: %+v", *d)
	}
}
