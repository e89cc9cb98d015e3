package cli

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"flapscope/history/session"
	"flapscope/internal/config"
	"flapscope/internal/replay"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
)

// TestPast finds the newest episodes of a recording without folding it, as a
// fold of it finds them.
func TestPast(t *testing.T) {
	name := recorded(t)
	app := &App{Version: "test", Env: func(string) string { return "" }}
	set := config.Default()
	set.History.Dir = filepath.Dir(name)
	open, last := app.past(set)

	r, err := session.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	_, end := r.Bounds()
	var ended endedEpisodes
	if err := replay.Fold(t.Context(), r, fold.NewDriver(r.Header().Settings, &ended), end); err != nil {
		t.Fatal(err)
	}
	var want []*fold.Episode
	for i := range ended {
		want = append(want, &ended[i])
	}
	if len(want) < 4 {
		t.Fatalf("%d episodes: this shows nothing", len(want))
	}
	if len(open) != 0 {
		t.Errorf("%+v goes on in a recording that ended", open)
	}
	if diff := cmp.Diff(want[len(want)-3:], last); diff != "" {
		t.Errorf("(-folded +told)\n%s", diff)
	}
}

// TestPastOfFlapping reports flapping that goes on, with the losses until now.
func TestPastOfFlapping(t *testing.T) {
	const boot = 100 * time.Hour
	at, set := time.Date(2026, 11, 20, 14, 0, 0, 0, time.UTC), path.DefaultSettings()
	name := filepath.Join(t.TempDir(), "a"+session.Suffix)
	w, err := session.Create(name, at, boot, session.Header{Settings: set}, nil)
	if err != nil {
		t.Fatal(err)
	}
	live := fold.NewFold(set, func(e fold.Event) { w.AppendEvent(&e) })
	for second := range 61 {
		for _, f := range wired(second%2 == 0) {
			since := time.Duration(second) * time.Second
			o := fact.Observation{Time: at.Add(since), Mono: boot + since, Op: fact.Put, Fact: f}
			live.Advance(o.Mono)
			if err := w.Append(&o); err != nil {
				t.Fatal(err)
			}
			live.Observe(o)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	defer w.Abandon()
	config := config.Default()
	config.History.Dir = filepath.Dir(name)
	open, _ := (&App{Env: func(string) string { return "" }}).past(config)
	view := &statusView{Snapshot: &fold.Snapshot{Raw: &path.Path{Status: path.Satisfied}}, open: open}
	if f := flapping(open); f == nil || f.RawFlaps != 30 {
		t.Fatalf("flapping: %+v, want 30 losses", f)
	}
	var b strings.Builder
	if err := printStatus(&b, view, paint{}); err != nil {
		t.Fatal(err)
	}
	if first, _, _ := strings.Cut(b.String(), "\n"); !strings.Contains(first, "FLAPPING  30 losses in ") {
		t.Errorf("the first line is %q", first)
	}
	if d := describeStatus(view, "", ""); !d.Flapping || d.Episode == nil {
		t.Errorf("flapping %v, episode %+v", d.Flapping, d.Episode)
	}
}
