package session

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"flapscope/history/timeline"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
)

// TestOverviewHasIncidents compares the incidents that rollups and the end of a
// recording show with those that were told when it was recorded.
func TestOverviewHasIncidents(t *testing.T) {
	s := newStorm(34)
	s.pace = 3 * time.Second
	obs := s.run(6000)
	name := filepath.Join(t.TempDir(), "a"+Suffix)
	w := newRewriter(create(t, name), path.DefaultSettings(), nil)
	want := &fold.IncidentList{}
	w.driver.Listen(want)
	for _, o := range obs {
		if err := w.append(o); err != nil {
			t.Fatal(err)
		}
	}
	last := obs[len(obs)-1]
	if err := w.w.Close(last.Time, last.Mono, "stop"); err != nil {
		t.Fatal(err)
	}
	r, err := Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	tl := timeline.NewTimeline(timeline.DefaultLimits())
	known := r.Overview(tl)
	early := len(tl.View().Incidents(timeline.Span{From: boot, To: known}, known))
	if err := r.Tail(tl, known); err != nil {
		t.Fatal(err)
	}
	got := tl.View().Incidents(timeline.Span{From: boot, To: last.Mono + 1}, last.Mono)
	ids := func(list []*fold.Incident) (out []int) {
		for _, i := range list {
			out = append(out, i.ID)
		}
		return out
	}
	var told []*fold.Incident
	for _, e := range want.Events(fact.Instant{Time: last.Time, Mono: last.Mono}) {
		told = append(told, e.Incident)
	}
	if diff := cmp.Diff(ids(told), ids(got)); diff != "" {
		t.Errorf("(-told +shown)\n%s", diff)
	}
	if early < 5 || len(got) <= early {
		t.Errorf("%d incidents in the rollups, %d in all: this shows nothing", early, len(got))
	}
}
