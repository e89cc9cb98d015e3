package ui

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"flapscope/history/timeline"
	"flapscope/monitor/fact"
	"flapscope/monitor/path"
	"flapscope/themes"
	"flapscope/ui/grid"
)

// A busy feed is one whose interfaces carry something.
type busy struct{ stage }

// Timeline implements Feed.
func (b busy) Timeline() Timeline { return &busyTimeline{b.stage.Timeline()} }

type busyTimeline struct{ Timeline }

// Rates grow from column to column.
func (*busyTimeline) Rates(_ path.ScopeName, _ timeline.Span, n int) []timeline.Rate {
	out := make([]timeline.Rate, n)
	for i := range out {
		out[i] = timeline.Rate{Known: true, Rx: float64(1000 * (i + 1)), Tx: 812}
	}
	return out
}

// What an interface carries stands in columns; a number is never cut, whatever the
// width, and what can carry nothing says why instead.
func TestRatesInPane(t *testing.T) {
	for _, w := range []int{120, 200} {
		m := start(busy{sceneOf(t, "failover")}, Options{Width: 15 * time.Minute}, w, 40)
		expect(t, m, "rx/s    tx/s")
		row := rowWith(m, "◐ wwan0")
		if !strings.Contains(row, " 3 kB") || !strings.Contains(row, " 812 B") || !strings.Contains(row, "▇") && !strings.Contains(row, "█") {
			t.Errorf("at %d columns: %q", w, row)
		}
		expect(t, m, "○ enp0s31f6  wired    no carrier")
	}
	m := start(sceneOf(t, "failover"), Options{Width: 15 * time.Minute}, 120, 40)
	expect(t, m, "◐ wwan0      cellular standby")
}

// In trouble it is said which other interface could carry.
func TestInstead(t *testing.T) {
	p := startScope(sceneOf(t, "failover"), Options{}, 120, 40)
	f := p.frame()
	if got := f.spareRow(); got.parts[0] != (span{"wwan0 is ready", f.Muted}) {
		t.Errorf("%v while all is well", got.parts)
	}
	snap := *f.snap
	snap.Health.State = path.HealthNoInternet
	f.snap = &snap
	if got := f.spareRow(); got.parts[0] != (span{"wwan0 is ready", f.Good}) {
		t.Errorf("got %v, want wwan0 in green", got.parts)
	}
}

// A line that ends is named where it ended, if there is room for the name.
func TestSilentIsNamed(t *testing.T) {
	answered, lost := timeline.Bucket{Answered: 1, Median: time.Millisecond}, timeline.Bucket{Lost: 1}
	plotOf := func(n, silent int) plot {
		p := plot{target: &fact.Target{Name: "1.1.1.1"}}
		for i := range n {
			b := answered
			if i >= n-silent {
				b = lost
			}
			p.buckets = append(p.buckets, b)
		}
		return p
	}
	for _, c := range []struct {
		silent int
		want   bool
	}{{0, false}, {8, false}, {30, true}, {80, false}} {
		g := grid.New(40, 8, themes.Unicode)
		st := themes.BuiltIn()[0].Styles(themes.Full, false)
		x := axis{timeline.Span{To: 40 * time.Second}, time.Second, 40}
		drawSilent(g.Area(), latencyView{look: look{&st, time.UTC}, axis: x, plots: []plot{plotOf(80, c.silent)}, known: x.span})
		if got := strings.Contains(strings.Join(g.Plain(), "\n"), "1.1.1.1"); got != c.want {
			t.Errorf("of 80 buckets %d silent: named %v", c.silent, got)
		}
	}
}

// A card's figures never run into each other: what has no room is left out whole.
func TestCardFigures(t *testing.T) {
	for _, s := range []screen{{80, 24}, {120, 40}, {200, 60}} {
		m := staged(t, "dns", Options{Width: 15 * time.Minute}, s.w, s.h)
		press(t, m, "4")
		for _, row := range m.grid.Plain() {
			if strings.Contains(row, "p50 ") && strings.Count(row, "p50 ") != strings.Count(row, "loss ") {
				t.Errorf("%dx%d: %q", s.w, s.h, row)
			}
		}
	}
}

// A screen with room below the panes shows more charts there, those that fail first.
func TestCardsBelowPanes(t *testing.T) {
	m := staged(t, "failover", Options{Width: 15 * time.Minute}, 250, 70)
	if n := strings.Count(onScreen(m), "outcome"); n < 1 {
		t.Errorf("%d cards\n%s", n, onScreen(m))
	}
	m = staged(t, "dns", Options{Width: 15 * time.Minute}, 120, 30)
	if strings.Contains(onScreen(m), "outcome") {
		t.Error("a card where there is no room")
	}
}

// TestCrowdInPane: of thousands of interfaces those that matter most are listed,
// with how many more there are.
func TestCrowdInPane(t *testing.T) {
	f := startScope(sceneOf(t, "failover"), Options{}, 120, 40).frame()
	p := *f.snap.Raw
	used := slices.IndexFunc(p.Interfaces, func(i *path.InterfacePath) bool { return i.InUse })
	var crowd []*path.InterfacePath
	for i := range 2000 {
		crowd = append(crowd, &path.InterfacePath{Name: fact.Untrusted("veth" + strconv.Itoa(i)), Index: 100 + i, Candidate: true})
	}
	p.Interfaces = append(crowd, p.Interfaces[used])
	snap := *f.snap
	snap.Raw = &p
	f.snap = &snap
	rows := f.interfacePane(40).rows
	if len(rows) != mostInterfaces+1 {
		t.Fatalf("%d rows, want %d", len(rows), mostInterfaces+1)
	}
	if rows[0].mark != '●' {
		t.Errorf("the first row is %+v, want the interface in use", rows[0])
	}
	if got := rows[mostInterfaces].key; got != num(2001-mostInterfaces)+" more, on page 3" {
		t.Errorf("the last row says %q", got)
	}
}
