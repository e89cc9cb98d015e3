package ui

import (
	"slices"
	"strings"
	"testing"
	"time"

	"flapscope/history/timeline"
	"flapscope/monitor/fact"
	"flapscope/monitor/path"
	"flapscope/monitor/state"
	"flapscope/themes"
	"flapscope/ui/grid"
)

// rowWith returns the first row of a model's screen that holds a text.
func rowWith(m *model, text string) string {
	for _, row := range m.grid.Plain() {
		if strings.Contains(row, text) {
			return row
		}
	}
	return ""
}

// TestNothingIsGreenWithoutAPath pulls the cable: no target may look as if it
// answered, and whatever is said of one says of when it is.
func TestNothingIsGreenWithoutAPath(t *testing.T) {
	m := start(sceneOf(t, "outage"), Options{}, 120, 40)
	expect(t, m, "0 of 7 answer")
	expect(t, m, "○ gateway eth0          icmp    8 s ago")
	expect(t, m, "dns       192.0.2.53 +1    9 s ago")
	for _, row := range m.grid.Plain() {
		if strings.Contains(strings.TrimSuffix(strings.TrimSpace(row), "● open"), "●") {
			t.Errorf("a dot is full: %s", row)
		}
	}
}

// TestFailingTargetsAreSeen has room for few: those that fail come first, and
// of what is hidden it is said how many fail.
func TestFailingTargetsAreSeen(t *testing.T) {
	m := start(sceneOf(t, "silent"), Options{}, 80, 20)
	expect(t, m, "more, ")
	if row := rowWith(m, "more, "); !strings.Contains(row, "failing") {
		t.Errorf("not said how many of the hidden fail: %s", row)
	}
	if row := rowWith(m, "connectivity check"); row != "" {
		t.Errorf("one that answers stands above one that fails: %s", row)
	}
	p := startScope(sceneOf(t, "dns"), Options{}, 120, 40)
	rows := p.frame().targets
	if rows[0].Role != fact.RoleResolver || rows[1].Role != fact.RoleResolver || rows[2].state == targetFails {
		t.Errorf("the resolvers that fail do not stand first: %s, %s, %s", rows[0].Name, rows[1].Name, rows[2].Name)
	}
}

// TestReasonIsTheHeadline looks for the reason and its duration right after the
// state, on every screen.
func TestReasonIsTheHeadline(t *testing.T) {
	for _, c := range []struct{ scene, want string }{
		{"silent", "× NO INTERNET   gateway"},
		{"outage", "× UNSATISFIED   eth0 has no carrier"},
		{"portal", "! PORTAL   "},
	} {
		for _, s := range sizes() {
			m := start(sceneOf(t, c.scene), Options{}, s.w, s.h)
			if row := m.grid.Plain()[0]; !strings.Contains(row, c.want) {
				t.Errorf("%dx%d: want %q in %q", s.w, s.h, c.want, row)
			}
		}
	}
}

// TestOneClock reads how long an outage lasts in three places.
func TestOneClock(t *testing.T) {
	m := start(sceneOf(t, "outage"), Options{Width: time.Minute}, 120, 40)
	for _, want := range []string{"eth0 has no carrier  8 s", "longest        8.0 s", "8 s × eth0 has no carrier"} {
		expect(t, m, want)
	}
	if row := m.grid.Plain()[6]; !strings.Contains(row, "8 s") {
		t.Errorf("the bar says another duration: %s", row)
	}
}

// TestWordOfTheTrouble reads in the bar what is wrong, in red where nothing can
// be reached.
func TestWordOfTheTrouble(t *testing.T) {
	f := startScope(sceneOf(t, "portal"), Options{}, 80, 24).frame()
	var words []string
	for _, r := range f.runs(path.ScopeMachine) {
		words = append(words, f.pathLabel(r, r.to-r.from))
		fill, _ := f.pathFill(r)
		if r.segment != nil && r.segment.Note == noInternet && fill != f.PathBad {
			t.Error("no internet is not drawn as an outage")
		}
	}
	if text := strings.Join(words, ", "); !strings.Contains(text, "no internet") || !strings.Contains(text, "portal") {
		t.Errorf("the bar says %q", text)
	}
}

// TestOneLossIsNoFlapping starts without a route.
func TestOneLossIsNoFlapping(t *testing.T) {
	m := start(sceneOf(t, "noroute"), Options{}, 80, 24)
	expect(t, m, "no route · 5 s")
	expect(t, m, "eth0")
	if strings.Contains(rowWith(m, " path "), "flaps") || screenHas(m, "no interface") {
		t.Errorf("one steady loss:\n%s", written(m))
	}
}

// TestPortalWithoutAnswer tells a check without an answer from none.
func TestPortalWithoutAnswer(t *testing.T) {
	f := startScope(sceneOf(t, "silent"), Options{}, 120, 40).frame()
	if got := f.portalRow(state.VerdictUnknown).parts[0].text; got != "not checked" {
		t.Errorf("before the check: %q", got)
	}
	i := slices.IndexFunc(f.targets, func(r targetRow) bool { return r.Role == fact.RolePortal })
	f.targets[i].state = targetFails
	if got := f.portalRow(state.VerdictUnknown).parts[0].text; got != "no answer" {
		t.Errorf("after a check without an answer: %q", got)
	}
}

// TestLanesKeepTheirPlaces loses the first interface: the second one, now in
// use, stays below.
func TestLanesKeepTheirPlaces(t *testing.T) {
	lane := func(name string, hidden bool) timeline.Lane {
		return timeline.Lane{Name: fact.Untrusted(name), Scope: path.ScopeName("interface:" + name), Hidden: hidden}
	}
	var o laneOrder
	o.add([]timeline.Lane{lane("docker0", true), lane("eth0", false), lane("wlan0", false)})
	o.add([]timeline.Lane{lane("wlan0", false), lane("wwan0", false), lane("eth0", false)})
	var names []string
	for _, l := range o.sorted([]timeline.Lane{lane("wwan0", false), lane("wlan0", false), lane("docker0", true), lane("eth0", false)}, true) {
		names = append(names, l.Name.Display())
	}
	if got := strings.Join(names, " "); got != "eth0 wlan0 wwan0 docker0" {
		t.Errorf("lanes: %s", got)
	}
}

// TestMarksAreShapes never draws a number in the row of events.
func TestMarksAreShapes(t *testing.T) {
	m := start(sceneOf(t, "flapping"), Options{}, 120, 40)
	row, _, _ := strings.Cut(rowWith(m, " events "), "dns")
	if strings.ContainsAny(row, "0123456789+") || !strings.Contains(row, "▼") {
		t.Errorf("the row of events: %s", row)
	}
}

// TestValuesAreNotCut looks for the mark of a cut in the panes.
func TestValuesAreNotCut(t *testing.T) {
	for _, name := range []string{"failover", "outage", "silent", "dns", "portal", "flapping", "noroute"} {
		m := start(sceneOf(t, name), Options{}, 120, 40)
		for y, row := range m.grid.Plain()[:30] {
			if strings.Contains(row, "…") {
				t.Errorf("%s, row %d: %s", name, y, row)
			}
		}
	}
}

// TestGatewaysAreNamed tells the gateways of two interfaces apart.
func TestGatewaysAreNamed(t *testing.T) {
	m := start(sceneOf(t, "failover"), Options{}, 200, 60)
	expect(t, m, "● gateway wlan0")
	expect(t, m, "○ gateway wwan0")
}

// TestSizeIsOnDisk names the size of a recording for what it is: it falls when
// what was just written is packed.
func TestSizeIsOnDisk(t *testing.T) {
	o := Options{Recording: func() Recording { return Recording{Length: time.Hour, Size: 36_300} }}
	expect(t, start(sceneOf(t, "good"), o, 120, 40), "● REC  1 h  36.3 kB on disk")
}

// TestHealthAgreesWithTargets: a verdict waits for a few losses; until then it
// is not "ok" of what does not answer.
func TestHealthAgreesWithTargets(t *testing.T) {
	f := startScope(sceneOf(t, "good"), Options{}, 120, 40).frame()
	dns := func() string {
		r := f.healthPane().rows[1]
		return string(r.mark) + " " + r.key + " " + r.parts[0].text
	}
	if got := dns(); got != "✓ dns ok" {
		t.Errorf("when all answer: %q", got)
	}
	silent := 0
	for i := range f.targets {
		if r := &f.targets[i]; r.Role == fact.RoleResolver {
			r.state, r.last = targetFails, &fact.ProbeResult{Outcome: fact.OutcomeTimeout}
			silent++
			want := "✓ dns ok"
			if silent == 2 {
				want = "! dns silent"
			}
			if got := dns(); got != want {
				t.Errorf("when %d of 2 are silent: %q, want %q", silent, got, want)
			}
		}
	}
	if silent != 2 {
		t.Fatalf("%d resolvers", silent)
	}
}

// TestNoScaleWithoutAnswers checks that a chart in which nothing answered has no
// figures beside it.
func TestNoScaleWithoutAnswers(t *testing.T) {
	m := start(sceneOf(t, "silent"), Options{Width: 5 * time.Second}, 80, 24)
	if !screenHas(m, "no answer") || screenHas(m, " ms ·") || screenHas(m, " µs ·") {
		t.Errorf("the screen is\n%s", onScreen(m))
	}
}

// TestNowIsAtThePresent checks that an axis which goes on after the present has the
// word where that is.
func TestNowIsAtThePresent(t *testing.T) {
	f := startScope(sceneOf(t, "silent"), Options{Width: time.Minute}, 120, 40).frame()
	f.axis = axis{timeline.Span{From: f.now - time.Minute, To: f.now + time.Minute}, 2 * time.Second, 60}
	g := grid.New(60, 1, themes.Unicode)
	drawAxis(g.Area(), f)
	if row := g.Plain()[0]; grid.Width(row[:strings.Index(row, "now")+3]) != 31 {
		t.Errorf("the present is in the middle of %q", row)
	}
}

// TestNamesAndScale checks that on a low chart neither the names of its lines nor its
// labels hide the others.
func TestNamesAndScale(t *testing.T) {
	m := start(sceneOf(t, "failover"), Options{Width: 15 * time.Minute}, 60, 16)
	for _, scale := range []string{"linear", "log"} {
		for _, row := range m.grid.Plain() {
			if cell := strings.TrimSpace(strings.SplitN(row, " ·", 2)[0]); strings.Contains(cell, ".1 ms") || strings.Contains(cell, "µs ") {
				t.Errorf("%s: %q", scale, row)
			}
		}
		press(t, m, "L")
	}
	if !screenHas(m, "1.1.1.1") {
		t.Errorf("no line has a name:\n%s", onScreen(m))
	}
}
