package replay

import (
	"testing"
	"time"

	"flapscope/history/session"
	"flapscope/internal/replay/replaytest"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
)

// TestCuts cuts parts out of a recording of twelve calm minutes and a quarter of an
// hour of trouble: what came before their warm-up is not in them.
func TestCuts(t *testing.T) {
	source, err := session.Open("../../docs/sample.flap.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	all := calmly(t, source, 4*time.Second, 12*time.Minute)
	name := write(t, session.NewStore(t.TempDir()), source.Header(), nil, all)
	var lived []replaytest.Second
	d := fold.NewDriver(source.Header().Settings)
	next := all[0].Mono
	for i := range all {
		for ; i > 0 && next < all[i].Mono; next += time.Second {
			d.Advance(next)
			lived = append(lived, replaytest.SecondOf(next, all[i-1].Mono, d.Snapshot()))
		}
		d.Observe(all[i])
	}
	replaytest.CompareCuts(t, name, lived)
}

// calmly returns what a recording has, with calm after its beginning: the results of
// the next 20 s again and again.
func calmly(t *testing.T, r *session.Reader, from, calm time.Duration) (out []fact.Observation) {
	t.Helper()
	const again = 20 * time.Second
	var begin, usual, rest []fact.Observation
	_, start := r.Start()
	for o, err := range r.All() {
		if err != nil {
			t.Fatal(err)
		}
		if o.Mono < start+from {
			begin = append(begin, o)
			continue
		}
		rest = append(rest, o)
		if p, ok := o.Fact.(*fact.ProbeResult); ok && p.Sent >= start+from && o.Mono < start+from+again {
			usual = append(usual, o)
		}
	}
	for by := time.Duration(0); by < calm; by += again {
		for _, o := range usual {
			begin = append(begin, later(o, by))
		}
	}
	for _, o := range rest {
		begin = append(begin, later(o, calm))
	}
	return begin
}

// later is an observation made later.
func later(o fact.Observation, by time.Duration) fact.Observation {
	o.Time, o.Mono = o.Time.Add(by), o.Mono+by
	switch f := o.Fact.(type) {
	case *fact.ProbeResult:
		n := *f
		n.Sent += by
		o.Fact = &n
	case *fact.Gap:
		n := *f
		n.From, n.To = n.From+by, n.To+by
		o.Fact = &n
	}
	return o
}
