package session

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"flapscope/monitor/fold"
	"flapscope/monitor/path"
)

// checkEpisodes compares what a recording reports its episodes, without being
// folded again, with the lines of the events that it holds.
func checkEpisodes(t *testing.T, r *Reader, events []string) {
	t.Helper()
	var want rolledEpisodes
	last := map[int]*fold.Episode{}
	for _, line := range events {
		var l struct {
			Episode *fold.Episode `json:"episode"`
		}
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatal(err)
		}
		if l.Episode != nil {
			want.note(l.Episode)
			last[l.Episode.ID] = l.Episode
		}
	}
	want.Episodes = slices.DeleteFunc(want.Episodes, func(e EpisodeSummary) bool { return r.over(e.To) })
	var got rolledEpisodes
	got.Episodes, got.Open = r.Episodes()
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(rolledEpisodes{}), cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("episodes (-told +listed)\n%s", diff)
	}
	for _, k := range last {
		if diff := cmp.Diff(k, r.Episode(summarize(k))); diff != "" {
			t.Fatalf("episode %d (-told +found)\n%s", k.ID, diff)
		}
	}
}

// TestEpisodes asks a recording for its episodes while it is being written.
func TestEpisodes(t *testing.T) {
	s := newStorm(33)
	s.pace = 3 * time.Second
	obs := s.run(6000)
	name := filepath.Join(t.TempDir(), "a"+Suffix)
	w := newRewriter(create(t, name), path.DefaultSettings(), nil)
	rollups, open := 0, 0
	for i, o := range obs {
		if err := w.append(o); err != nil {
			t.Fatal(err)
		}
		if i%499 != 498 {
			continue
		}
		if err := w.w.Flush(); err != nil {
			t.Fatal(err)
		}
		r, err := Open(name)
		if err != nil {
			t.Fatal(err)
		}
		checkEpisodes(t, r, foldAll(obs[:i+1], o.Mono))
		sums := sumsOf(r)
		_, going := r.Episodes()
		rollups, open = max(rollups, len(sums)), open+len(going)
		r.Close()
	}
	if rollups < 2 || open == 0 {
		t.Errorf("%d rollups, %d open episodes: this shows nothing", rollups, open)
	}
}

// TestEpisodesOfWeeks: a rollup lists a thousand episodes at most, and all of
// them together as many as there are.
func TestEpisodesOfWeeks(t *testing.T) {
	list := strings.TrimSuffix(strings.Repeat(`{"what":"outage","scope":"machine"},`, maxEpisodes), ",")
	var lines []string
	for i := range 2 {
		at := time.Duration(i) * rollupFor
		lines = append(lines, lineAt(at, kindRollup, fmt.Sprintf(`{"from_ns":%d,"to_ns":%d,"step_ns":60000000000,"episodes":[%s]}`, boot+at, boot+at+rollupFor, list)))
	}
	lines = append(lines, lineAt(2*rollupFor, kindMember, `{"number":3}`), lineAt(2*rollupFor, "episode", `{"what":"flapping","scope":"machine"}`))
	r, err := plainFile(t, lines...)
	if err != nil {
		t.Fatal(err)
	}
	closed, _ := r.Episodes()
	if n := len(closed); n != 2*maxEpisodes+1 || closed[n-1].What != "flapping" {
		t.Errorf("%d episodes, want %d, the newest last", n, 2*maxEpisodes+1)
	}
}
