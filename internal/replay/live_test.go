package replay

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"flapscope/history/session"
	"flapscope/history/timeline"
	"flapscope/internal/replay/replaytest"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/live"
	"flapscope/monitor/state"
)

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
	var lived []replaytest.Second
	var watched replaytest.Watch
	var k heard
	ring := session.NewStore(t.TempDir())
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		clock := func() (time.Time, time.Duration) {
			d := time.Since(begin)
			return first.Time.Add(d), first.Mono + d
		}
		m := live.New(set, clock)
		recorder := ringOf(m, clock, ring, source.Header())
		m.Listen(&k, &watched, recorder)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 2)
		go func() { ended <- m.Run(ctx, all) }()
		go func() { ended <- recorder.Run(ctx) }()
		for d := time.Second; d < last.Mono-first.Mono; d += time.Second {
			at := all.quiet(first.Mono + d)
			time.Sleep(time.Until(begin.Add(at - first.Mono)))
			lived = append(lived, watched.Look(m, clock))
		}
		cancel()
		if err := errors.Join(<-ended, <-ended); err != nil {
			t.Error(err)
		}
	})
	healths := map[string]bool{}
	for _, s := range lived {
		healths[s.Header] = true
	}
	if len(lived) < 600 || len(healths) < 40 {
		t.Fatalf("%d seconds with %d different headers: too little to compare", len(lived), len(healths))
	}
	store := session.NewStore(t.TempDir())
	whole := write(t, store, source.Header(), nil, k.observations)
	replaytest.Compare(t, "the recording", whole, lived)
	compareAlone(t, whole, lived)
	replaytest.CompareCuts(t, whole, lived)
	compareRing(t, ring, lived)
	compareDamaged(t, whole, lived)
}

// ringOf returns a recorder of a monitor whose recordings are of four minutes.
func ringOf(m *live.Monitor, now live.Clock, store *session.Store, h session.Header) *session.Recorder {
	store.FileAge = 4 * time.Minute
	return session.NewRecorder(session.RecorderConfig{
		Create: func(t time.Time, mono time.Duration, rows []fact.Observation, known session.Header) (*session.Writer, error) {
			h.ID, h.Continues, h.Begins = "", known.Continues, known.Begins
			return store.Create(t, mono, h, rows)
		},
		Read: m.Read, Now: now, Full: store.Full,
	})
}

// compareRing compares a ring of recordings, all of them and what is left when the
// oldest are removed.
func compareRing(t *testing.T, store *session.Store, lived []replaytest.Second) {
	t.Helper()
	list, err := store.List()
	if err != nil || len(list) < 4 {
		t.Fatalf("%d recordings: %v", len(list), err)
	}
	var names []string
	for _, l := range list {
		names = append(names, l.Name)
	}
	for i := range names {
		replaytest.CompareRing(t, fmt.Sprintf("the ring without %d", i), names[i:], lived)
	}
}

// compareDamaged damages a recording in its middle. Where nothing is known nothing is
// claimed, and a minute later all is as it was.
func compareDamaged(t *testing.T, name string, lived []replaytest.Second) {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)/2] ^= 1
	damaged := filepath.Join(t.TempDir(), "damaged"+session.Suffix)
	if err := os.WriteFile(damaged, b, 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := session.Open(damaged)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	from, to := r.Bounds()
	past := timeline.NewTimeline(Limits(r.Header().Settings, to-from))
	d := fold.NewDriver(r.Header().Settings, past)
	if err := Fold(t.Context(), r, d, to); err != nil {
		t.Fatal(err)
	}
	past.Snapshot(d.Snapshot())
	view := past.View()
	var known []replaytest.Second
	unknown, last := 0, time.Duration(0)
	for _, s := range lived {
		if replaytest.Blind(view, s.At) {
			last = s.At
			if unknown++; view.At(s.At).Snapshot != nil {
				t.Fatalf("something is claimed at %v, where nothing is known", s.At)
			}
		} else if last == 0 || s.At > last+time.Minute {
			known = append(known, s)
		}
	}
	if unknown < 60 || len(known) < 600 {
		t.Fatalf("%d seconds are damaged, %d are not", unknown, len(known))
	}
	replaytest.CompareHealth(t, "the damaged recording", damaged, known)
}

// write writes a recording that begins with rows into a store, and returns its name.
func write(t *testing.T, store *session.Store, h session.Header, rows, all []fact.Observation) string {
	t.Helper()
	w, err := store.Create(all[0].Time, all[0].Mono, h, rows)
	if err != nil {
		t.Fatal(err)
	}
	d := fold.NewDriver(h.Settings, found{w})
	for _, o := range rows {
		d.Observe(o)
	}
	rotated := all[0].Mono
	for i := range all {
		o := &all[i]
		d.Advance(o.Mono)
		if o.Mono-rotated >= time.Minute {
			rotated = o.Mono
			if err := w.Rotate(o.Time, o.Mono); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Append(o); err != nil {
			t.Fatal(err)
		}
		d.Observe(*o)
	}
	end := all[len(all)-1]
	if err := w.Close(end.Time, end.Mono, "stop"); err != nil {
		t.Fatal(err)
	}
	return w.Name()
}

// found writes what a fold finds to a recording.
type found struct{ *session.Writer }

// Observed implements fold.Listener.
func (found) Observed(fact.Observation, *state.State) {}

// Happened implements fold.Listener.
func (f found) Happened(e fold.Event, _ func() *fold.Snapshot) { f.AppendEvent(&e) }

// compareAlone folds a recording from its beginning as far as a second, as "replay --at"
// does, for a few of them.
func compareAlone(t *testing.T, name string, lived []replaytest.Second) {
	t.Helper()
	r, err := session.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for i := 0; i < len(lived); i += 97 {
		d := fold.NewDriver(r.Header().Settings)
		if err := Fold(t.Context(), r, d, lived[i].At); err != nil {
			t.Fatal(err)
		}
		if got := replaytest.Header(d.Snapshot()); got != lived[i].Header {
			t.Errorf("alone at %v:\nlive   %s\nreplay %s", lived[i].At, lived[i].Header, got)
		}
	}
}
