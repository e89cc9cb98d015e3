package replay

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"flapscope/history/session"
	"flapscope/history/timeline"
	"flapscope/internal/replay/replaytest"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
)

// newReading returns a reading of all of some recordings.
func newReading(t *testing.T, names ...string) *Reading {
	t.Helper()
	c, err := session.OpenChain(names)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	r := &Reading{chain: c, settings: func(k *session.Run) (path.Settings, bool, error) { return k.Settings(), false, nil }}
	r.span.From, r.span.To = c.Bounds()
	return r
}

// TestReadingBeginsWithAnOverview shows what the rollups know, and nothing
// else.
func TestReadingBeginsWithAnOverview(t *testing.T) {
	name := replaytest.Recorded(t)
	r := newReading(t, name)
	if err := r.prepare(); err != nil {
		t.Fatal(err)
	}
	if err := r.overview(); err != nil {
		t.Fatal(err)
	}
	r.publish()
	early := r.shown.Load().joined
	r = newReading(t, name)
	if err := r.Load(nil); err != nil {
		t.Fatal(err)
	}
	exact := r.shown.Load().joined
	b := exact.Bounds()
	if early.Bounds() != b {
		t.Errorf("bounds %v, then %v", early.Bounds(), b)
	}
	span := timeline.Span{From: b.From, To: b.From + 3*time.Hour}
	if early.Exact(timeline.Span{From: b.From, To: b.From + 1}) || early.Exact(timeline.Span{From: b.To, To: b.To + 1}) || !exact.Exact(b) {
		t.Error("the overview is exact, or what was read is not")
	}
	if diff := cmp.Diff(exact.Strip(path.ScopeMachine, span, 180), early.Strip(path.ScopeMachine, span, 180)); diff != "" {
		t.Errorf("machine (-exact +overview)\n%s", diff)
	}
	for _, l := range early.Strip(path.ScopeMachine, timeline.Span{From: span.To + time.Minute, To: b.To}, 10) {
		if l != timeline.LevelNone {
			t.Errorf("after the newest rollup the level is %v, want none", l)
		}
	}
	if diff := cmp.Diff(exact.Latency("ping:192.0.2.1", span, 30), early.Latency("ping:192.0.2.1", span, 30), cmpopts.IgnoreFields(timeline.Bucket{}, "Median")); diff != "" {
		t.Errorf("latency (-exact +overview)\n%s", diff)
	}
	for _, i := range early.Items(span, 100) {
		if i.Kind != "episode" {
			t.Errorf("item %+v", i)
		}
	}
	if early.Count(span) == 0 || exact.Count(span) <= early.Count(span) {
		t.Errorf("%d items, then %d", early.Count(span), exact.Count(span))
	}
	if early.At(b.To).Snapshot != nil || exact.At(b.To).Snapshot == nil || r.Snapshot() == nil {
		t.Error("a snapshot of what was not read, or none of what was")
	}
}

// TestReadingEndsExact compares what a replay ends with with what one fold of
// all finds.
func TestReadingEndsExact(t *testing.T) {
	name := replaytest.Recorded(t)
	r := newReading(t, name)
	if err := r.Load(nil); err != nil {
		t.Fatal(err)
	}
	got, want := r.shown.Load(), folded(t, name, r.span)
	if !got.finished || r.Recording().Reading {
		t.Errorf("progress %v after all was read", got.progress)
	}
	all := timeline.Span{From: r.span.From, To: r.span.To + 1}
	if diff := cmp.Diff(want.Items(all, 1000), got.joined.Items(all, 1000), cmpopts.IgnoreFields(timeline.Item{}, "Seq")); diff != "" {
		t.Errorf("items (-fold +replay)\n%s", diff)
	}
	for _, s := range want.Scopes() {
		if diff := cmp.Diff(want.Segments(s, all, 0), got.joined.Segments(s, all, 0)); diff != "" {
			t.Errorf("%s (-fold +replay)\n%s", s, diff)
		}
	}
}

// folded is the view of one fold of a recording.
func folded(t *testing.T, name string, span timeline.Span) *timeline.View {
	t.Helper()
	file, err := session.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	set := file.Header().Settings
	tl := timeline.NewTimeline(Limits(set, span.To-span.From))
	d := fold.NewDriver(set, tl)
	if err := Fold(t.Context(), file, d, span.To); err != nil {
		t.Fatal(err)
	}
	tl.Snapshot(d.Snapshot())
	return tl.View()
}

// TestReadingStops gives up as soon as nobody looks any more.
func TestReadingStops(t *testing.T) {
	r := newReading(t, replaytest.Recorded(t))
	stop := make(chan struct{})
	close(stop)
	if err := r.Load(stop); err != nil {
		t.Fatal(err)
	}
}

// TestReadingWhatIf shows no sums that other settings would change.
func TestReadingWhatIf(t *testing.T) {
	r := newReading(t, replaytest.Recorded(t))
	r.settings = func(k *session.Run) (path.Settings, bool, error) {
		set := k.Settings()
		set.Interface = "wlan0"
		return set, true, nil
	}
	if err := r.prepare(); err != nil {
		t.Fatal(err)
	}
	if err := r.overview(); err != nil {
		t.Fatal(err)
	}
	r.publish()
	j := r.shown.Load().joined
	for _, l := range j.Strip(path.ScopeMachine, j.Bounds(), 100) {
		if l != timeline.LevelNone {
			t.Fatalf("level %v of other settings", l)
		}
	}
}
