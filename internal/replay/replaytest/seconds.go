package replaytest

import (
	"cmp"
	"fmt"
	"iter"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"flapscope/history/session"
	"flapscope/history/timeline"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/live"
	"flapscope/monitor/path"
	"flapscope/monitor/state"
)

// A Second is what a live screen says of health at one instant.
type Second struct {
	// At is the instant, and Known that of the newest observation then: one that was
	// still on its way is not shown.
	At, Known time.Duration
	// Header is all that the header says, and Health what of it does not count up.
	Header, Health string
}

// A Watch keeps what a screen says. It is a listener of the monitor that it watches.
type Watch struct{ known time.Duration }

// Observed implements fold.Listener.
func (w *Watch) Observed(o fact.Observation, _ *state.State) { w.known = o.Mono }

// Happened implements fold.Listener.
func (*Watch) Happened(fold.Event, func() *fold.Snapshot) {}

// Look returns what a screen says now.
func (w *Watch) Look(m *live.Monitor, now live.Clock) (s Second) {
	m.Sample(func(snap *fold.Snapshot) {
		_, at := now()
		s = SecondOf(at, w.known, snap)
	})
	return s
}

// SecondOf is what a snapshot says at an instant, when the newest observation is known.
func SecondOf(at, known time.Duration, s *fold.Snapshot) Second {
	h := s.Health
	h.Text = ""
	return Second{At: at, Known: known, Header: Header(s), Health: fmt.Sprintf("%+v", h)}
}

// Header is the path, the health, and what goes on.
func Header(s *fold.Snapshot) string {
	var b strings.Builder
	if s.Raw != nil {
		fmt.Fprintf(&b, "%s %s settled %s flapping %v ", s.Raw.Status, s.Raw.Reason, s.Settled, s.Flapping)
	}
	fmt.Fprintf(&b, "%+v", s.Health)
	for _, i := range s.Incidents {
		fmt.Fprintf(&b, "; %s since %v", i.Text, i.From.Mono)
	}
	return b.String()
}

// Compare wants a recording to say at each second what a screen said then, in the
// header and at the playhead.
func Compare(t testing.TB, what, name string, lived []Second) {
	t.Helper()
	compareFile(t, what, name, lived, Second.header)
}

// CompareRing is Compare for recordings that go on from each other, and for what was
// lived since the first of them.
func CompareRing(t testing.TB, what string, names []string, lived []Second) {
	t.Helper()
	c, err := session.OpenChain(names)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if len(c.Runs) != 1 || len(c.Runs[0].Links) != len(names) {
		t.Fatalf("%s: %d recordings are %d runs", what, len(names), len(c.Runs))
	}
	run := c.Runs[0]
	lived = since(lived, run.Span.From)
	compare(t, what, run.Settings(), func(yield func(fact.Observation, error) bool) {
		for o, err := range run.All() {
			if !yield(o.Observation, err) {
				return
			}
		}
	}, lived, Second.header)
}

// CompareHealth is Compare for a recording that does not know all from before: it
// tells the same health, and may date it otherwise.
func CompareHealth(t testing.TB, what, name string, lived []Second) {
	t.Helper()
	compareFile(t, what, name, lived, Second.health)
}

func compareFile(t testing.TB, what, name string, lived []Second, said func(Second) string) {
	t.Helper()
	r, err := session.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	compare(t, what, r.Header().Settings, r.All(), lived, said)
}

// since returns what was lived from an instant on.
func since(lived []Second, from time.Duration) []Second {
	first, _ := slices.BinarySearchFunc(lived, from, func(s Second, at time.Duration) int { return cmp.Compare(s.At, at) })
	return lived[first:]
}

func (s Second) header() string { return s.Header }
func (s Second) health() string { return s.Health }

// compare folds observations as far as each second, and compares what is said of it
// then, and afterwards at the playhead.
func compare(t testing.TB, what string, set path.Settings, all iter.Seq2[fact.Observation, error], lived []Second, said func(Second) string) {
	t.Helper()
	if len(lived) == 0 {
		t.Fatalf("%s: there is no second to compare", what)
	}
	past := timeline.NewTimeline(timeline.DefaultLimits())
	d := fold.NewDriver(set, past)
	differ := differences{t: t, what: what}
	var quiet []*Second
	next := 0
	until := func(first time.Duration) {
		for ; next < len(lived) && lived[next].Known < first; next++ {
			s := &lived[next]
			d.Advance(s.At)
			differ.compare(s.At, said(*s), said(SecondOf(s.At, s.Known, d.Snapshot())))
			if first > s.At {
				quiet = append(quiet, s)
			}
		}
	}
	for o, err := range all {
		if err != nil {
			t.Fatal(err)
		}
		until(o.Mono)
		d.Observe(o)
	}
	until(math.MaxInt64)
	past.Snapshot(d.Snapshot())
	view := past.View()
	for _, s := range quiet {
		switch m := view.At(s.At); {
		case m.Snapshot != nil:
			differ.compare(s.At, s.Health, SecondOf(s.At, s.Known, m.Snapshot).Health)
		case !Blind(view, s.At):
			t.Errorf("%s: no moment at %v", what, s.At)
		}
	}
	if differ.n > 0 {
		t.Errorf("%s: %d differences in %d seconds", what, differ.n, len(lived))
	}
}

// Blind reports whether a view says that nothing was observed at an instant.
func Blind(v *timeline.View, at time.Duration) bool {
	return v.Strip(path.ScopeMachine, timeline.Span{From: at, To: at + 1}, 1)[0] == timeline.LevelGap
}

// differences reports the first few instants that differ, and counts all.
type differences struct {
	t    testing.TB
	what string
	n    int
}

func (d *differences) compare(at time.Duration, live, replayed string) {
	d.t.Helper()
	if live == replayed {
		return
	}
	if d.n++; d.n <= 3 {
		d.t.Errorf("%s at %v:\nlive   %s\nreplay %s", d.what, at, live, replayed)
	}
}
