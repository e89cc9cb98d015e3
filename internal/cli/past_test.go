package cli

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"flapscope/history/session"
	"flapscope/internal/config"
	"flapscope/monitor"
)

// TestPast tells the newest episodes of a recording without folding it, as a
// fold of it finds them.
func TestPast(t *testing.T) {
	name := recorded(t)
	app := &App{Version: "test", Env: func(string) string { return "" }}
	set := config.Default()
	set.History.Dir = filepath.Dir(name)
	current, last := app.past(set, 3)

	r, err := session.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	_, end := r.Bounds()
	var want []*monitor.Episode
	_, err = refold(r, r.Header().Settings, end, func(monitor.Observation, *monitor.State) {}, func(e monitor.Event, _ *monitor.Fold) {
		if e.Episode != nil && !e.Episode.Open {
			want = append(want, e.Episode)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(want) < 4 {
		t.Fatalf("%d episodes: this shows nothing", len(want))
	}
	if current != nil {
		t.Errorf("%+v goes on in a recording that ended", current)
	}
	if diff := cmp.Diff(want[len(want)-3:], last); diff != "" {
		t.Errorf("(-folded +told)\n%s", diff)
	}
}
