package replay

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"flapscope/history/session"
	"flapscope/history/timeline"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/live"
	"flapscope/monitor/path"
	"flapscope/monitor/state"
)

// A second is what the header of a screen says at one.
type second struct {
	mono   time.Duration
	shown  string
	health path.Health
}

// shown is the header in one line: the path, the health, and what goes on.
func shown(s *fold.Snapshot) string {
	var b strings.Builder
	if s.Raw != nil {
		fmt.Fprintf(&b, "%s %s settled %s flapping %v ", s.Raw.Status, s.Raw.Reason, s.Settled, s.Flapping)
	}
	fmt.Fprintf(&b, "%+v", s.Health)
	for _, i := range s.Incidents {
		fmt.Fprintf(&b, "; %s %v", i.Text, i.Duration)
	}
	return b.String()
}

// relived is a source that observes again what was observed once, each thing when it
// was, or a little later: from a kernel or a goroutine it takes its time.
type relived []fact.Observation

// Run implements state.Source.
func (all relived) Run(ctx context.Context, h state.Host) error {
	r := rand.New(rand.NewPCG(1, 2))
	begin := time.Now()
	for i := range all {
		late := time.Duration(r.IntN(int(latest)))
		if wait := all[i].Mono - all[0].Mono + late - time.Since(begin); wait > 0 {
			select {
			case <-ctx.Done():
				return nil
			case <-time.After(wait):
			}
		}
		o := all[i]
		h.Update(func(_ *state.State, emit fact.Emit) { emit(o) })
	}
	<-ctx.Done()
	return nil
}

// latest is how late an observation may be.
const latest = 3 * time.Millisecond

// quiet returns the first instant from at on of which all has arrived that was before
// it: what is on its way is not shown yet.
func (all relived) quiet(at time.Duration) time.Duration {
	i, _ := slices.BinarySearchFunc(all, at-latest, func(o fact.Observation, t time.Duration) int { return cmp.Compare(o.Mono, t) })
	for ; i < len(all) && all[i].Mono <= at; i++ {
		at = max(at, all[i].Mono+latest+1)
	}
	return at
}

// heard keeps what a recorder would write.
type heard struct{ observations []fact.Observation }

// Observed implements fold.Listener.
func (h *heard) Observed(o fact.Observation, _ *state.State) {
	h.observations = append(h.observations, o)
}

// Happened implements fold.Listener.
func (*heard) Happened(fold.Event, func() *fold.Snapshot) {}

// TestEachSecondIsTheSame lives through a quarter of an hour of all kinds of trouble,
// and compares what the screen showed at each second with what a replay of the
// recording shows there, and one of what is cut out of it.
func TestEachSecondIsTheSame(t *testing.T) {
	source, err := session.Open("../../docs/sample.flap.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	var all relived
	for o, err := range source.All() {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, o)
	}
	set := source.Header().Settings
	first, last := all[0], all[len(all)-1]
	var lived []second
	var k heard
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		m := live.New(set, func() (time.Time, time.Duration) {
			d := time.Since(begin)
			return first.Time.Add(d), first.Mono + d
		})
		m.Listen(&k)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- m.Run(ctx, all) }()
		for d := time.Second; d < last.Mono-first.Mono; d += time.Second {
			at := all.quiet(first.Mono + d)
			time.Sleep(time.Until(begin.Add(at - first.Mono)))
			s := m.Snapshot()
			h := s.Health
			h.Text = "" // It counts up, and is written anew.
			lived = append(lived, second{at, shown(s), h})
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	healths := map[string]bool{}
	for _, s := range lived {
		healths[s.shown] = true
	}
	if len(lived) < 600 || len(healths) < 40 {
		t.Fatalf("%d seconds with %d different headers: too little to compare", len(lived), len(healths))
	}
	store := session.NewStore(t.TempDir())
	whole := write(t, store, source.Header(), k.observations)
	compare(t, "the recording", whole, lived)
	compareView(t, whole, lived)
	cut := filepath.Join(t.TempDir(), "cut"+session.Suffix)
	if _, err := store.Save(t.Context(), cut, 8*time.Minute); err != nil {
		t.Fatal(err)
	}
	r, err := session.Open(cut)
	if err != nil {
		t.Fatal(err)
	}
	from, _ := r.Bounds()
	r.Close()
	// The numbers of incidents are those since the cut, and what probes found before
	// it is forgotten half a minute later.
	part := slices.Clone(lived[slices.IndexFunc(lived, func(s second) bool { return s.mono > from+90*time.Second }):])
	if len(part) < 300 {
		t.Fatalf("%d seconds were cut out", len(part))
	}
	compare(t, "the cut", cut, part)
}

// write writes a recording into a store, and returns its name.
func write(t *testing.T, store *session.Store, h session.Header, all []fact.Observation) string {
	t.Helper()
	w, err := store.Create(all[0].Time, all[0].Mono, h, nil)
	if err != nil {
		t.Fatal(err)
	}
	rotated := all[0].Mono
	for i := range all {
		o := &all[i]
		if o.Mono-rotated >= time.Minute {
			rotated = o.Mono
			if err := w.Rotate(o.Time, o.Mono); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Append(o); err != nil {
			t.Fatal(err)
		}
	}
	end := all[len(all)-1]
	if err := w.Close(end.Time, end.Mono, "stop"); err != nil {
		t.Fatal(err)
	}
	list, err := store.List()
	if err != nil || len(list) != 1 {
		t.Fatalf("%v: %v", list, err)
	}
	return list[0].Name
}

// compare folds a recording as far as each second, all of it at once and now and then
// from its beginning, as "replay --at" does.
func compare(t *testing.T, what, name string, lived []second) {
	t.Helper()
	r, err := session.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	differ := 0
	check := func(s second, got string) {
		if got != s.shown {
			if differ++; differ <= 5 {
				t.Errorf("%s at %v:\nlive   %s\nreplay %s", what, s.mono, s.shown, got)
			}
		}
	}
	d := fold.NewDriver(r.Header().Settings)
	next := 0
	for o, err := range r.All() {
		if err != nil {
			t.Fatal(err)
		}
		for ; next < len(lived) && lived[next].mono < o.Mono; next++ {
			d.Finish(lived[next].mono)
			check(lived[next], shown(d.Snapshot()))
		}
		d.Observe(o)
	}
	for i := 0; i < len(lived); i += 97 {
		d := fold.NewDriver(r.Header().Settings)
		if err := Fold(t.Context(), r, d, lived[i].mono); err != nil {
			t.Fatal(err)
		}
		check(lived[i], shown(d.Snapshot()))
	}
	if differ > 0 {
		t.Errorf("%s: %d of %d seconds differ", what, differ, len(lived))
	}
}

// compareView compares the health that the screen of a replay shows at each second,
// which is that of the moment before.
func compareView(t *testing.T, name string, lived []second) {
	t.Helper()
	r, err := session.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	from, to := r.Bounds()
	set := r.Header().Settings
	past := timeline.NewTimeline(Limits(set, to-from))
	d := fold.NewDriver(set, past)
	if err := Fold(t.Context(), r, d, to); err != nil {
		t.Fatal(err)
	}
	past.Snapshot(d.Snapshot())
	view, differ := past.View(), 0
	for _, s := range lived {
		m := view.At(s.mono)
		if m.Snapshot == nil {
			t.Fatalf("no moment at %v", s.mono)
		}
		got := m.Snapshot.Health
		if got.Text = ""; got != s.health {
			if differ++; differ <= 5 {
				t.Errorf("the screen at %v:\nlive   %+v\nreplay %+v", s.mono, s.health, got)
			}
		}
	}
	if differ > 0 {
		t.Errorf("the screen: %d of %d seconds differ", differ, len(lived))
	}
}
