package ui

import (
	"slices"
	"strings"
	"testing"
	"time"

	"flapscope/monitor/fold"
)

// TestBanner: a recording that is opened is summed up once, enter goes to the
// list, and any other key does what it always does.
func TestBanner(t *testing.T) {
	open := func() *model {
		m := start(sceneOf(t, "failover"), Options{Replay: true, Greet: true}, 120, 40)
		m.Update(tickMsg{})
		return m
	}
	m := open()
	screen := onScreen(m)
	for _, want := range []string{"incidents in", "longest", "in all", "enter list"} {
		if !strings.Contains(screen, want) {
			t.Errorf("no %q on\n%s", want, screen)
		}
	}
	press(t, m, "enter")
	if m.titles[m.current] != incidentsTitle || len(m.popups) > 0 {
		t.Errorf("enter shows %s with %d popups", m.titles[m.current], len(m.popups))
	}
	if m.Update(tickMsg{}); len(m.popups) > 0 {
		t.Error("it came back")
	}
	m = open()
	if press(t, m, "2"); m.titles[m.current] != incidentsTitle || len(m.popups) > 0 {
		t.Errorf("2 shows %s with %d popups", m.titles[m.current], len(m.popups))
	}
	m = start(sceneOf(t, "failover"), Options{Replay: true}, 120, 40)
	if m.Update(tickMsg{}); len(m.popups) > 0 {
		t.Error("it was not asked for")
	}
	m = start(sceneOf(t, "good"), Options{Replay: true, Greet: true}, 120, 40)
	if m.Update(tickMsg{}); len(m.popups) > 0 {
		t.Error("a banner of no incidents")
	}
}

// A later feed shows the same some time later.
type later struct {
	stage
	by time.Duration
}

// Now implements Feed.
func (l *later) Now() (time.Time, time.Duration) {
	wall, mono := l.stage.Now()
	return wall.Add(l.by), mono + l.by
}

// TestBannerAfterANight: the first key after hours says what happened meanwhile.
func TestBannerAfterANight(t *testing.T) {
	feed := &later{sceneOf(t, "failover"), -8 * time.Hour}
	m := start(feed, Options{Greet: true}, 120, 40)
	press(t, m, "l")
	feed.by = 0
	m.Update(tickMsg{})
	if len(m.popups) > 0 {
		t.Fatal("it did not wait for a key")
	}
	if press(t, m, "l"); len(m.popups) != 1 || !strings.Contains(onScreen(m), "3 incidents in") {
		t.Errorf("%d popups:\n%s", len(m.popups), onScreen(m))
	}
	press(t, m, "esc")
	if press(t, m, "l"); len(m.popups) > 0 {
		t.Error("it came back")
	}
}

// TestNotesInTheList: notes are in the list when they are wanted, and not counted.
func TestNotesInTheList(t *testing.T) {
	f := startScope(sceneOf(t, "failover"), Options{}, 120, 40).frame()
	note := *f.incidents[0]
	note.ID, note.Severity = 99, fold.SeverityNote
	f.incidents = append(f.incidents, &note)
	plain := f.incidentsView()
	f.notes = true
	all := f.incidentsView()
	if len(all.rows) != len(plain.rows)+1 || !slices.Equal(all.remarks, plain.remarks) {
		t.Errorf("%d rows, and %d with the note; %q and %q", len(plain.rows), len(all.rows), plain.remarks, all.remarks)
	}
}

// Each line of the banner says what it is about, at every width.
func TestBannerSaysWhat(t *testing.T) {
	for _, w := range []int{60, 80, 100, 120} {
		m := start(sceneOf(t, "failover"), Options{Replay: true, Greet: true}, w, 40)
		m.Update(tickMsg{})
		row := rowWith(m, "longest ")
		_, what, ok := strings.Cut(row, "14:21:29")
		if !ok || !strings.Contains(what, "wlan0") {
			t.Errorf("at %d columns: %q", w, row)
		}
	}
}
