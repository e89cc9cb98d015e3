package cli

import (
	"net/netip"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"flapscope/history/session"
	"flapscope/history/timeline"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
)

// recorded writes three hours and a half of a link that fails every twenty
// minutes, with rollups, and returns the name of the recording.
func recorded(t *testing.T) string {
	t.Helper()
	const boot = 100 * time.Hour
	at, mono := time.Date(2026, 11, 20, 14, 0, 0, 0, time.UTC), boot
	set := path.DefaultSettings()
	name := filepath.Join(t.TempDir(), "a"+session.Suffix)
	w, err := session.Create(name, at, mono, session.Header{Settings: set}, nil)
	if err != nil {
		t.Fatal(err)
	}
	tl := timeline.NewTimeline(timeline.SumLimits(set))
	var live *fold.Fold
	live = fold.NewFold(set, func(e fold.Event) {
		tl.Event(e, live.Snapshot())
		w.AppendEvent(&e)
	})
	rolled := mono
	observe := func(f fact.Fact) {
		o := fact.Observation{Time: at, Mono: mono, Op: fact.Put, Fact: f}
		live.Advance(mono)
		tl.Observed(o, live.State())
		if err := w.Append(&o); err != nil {
			t.Fatal(err)
		}
		live.Observe(o)
	}
	observe(&fact.Target{ID: "ping:192.0.2.1", Name: "gateway", Method: fact.MethodPing, Role: fact.RoleGateway, Family: fact.IPv4})
	for second := range 12_600 {
		at, mono = at.Add(time.Second), mono+time.Second
		if second%600 == 0 {
			for _, f := range wired(second%1200 == 0) {
				observe(f)
			}
		}
		observe(&fact.ProbeResult{Target: "ping:192.0.2.1", Outcome: fact.OutcomeOK, Sent: mono - time.Millisecond, RTT: time.Duration(second%900) * time.Microsecond})
		if mono-rolled >= time.Hour {
			if err := w.AppendRollup(at, mono, tl.View().Rollup(timeline.Span{From: rolled, To: mono})); err != nil {
				t.Fatal(err)
			}
			rolled = mono
		}
	}
	if err := w.Close(at, mono, "stop"); err != nil {
		t.Fatal(err)
	}
	return name
}

// wired is a machine with one interface.
func wired(up bool) []fact.Fact {
	link := fact.Link{Index: 2, Name: "eth0", Type: fact.TypeWired, Flags: fact.FlagUp, OperState: fact.OperDown, MTU: 1500}
	lookup := fact.Lookup{Question: fact.Question{Family: fact.IPv4, Dst: fact.Destinations(fact.IPv4)[0]}, Err: "ENETUNREACH"}
	if up {
		link.Flags, link.OperState = link.Flags|fact.FlagLowerUp, fact.OperUp
		lookup.Err, lookup.Type, lookup.Table, lookup.Index = "", fact.RouteUnicast, 254, 2
		lookup.Gateway, lookup.Source = netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.7")
	}
	return []fact.Fact{
		&link, &fact.Address{Index: 2, Local: netip.MustParseAddr("192.0.2.7"), PrefixLen: 24},
		&lookup, &fact.Sync{Source: "kernel"},
	}
}

// newReading returns a reading of all of some recordings.
func newReading(t *testing.T, names ...string) *reading {
	t.Helper()
	c, err := session.OpenChain(names)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	r := &reading{chain: c, settings: func(k *session.Run) (path.Settings, bool, error) { return k.Settings(), false, nil }}
	r.span.From, r.span.To = c.Bounds()
	return r
}

// TestReadingBeginsWithAnOverview shows what the rollups know, and nothing
// else.
func TestReadingBeginsWithAnOverview(t *testing.T) {
	name := recorded(t)
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
	if err := r.load(nil); err != nil {
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
	name := recorded(t)
	r := newReading(t, name)
	if err := r.load(nil); err != nil {
		t.Fatal(err)
	}
	app := &App{Version: "test", Env: func(string) string { return "" }}
	app.Command() // registers the flags that say "what if"
	rec, err := app.loadRecording(t.Context(), name, r.span)
	if err != nil {
		t.Fatal(err)
	}
	got, want := r.shown.Load(), rec.view
	if !got.finished || r.recording().Reading {
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

// TestReadingStops gives up as soon as nobody looks any more.
func TestReadingStops(t *testing.T) {
	r := newReading(t, recorded(t))
	stop := make(chan struct{})
	close(stop)
	if err := r.load(stop); err != nil {
		t.Fatal(err)
	}
}

// TestReadingWhatIf shows no sums that other settings would change.
func TestReadingWhatIf(t *testing.T) {
	r := newReading(t, recorded(t))
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
