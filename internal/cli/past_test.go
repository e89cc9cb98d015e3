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
	var ended endedEpisodes
	if err := refold(t.Context(), r, monitor.NewDriver(r.Header().Settings, &ended), end); err != nil {
		t.Fatal(err)
	}
	var want []*monitor.Episode
	for i := range ended {
		want = append(want, &ended[i])
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
