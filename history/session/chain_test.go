package session

import (
	"errors"
	"io/fs"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"flapscope/history/timeline"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
	"flapscope/monitor/state"
)

// writeRun writes observations to n recordings that go on from each other.
func writeRun(t *testing.T, obs []fact.Observation, n int) []string {
	t.Helper()
	dir := t.TempDir()
	last := state.NewState()
	h := testHeader()
	h.Host.BootID = "one"
	var names []string
	at, mono := epoch, boot
	for i := range n {
		part := obs[i*len(obs)/n : (i+1)*len(obs)/n]
		name := filepath.Join(dir, string(rune('a'+i))+Suffix)
		var rows []fact.Observation
		if i > 0 {
			rows = Rows(last)
		}
		w, err := Create(name, at, mono, h, rows)
		if err != nil {
			t.Fatal(err)
		}
		writeAll(t, w, part)
		for _, o := range part {
			last.Apply(o)
		}
		at, mono = part[len(part)-1].Time, part[len(part)-1].Mono
		if err := w.Close(at, mono, "rotated"); err != nil {
			t.Fatal(err)
		}
		h.Continues = w.id
		names = append(names, name)
	}
	return names
}

// TestChainIsExact folds recordings that go on from each other as one.
func TestChainIsExact(t *testing.T) {
	obs := newStorm(51).run(9000)
	names := writeRun(t, obs, 3)
	slices.Reverse(names)
	c, err := OpenChain(names)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if len(c.Runs) != 1 || len(c.Runs[0].Links) != 3 || c.Runs[0].Shift != 0 {
		t.Fatalf("runs: %+v", c.Runs)
	}
	var got []fact.Observation
	for o, err := range c.Runs[0].All() {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, o.Observation)
	}
	end := obs[len(obs)-1].Mono
	if from, to := c.Bounds(); from != boot || to != end {
		t.Errorf("bounds %v to %v, want %v to %v", from, to, boot, end)
	}
	if diff := cmp.Diff(foldAll(obs, end), foldAll(got, end)); diff != "" {
		t.Fatalf("(-live +replayed)\n%s", diff)
	}
}

// TestChainOfOneInstant reads what was observed at the instant at which the next
// recording begins in both, once each, whether that has a warm-up or not.
func TestChainOfOneInstant(t *testing.T) {
	mark := func(text string, after time.Duration) fact.Observation {
		return fact.Observation{Time: epoch.Add(after), Mono: boot + after, Op: fact.Put, Fact: &fact.Mark{Text: fact.Untrusted(text)}}
	}
	link := fact.Observation{Time: epoch, Mono: boot, Op: fact.Put, Fact: &fact.Link{Index: 2, Name: "eth0"}}
	obs := []fact.Observation{link, mark("a", time.Second), mark("b", 2*time.Second), mark("c", 2*time.Second), mark("d", 3*time.Second), mark("e", 4*time.Second)}
	plain := writeRun(t, obs, 2)
	warm := writeRun(t, obs[:3], 1)
	full, err := Open(warm[0])
	if err != nil {
		t.Fatal(err)
	}
	defer full.Close()
	last := state.NewState()
	for _, o := range obs[:3] {
		last.Apply(o)
	}
	h := testHeader()
	h.Host.BootID, h.Continues, h.Begins = "one", full.header.ID, last.Mono
	warm = append(warm, filepath.Join(t.TempDir(), "b"+Suffix))
	w, err := Create(warm[1], epoch.Add(time.Second), boot+time.Second, h, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.warm(full.Range(boot+time.Second, last.Mono+1), last); err != nil {
		t.Fatal(err)
	}
	writeAll(t, w, obs[3:])
	if err := w.Close(obs[5].Time, obs[5].Mono, "stop"); err != nil {
		t.Fatal(err)
	}
	for _, names := range [][]string{plain, warm} {
		c, err := OpenChain(names)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if len(c.Runs) != 1 || len(c.Runs[0].Links) != 2 {
			t.Fatalf("runs: %+v", c.Runs)
		}
		got := ""
		for o, err := range c.Runs[0].All() {
			if err != nil {
				t.Fatal(err)
			}
			if m, ok := o.Fact.(*fact.Mark); ok {
				got += string(m.Text)
			}
		}
		if got != "abcde" {
			t.Errorf("%d recordings have the marks %q, want abcde", len(names), got)
		}
	}
}

// TestChainOfBoots joins recordings of two boots by the wall clock.
func TestChainOfBoots(t *testing.T) {
	obs := newStorm(52).run(2000)
	first := write(t, obs)
	end := obs[len(obs)-1]
	h := testHeader()
	h.Host.BootID = "two"
	name := filepath.Join(t.TempDir(), "later"+Suffix)
	const pause, since = 5 * time.Hour, 20 * time.Second
	w, err := Create(name, end.Time.Add(pause), since, h, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Append(&fact.Observation{Time: end.Time.Add(pause + time.Minute), Mono: since + time.Minute, Op: fact.Put, Fact: &fact.Mark{}}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(end.Time.Add(pause+time.Minute), since+time.Minute, "stop"); err != nil {
		t.Fatal(err)
	}
	c, err := OpenChain([]string{name, first})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	// To within how much the storm's clock was slewed.
	near := func(a, b time.Duration) bool { return (a - b).Abs() < time.Millisecond }
	if len(c.Runs) != 2 || c.Runs[0].Shift != 0 || !near(c.Runs[1].Shift, end.Mono+pause-since) {
		t.Fatalf("runs: %+v, %+v", c.Runs[0], c.Runs[1])
	}
	if _, to := c.Bounds(); !near(to, end.Mono+pause+time.Minute) {
		t.Errorf("end %v", to)
	}
	for _, back := range []time.Duration{0, 30 * time.Second, pause + 2*time.Minute} {
		at := end.Mono + pause + time.Minute - back
		if got := c.Mono(c.Wall(at)); !near(got, at) {
			t.Errorf("Mono(Wall(%v)) = %v", at, got)
		}
	}
}

// TestChainOfTwoProcesses leaves out what another recording says too.
func TestChainOfTwoProcesses(t *testing.T) {
	obs := newStorm(53).run(3000)
	all, inside := writeRun(t, obs, 1)[0], writeRun(t, obs[:1500], 1)[0]
	c, err := OpenChain([]string{all, inside})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if len(c.Runs) != 1 || c.Runs[0].Links[0].Name != all {
		t.Errorf("runs: %+v", c.Runs)
	}
}

// TestChainLeavesOutWhatIsNone opens what can be opened, and reports the rest.
func TestChainLeavesOutWhatIsNone(t *testing.T) {
	good := write(t, newStorm(54).run(500))
	bad := filepath.Join(t.TempDir(), "none")
	c, err := OpenChain([]string{bad, good})
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
	if len(c.LeftOut) != 1 || !errors.Is(c.LeftOut[0], fs.ErrNotExist) {
		t.Errorf("left out: got %v, want the one that does not exist", c.LeftOut)
	}
	if _, err := OpenChain([]string{bad}); err == nil {
		t.Error("no error")
	}
	if _, err := NewStore(t.TempDir()).Open(); err == nil {
		t.Error("no error for an empty store")
	}
}

// TestJoined cuts a timeline into parts, some of them moved to another axis,
// and compares every answer with that of the whole.
func TestJoined(t *testing.T) {
	s := newStorm(55)
	s.pace = 500 * time.Millisecond
	obs := s.run(8000)
	set := path.DefaultSettings()
	tl := timeline.NewTimeline(timeline.DefaultLimits())
	d := fold.NewDriver(set, tl)
	for _, o := range obs {
		d.Observe(o)
	}
	tl.Snapshot(d.Snapshot())
	v := tl.View()
	rng := rand.New(rand.NewPCG(56, 57))
	for range 20 {
		checkJoined(t, v, join(v, rng, 0), rng, 0)
		checkJoined(t, v, join(v, rng, 7*time.Hour), rng, 7*time.Hour)
	}
}

// join cuts a view into parts and moves it.
func join(v *timeline.View, rng *rand.Rand, shift time.Duration) *timeline.Joined {
	b := v.Bounds()
	cuts := []time.Duration{b.From, b.To}
	for range rng.IntN(5) {
		cuts = append(cuts, b.From+time.Duration(rng.Int64N(int64(b.To-b.From))))
	}
	slices.Sort(cuts)
	var parts []timeline.Part
	for i, from := range cuts[:len(cuts)-1] {
		parts = append(parts, timeline.Part{
			Span: timeline.Span{From: from + shift, To: cuts[i+1] + shift}, Shift: shift, Wall: v.Clock(from), View: v, Exact: true,
		})
	}
	return timeline.Join(parts, path.DefaultSettings())
}

func checkJoined(t *testing.T, v *timeline.View, j *timeline.Joined, rng *rand.Rand, shift time.Duration) {
	t.Helper()
	b := v.Bounds()
	from := b.From + time.Duration(rng.Int64N(int64(b.To-b.From)))
	span := timeline.Span{From: from, To: from + 1 + time.Duration(rng.Int64N(int64(b.To-b.From)))}
	moved := timeline.Span{From: span.From + shift, To: span.To + shift}
	n := 1 + rng.IntN(200)
	same := func(what string, want, got any, opts ...cmp.Option) {
		t.Helper()
		if diff := cmp.Diff(want, got, append(opts, cmpopts.EquateEmpty())...); diff != "" {
			t.Fatalf("%s of %v (-whole +joined)\n%s", what, span, diff)
		}
	}
	same("bounds", timeline.Span{From: b.From + shift, To: b.To + shift}, j.Bounds())
	same("clock", v.Clock(from), j.Clock(from+shift))
	for _, scope := range v.Scopes() {
		same("strip", v.Strip(scope, span, n), j.Strip(scope, moved, n))
		segments := j.Segments(scope, moved, 0)
		for i := range segments {
			segments[i].From, segments[i].To = segments[i].From-shift, segments[i].To-shift
		}
		same("segments of "+string(scope), v.Segments(scope, span, 0), segments)
	}
	same("lanes", v.Lanes(span), j.Lanes(moved))
	same("targets", v.Targets(span), j.Targets(moved), cmpopts.IgnoreUnexported(fact.Target{}), cmp.Comparer(func(a, b *fact.Target) bool { return a == b }))
	for _, target := range v.Targets(span) {
		// Of a block that is cut in two the median is that of its halves.
		same("latency", v.Latency(target.ID, span, n), j.Latency(target.ID, moved, n), cmpopts.IgnoreFields(timeline.Bucket{}, "Median"))
		// Results come in another order than what they are of was sent, so that a
		// cut parts some pairs of answers and joins others.
		want, got := v.Stats(target.ID, span), j.Stats(target.ID, moved)
		if far := (got.Jitter - want.Jitter).Abs(); far <= want.Jitter/5 {
			got.Jitter = want.Jitter
		}
		same("stats", want, got)
	}
	same("settings", v.Settings(), j.Settings())
	same("count", v.Count(span), j.Count(moved))
	same("marks", v.Marks(span, n), j.Marks(moved, n))
	items := j.Items(moved, n)
	for i := range items {
		items[i].Mono -= shift
	}
	same("items", v.Items(span, n), items, cmpopts.IgnoreFields(timeline.Item{}, "Seq"))
	for _, forward := range []bool{false, true} {
		want, ok := v.Nearest(from, forward, timeline.LevelDegraded)
		got, found := j.Nearest(from+shift, forward, timeline.LevelDegraded)
		got.Mono -= shift
		if ok != found || ok && want.Text != got.Text || ok && want.Mono != got.Mono {
			t.Fatalf("nearest to %v: %v %v, want %v %v", from, got, found, want, ok)
		}
	}
	at, moment := v.At(from).Snapshot, j.At(from+shift).Snapshot
	if (at == nil) != (moment == nil) || at != nil && (at.Raw != moment.Raw || at.Since+shift != moment.Since) {
		t.Fatalf("at %v: %+v, want %+v", from, moment, at)
	}
}
