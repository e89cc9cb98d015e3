package ui

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/path"
)

// An interface keeps its place when another comes into use, on the page and in the
// pane.
func TestInterfacesKeepTheirPlace(t *testing.T) {
	p := startScope(sceneOf(t, "failover"), Options{Width: 15 * time.Minute}, 120, 40)
	places := func() (out []string) {
		f := p.frame()
		list, _ := f.candidates()
		for _, b := range f.interfaceBlocks(list, 36) {
			out = append(out, b.Name.Display())
		}
		for _, r := range f.interfacePane(36).rows {
			out = append(out, r.key)
		}
		return out
	}
	want := places()
	for range 60 {
		if p.move(-10 * time.Second); p.frame().path().Interface == "wwan0" {
			break
		}
	}
	if used := p.frame().path().Interface; used != "wwan0" {
		t.Fatalf("%s is in use", used)
	}
	if got := places(); len(want) < 6 || !slices.Equal(got, want) {
		t.Errorf("%v while another is in use, before %v", got, want)
	}
}

// On a low screen all interfaces are seen before any has more than a line; on a high
// one charts have the room.
func TestInterfaceBlocks(t *testing.T) {
	f := startScope(busy{sceneOf(t, "failover")}, Options{Width: 15 * time.Minute}, 120, 40).frame()
	list, _ := f.candidates()
	for room := 1; room < 120; room++ {
		blocks := f.interfaceBlocks(list, room)
		rows, charts := 0, 0
		for _, b := range blocks {
			rows += b.height()
			if b.latency > 0 {
				charts++
			}
			if b.brief && b.traffic+b.latency > 0 || b.latency > 0 && b.latency < leastAnswers {
				t.Errorf("in %d rows %s has %d of traffic, %d of round trips", room, b.Name, b.traffic, b.latency)
			}
		}
		if rows > room {
			t.Errorf("%d rows in %d", rows, room)
		}
		if room >= briefRows*len(list) && len(blocks) < len(list) {
			t.Errorf("in %d rows %d of %d", room, len(blocks), len(list))
		}
		if room >= 60 && charts == 0 {
			t.Errorf("no round trips in %d rows", room)
		}
	}
}

// A metric is never cut, however narrow the page is.
func TestMetricsAreWhole(t *testing.T) {
	metric := regexp.MustCompile(`(?:metric|this) (\S+)`)
	var known []string
	for w := 200; w >= minWidth; w-- {
		m := start(sceneOf(t, "failover"), Options{Width: 15 * time.Minute}, w, 40)
		press(t, m, "3")
		for _, found := range metric.FindAllStringSubmatch(written(m), -1) {
			number := strings.Trim(found[1], ",")
			if w == 200 {
				known = append(known, number)
			} else if !slices.Contains(known, number) && number != "…" {
				t.Errorf("metric %q at %d columns", number, w)
			}
		}
	}
	if len(known) == 0 {
		t.Error("no metric is shown")
	}
}

// While a path flaps, what is asked and not by turns keeps its place among the targets.
func TestTargetsKeepTheirPlace(t *testing.T) {
	f := startScope(sceneOf(t, "failover"), Options{Width: 15 * time.Minute}, 120, 40).frame()
	var targets []*fact.Target
	for _, r := range f.targets {
		targets = append(targets, r.Target)
	}
	was := f.targetRows(targets)
	snap := *f.snap
	snap.Raw = &path.Path{Status: path.Unsatisfied}
	f.snap = &snap
	idle := 0
	for i, r := range f.targetRows(targets) {
		if r.state == targetIdle {
			idle++
		}
		if was[i].state == targetAnswers && r.ID != was[i].ID {
			t.Errorf("%s stands where %s stood", r.ID, was[i].ID)
		}
	}
	if idle == 0 {
		t.Error("all are asked still")
	}
}
