package ui

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/vt"

	"flapscope/history/session"
	"flapscope/history/timeline"
	"flapscope/internal/hostile"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
)

// A folded recording is a feed.
type folded struct {
	view *timeline.View
	snap *fold.Snapshot
}

// Now implements Feed.
func (f folded) Now() (time.Time, time.Duration) { return f.snap.Time, f.snap.Mono }

// Snapshot implements Feed.
func (f folded) Snapshot() *fold.Snapshot { return f.snap }

// Timeline implements Feed.
func (f folded) Timeline() Timeline { return f.view }

// foldFile folds a recording, or returns false where there is nothing in it.
func foldFile(t *testing.T, name string) (feed folded, ok bool) {
	t.Helper()
	r, err := session.Open(name)
	if err != nil {
		return feed, false
	}
	defer r.Close()
	limits := timeline.DefaultLimits()
	limits.Settings = path.DefaultSettings()
	past := timeline.NewTimeline(limits)
	d := fold.NewDriver(limits.Settings, past)
	for o, err := range r.All() {
		if err != nil {
			return feed, false
		}
		d.Observe(o)
	}
	feed.snap = d.Snapshot()
	past.Snapshot(feed.snap)
	feed.view = past.View()
	return feed, feed.snap.Raw != nil
}

var anyStyle = regexp.MustCompile("\x1b\\[[0-9;:]*m")

// TestHostileScreen shows recordings that hold, in every field, text that does
// something to a terminal: nothing but the screen's own styles is written, and
// a terminal shows the very rows that were drawn.
func TestHostileScreen(t *testing.T) {
	lines, err := hostile.Lines(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	fields, err := hostile.Fields(lines, hostile.Text)
	if err != nil {
		t.Fatal(err)
	}
	fields = slices.DeleteFunc(fields, hostile.Structural)
	name := filepath.Join(t.TempDir(), "a"+session.Suffix)
	shown := 0
	for _, p := range append(slices.Clone(hostile.Payloads), hostile.Together) {
		planted, err := hostile.Plant(lines, p, fields...)
		if err == nil {
			err = hostile.Write(name, planted)
		}
		if err != nil {
			t.Fatal(err)
		}
		feed, ok := foldFile(t, name)
		if !ok {
			t.Errorf("%s: nothing to show", p.Name)
			continue
		}
		o := Options{Replay: true, Recording: func() Recording { return Recording{File: p.Text, Err: p.Text} }}
		for _, size := range [][2]int{{40, 12}, {80, 24}, {200, 60}} {
			m := start(feed, o, size[0], size[1])
			for _, key := range []string{"i", "d", "enter", "tab", "down", "down", "enter", "esc", "tab", "enter", "esc", "?", "esc", "b", "b", "P", "n", "+", "+", "home", "end", "1", "2", "3", "4", "T"} {
				press(t, m, key)
				// The screen's own blanks in colour, see package grid.
				drawn := strings.ReplaceAll(onScreen(m), "\u00a0", " ")
				if strings.Contains(drawn, hostile.Token) {
					shown++
				}
				if trouble := hostile.Trouble(anyStyle.ReplaceAllString(drawn, "")); trouble != "" {
					t.Errorf("%s at %dx%d after %s: %s", p.Name, size[0], size[1], key, trouble)
				}
				if !sameRows(drawn, size[0], size[1]) {
					t.Errorf("%s at %dx%d after %s: a terminal shows other rows", p.Name, size[0], size[1], key)
				}
			}
		}
	}
	if shown < 200 {
		t.Errorf("what was planted was seen %d times only: this shows nothing", shown)
	}
}

// sameRows reports whether a terminal shows what was drawn row by row.
func sameRows(drawn string, w, h int) bool {
	screen := vt.NewEmulator(w, h)
	defer screen.Close()
	if _, err := screen.Write([]byte(strings.ReplaceAll(drawn, "\n", "\r\n"))); err != nil {
		return false
	}
	want := strings.Split(anyStyle.ReplaceAllString(drawn, ""), "\n")
	for y, row := range strings.Split(screen.String(), "\n") {
		if y < len(want) && strings.TrimRight(row, " ") != strings.TrimRight(want[y], " ") {
			return false
		}
	}
	return len(want) <= h
}
