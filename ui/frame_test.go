package ui

import (
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"flapscope/history/timeline"
	"flapscope/monitor/fact"
	"flapscope/monitor/path"
	"flapscope/themes"
	"flapscope/ui/grid"
)

func TestDurations(t *testing.T) {
	const day = 24 * time.Hour
	for _, c := range []struct {
		d             time.Duration
		brief, rounds string
	}{
		{0, "0 s", "0 ms"},
		{350 * time.Millisecond, "0 s", "350 ms"},
		{2100 * time.Millisecond, "2 s", "2.1 s"},
		{90 * time.Second, "1 min", "1.5 min"},
		{5 * time.Minute, "5 min", "5 min"},
		{3*time.Hour + 12*time.Minute, "3 h", "3.2 h"},
		{2*day + 4*time.Hour, "2 d", "2.2 d"},
	} {
		if got := brief(c.d); got != c.brief {
			t.Errorf("brief(%v) = %q, want %q", c.d, got, c.brief)
		}
		if got := rounded(c.d); got != c.rounds {
			t.Errorf("rounded(%v) = %q, want %q", c.d, got, c.rounds)
		}
	}
}

func TestNumbers(t *testing.T) {
	for got, want := range map[string]string{
		millis(90 * time.Microsecond):          "0.09",
		millis(1600 * time.Microsecond):        "1.6",
		millis(14440 * time.Microsecond):       "14.4",
		millis(99960 * time.Microsecond):       "100",
		millis(12 * time.Second):               "12000",
		percent(0.98613, 2):                    "98.61 %",
		typeName(fact.TypeWifi):                "wi-fi",
		typeName(fact.TypeWired):               "wired",
		pad("a", 3) + "|":                      "a  |",
		strings.Join(wrap("a bb  c", 4), "|"):  "a bb|c",
		strings.Join(wrap("abcdefgh", 3), "|"): "abc|def|gh",
		strings.Join(wrap("", 3), "|"):         "",
		strings.Join(wrap("咖啡店 x", 4), "|"):    "咖啡|店 x",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestCutWords(t *testing.T) {
	const line = "1.1.1.1 answers again (3.7 ms) after 21.0 s"
	for width, want := range map[int]string{
		50: line,
		43: line,
		42: "1.1.1.1 answers again (3.7 ms) after …",
		38: "1.1.1.1 answers again (3.7 ms) after …",
		37: "1.1.1.1 answers again (3.7 ms) …",
		30: "1.1.1.1 answers again …", // not "(3.7 …"
		10: "1.1.1.1 …",
		5:  "1.1.…",
	} {
		if got := cutWords(line, width); got != want {
			t.Errorf("in %d columns: %q, want %q", width, got, want)
		}
	}
}

func TestTickFor(t *testing.T) {
	for _, step := range []time.Duration{
		time.Millisecond, 80 * time.Millisecond, time.Second, 13 * time.Second, time.Minute, 10 * time.Minute, time.Hour, 12 * time.Hour, 90 * 24 * time.Hour,
	} {
		tick, layout := tickFor(step)
		// A label with its tick and a rule must fit between two ticks.
		if cells := int(tick / step); cells < len(layout)+2 {
			t.Errorf("columns of %v: ticks %d apart for labels of %d", step, cells, len(layout))
		}
	}
}

// TestTicksAreRound checks that what stands at a tick is the tick's own time at
// every zoom, in a zone that is not a whole number of hours from UTC.
func TestTicksAreRound(t *testing.T) {
	zone := time.FixedZone("Kathmandu", 5*3600+45*60)
	for _, width := range widths() {
		const cols = 67
		f := &frame{look: look{loc: zone}, cursor: cursor{nowTime: time.Date(2026, 11, 20, 14, 32, 7, 0, time.UTC), now: 5 * time.Hour}}
		v := viewport{width: width, live: true}
		f.axis = axis{v.window(f.now, cols), v.step(cols), cols}
		tick, layout := tickFor(f.step)
		for x := 1; x < cols; x++ {
			if f.tickAt(x, tick) == f.tickAt(x-1, tick) {
				continue
			}
			text := f.tickText(x, tick, layout)
			at, err := time.ParseInLocation(layout, text, zone)
			if layout != "2 Jan" && err == nil && time.Duration(at.Hour()*3600+at.Minute()*60+at.Second())*time.Second%tick != 0 {
				t.Errorf("%v wide, ticks of %v: one at %s", width, tick, text)
			}
		}
	}
}

func TestRoundUp(t *testing.T) {
	for _, c := range []struct {
		d     time.Duration
		lines int
		want  time.Duration
	}{
		{0, 3, 120 * time.Microsecond},
		{time.Millisecond, 1, time.Millisecond},
		{11 * time.Millisecond, 3, 12 * time.Millisecond},
		{61 * time.Millisecond, 3, 90 * time.Millisecond},
		{61 * time.Millisecond, 2, 80 * time.Millisecond},
		{95 * time.Millisecond, 2, 100 * time.Millisecond},
		{99 * time.Hour, 1, 99 * time.Hour},
	} {
		if got := roundUp(c.d, c.lines); got != c.want {
			t.Errorf("roundUp(%v, %d) = %v, want %v", c.d, c.lines, got, c.want)
		}
	}
}

// TestScaleCutsSpikes checks that one spike does not flatten everything else.
func TestScaleCutsSpikes(t *testing.T) {
	b := make([]timeline.Bucket, 100)
	for i := range b {
		b[i] = timeline.Bucket{Answered: 1, Min: 10 * time.Millisecond, Median: 12 * time.Millisecond, Max: 14 * time.Millisecond}
	}
	b[50].Max = 900 * time.Millisecond
	b[51].Median, b[51].Max = 640*time.Millisecond, 640*time.Millisecond
	if got := scale([]plot{{buckets: b}}, 2); got != 16*time.Millisecond {
		t.Errorf("the top is %v, want 16ms", got)
	}
	for i := range b[:20] { // a fifth of the window is no spike
		b[i].Median, b[i].Max = 80*time.Millisecond, 90*time.Millisecond
	}
	if got := scale([]plot{{buckets: b}}, 2); got != 100*time.Millisecond {
		t.Errorf("the top is %v, want 100ms", got)
	}
	if got := scale([]plot{{buckets: b[19:21]}}, 2); got != 90*time.Millisecond {
		t.Errorf("of two that are all there is, the top is %v, want 90ms", got)
	}
}

// TestOutlierIsWritten reads the spike that is cut off.
func TestOutlierIsWritten(t *testing.T) {
	b := make([]timeline.Bucket, 80)
	for i := range b {
		b[i] = timeline.Bucket{Answered: 1, Median: 12 * time.Millisecond}
	}
	b[60].Median = 640 * time.Millisecond
	g, st := grid.New(40, 4, themes.Unicode), themes.BuiltIn()[0].Styles(themes.Full, false)
	drawOutlier(g.Area(), latencyView{look: look{Styles: &st}, plots: []plot{{buckets: b}}}, 16*time.Millisecond)
	if got := strings.TrimSpace(g.Plain()[0]); got != "↑640 ms" {
		t.Errorf("the top row says %q", got)
	}
}

// drawn returns the dots of a chart of one row as text.
func drawn(buckets []timeline.Bucket, interval, step time.Duration) string {
	g := grid.New(len(buckets)/2, 1, themes.Unicode)
	p := plot{&fact.Target{Interval: interval}, buckets}
	drawLine(g.Area(), p, step, heights{top: 8 * time.Millisecond}, themes.Style{})
	return g.Plain()[0]
}

func TestLineBridgesOnlySilence(t *testing.T) {
	ok := timeline.Bucket{Answered: 1, Median: time.Millisecond}
	lost, none, empty := timeline.Bucket{Lost: 1}, timeline.Bucket{NoData: 1}, timeline.Bucket{}
	for _, c := range []struct {
		name    string
		buckets []timeline.Bucket
		want    string
	}{
		{"every-bucket", []timeline.Bucket{ok, ok, ok, ok}, "⣀⣀"},
		{"sparse", []timeline.Bucket{ok, empty, ok, empty, ok, empty}, "⣀⣀⡀"},
		{"loss", []timeline.Bucket{ok, empty, lost, empty, ok, empty}, "⡀ ⡀"},
		{"no-data", []timeline.Bucket{ok, empty, none, empty, ok, empty}, "⡀ ⡀"},
		{"too-long", []timeline.Bucket{ok, empty, empty, empty, empty, empty, empty, ok}, "⡀  ⢀"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := drawn(c.buckets, 2*time.Second, time.Second); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestLossOf(t *testing.T) {
	ok, lost, none, empty := timeline.Bucket{Answered: 1}, timeline.Bucket{Lost: 1}, timeline.Bucket{NoData: 1}, timeline.Bucket{}
	p := plot{&fact.Target{Interval: 2 * time.Second}, []timeline.Bucket{
		ok, lost, empty, empty, empty, empty, empty, empty, lost, empty, none, empty,
	}}
	want := []float64{0.5, 0.5, 0.5, 0, 1, 0}
	if diff := cmp.Diff(want, lossOf(p, time.Second)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// Labels of blocks beside each other never read as one word, at any width and zoom.
func TestPathLabelsApart(t *testing.T) {
	for _, name := range []string{"failover", "flapping", "portal", "outage"} {
		for w := 60; w <= 250; w += 7 {
			m := start(sceneOf(t, name), Options{Width: 30 * time.Minute}, w, 40)
			for range 5 {
				_, y := find(t, m, "path ")
				row, styles := []rune(m.grid.Plain()[y]), m.grid.Styles(y)
				_, gutter, cols := timeAxis(w)
				for x := gutter + 2; x < gutter+cols; x++ {
					words := unicode.IsLetter(row[x-1]) && row[x] != ' ' || unicode.IsLetter(row[x]) && row[x-1] != ' '
					if words && styles[x-1].Bg != styles[x].Bg {
						t.Errorf("%s at %d columns: labels touch at %d: %s", name, w, x, string(row))
					}
				}
				press(t, m, "+")
			}
		}
	}
}

func TestPathLabel(t *testing.T) {
	seg := func(l timeline.Level, label fact.Untrusted, note string, d time.Duration) *timeline.Segment {
		return &timeline.Segment{Span: timeline.Span{To: d}, Level: l, Label: label, Note: note}
	}
	for _, c := range []struct {
		name string
		w    int
		seg  *timeline.Segment
		lvl  timeline.Level
		want string
	}{
		{"long", 30, seg(timeline.LevelGood, "wwan0", "metered", time.Hour), timeline.LevelGood, "wwan0 · metered"},
		{"name-only", 8, seg(timeline.LevelGood, "wwan0", "metered", time.Hour), timeline.LevelGood, "wwan0"},
		{"nothing-fits", 3, seg(timeline.LevelGood, "wwan0", "", time.Hour), timeline.LevelGood, ""},
		{"outage-with-reason", 30, seg(timeline.LevelBad, "no_carrier", "", 48*time.Second), timeline.LevelBad, "no carrier · 48.0 s"},
		{"outage-with-little-room", 6, seg(timeline.LevelBad, "no_carrier", "", 48*time.Second), timeline.LevelBad, "48.0 s"},
		{"outage", 4, seg(timeline.LevelBad, "no_carrier", "", 48*time.Second), timeline.LevelBad, "48s"},
		{"short-outage", 1, nil, timeline.LevelBad, "×"},
		{"several-outages", 9, nil, timeline.LevelBad, "flaps"},
		{"degraded", 2, nil, timeline.LevelDegraded, "!"},
		{"unwell", 16, seg(timeline.LevelDegraded, "eth0", "no internet", time.Hour), timeline.LevelDegraded, "no internet"},
		{"unwell-with-room", 30, seg(timeline.LevelDegraded, "eth0", "no internet", time.Hour), timeline.LevelDegraded, "no internet · eth0"},
		{"suspend", 20, seg(timeline.LevelGap, "suspend", "", 8*time.Hour), timeline.LevelGap, "suspend 8 h"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := &frame{cursor: cursor{replay: true, now: 30 * 24 * time.Hour}}
			if got := f.pathLabel(run{0, c.w, c.lvl, c.seg}, c.w); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestCharted(t *testing.T) {
	target := func(id string, r fact.Role, m fact.Method, f fact.Family) *fact.Target {
		return &fact.Target{ID: id, Role: r, Method: m, Family: f}
	}
	gw := target("gw", fact.RoleGateway, fact.MethodPing, fact.IPv4)
	dns := target("dns", fact.RoleResolver, fact.MethodDNS, fact.IPv4)
	v4 := target("v4", fact.RoleInternet, fact.MethodPing, fact.IPv4)
	v6 := target("v6", fact.RoleInternet, fact.MethodPing, fact.IPv6)
	tcp4 := target("tcp4", fact.RoleInternet, fact.MethodTCP, fact.IPv4)
	tcp6 := target("tcp6", fact.RoleInternet, fact.MethodTCP, fact.IPv6)
	own := target("own", fact.RoleCustom, fact.MethodTCP, 0)
	for _, c := range []struct {
		name     string
		targets  []*fact.Target
		selected string
		want     string
	}{
		{"usual", []*fact.Target{gw, dns, v4, v6, own}, "", "v4 gw v6"},
		{"one-family", []*fact.Target{gw, dns, v4}, "", "v4 gw dns"},
		{"selected", []*fact.Target{gw, dns, v4, v6, own}, "own", "own v4 gw"},
		{"only-own", []*fact.Target{own}, "", "own"},
		{"nobody-may-ping", []*fact.Target{gw, dns, v4, v6, tcp4, tcp6}, "", "tcp4 tcp6 dns"},
		{"none", nil, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var ids []string
			for _, x := range charted(c.targets, c.selected, c.name == "nobody-may-ping") {
				ids = append(ids, x.ID)
			}
			if got := strings.Join(ids, " "); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestLayout(t *testing.T) {
	for _, s := range []screen{
		{60, 16},
		{60, 60},
		{71, 20},
		{80, 24},
		{80, 25},
		{99, 31},
		{100, 32},
		{100, 16},
		{120, 40},
		{132, 43},
		{159, 50},
		{160, 50},
		{160, 24},
		{200, 60},
		{240, 70},
		{300, 100},
		{100, 24},
		{120, 20},
		{90, 40},
		{61, 17},
	} {
		for _, n := range []int{0, 1, 5, 40} {
			g := grid.New(s.w, s.h, themes.Unicode)
			l := newLayout(g.Area(), contents{n, n, n})
			// Every area draws its own letter; none may draw over another.
			parts := []grid.Area{
				l.timelineHead, l.axis, l.incidents, l.path, l.marks, l.lanes, l.latencyHead, l.chart, l.loss,
				l.targetHead, l.targets, l.panes, l.list,
			}
			want := 0
			for i, a := range parts {
				a.Fill('A'+rune(i), themes.Style{})
				want += a.Width() * a.Height()
			}
			got := 0
			for _, row := range g.Plain() {
				got += len(strings.ReplaceAll(row, " ", ""))
			}
			if got != want {
				t.Errorf("%dx%d with %d lanes: areas overlap (%d cells drawn, %d seen)", s.w, s.h, n, want, got)
			}
			if l.chart.Height() < 3 || l.list.Height() < 2 || l.lanes.Height() < 1 || l.cols < 30 {
				t.Errorf("%dx%d with %d lanes: a part is too small: %+v", s.w, s.h, n, l)
			}
			if l.gutter+l.cols > l.chart.Width() {
				t.Errorf("%dx%d: the time axis is wider than the chart", s.w, s.h)
			}
		}
	}
}

// TestNothingIsBlankBesideWhatIsCut: no part has rows that it cannot fill, and the
// chart grows only when all else is seen.
func TestNothingIsBlankBesideWhatIsCut(t *testing.T) {
	for h := minHeight; h <= 120; h++ {
		for _, c := range []contents{{1, 1, 1}, {2, 9, 4}, {3, 9, 1}, {1, 40, 1}, {12, 1, 2}, {2, 3, 500}, {12, 40, 500}} {
			r := divide(h, c)
			if r.list > max(c.list+1, 2) || r.lanes > max(c.lanes, 1) {
				t.Errorf("%d rows for %+v: blank ones in %+v", h, c, r)
			}
			cut := r.lanes < c.lanes || r.list < c.list+1 || r.targets < c.targets+1 && h >= 20
			if cut && r.chart > max(5, h/4, h-40) {
				t.Errorf("%d rows for %+v: the chart has more than it needs in %+v", h, c, r)
			}
		}
	}
	// A page whose list is short shows all targets.
	m := start(sceneOf(t, "silent"), Options{}, 120, 36)
	if row := rowWith(m, "TARGETS"); strings.Contains(row, "more") {
		t.Errorf("targets are hidden: %s", row)
	}
}

func TestNoDataSaysWhy(t *testing.T) {
	for _, c := range []struct{ scene, want string }{
		{"noprobes", "ping is not permitted here"},
		{"empty", "nothing is probed: probes are off"},
	} {
		f := startScope(sceneOf(t, c.scene), Options{}, 120, 40).frame()
		if got := f.noData(f.plots()); !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: %q, want %q", c.scene, got, c.want)
		}
	}
}

// TestNotch: a loss that was over before it was settled is a notch in what went
// on, one that was settled a block.
func TestNotch(t *testing.T) {
	p := startScope(sceneOf(t, "failover"), Options{}, 200, 60)
	f := p.frame()
	settled := f.settledLosses()
	raw := f.tl.Strip(path.ScopeMachine, f.span, f.cols)
	g := grid.New(f.cols, 1, themes.Unicode)
	drawPath(g.Area(), f)
	notches, blocks := 0, 0
	for x, level := range raw {
		r, st := g.Area().At(x, 0)
		switch {
		case level != timeline.LevelBad:
		case settled[x] && st.Bg == f.PathBad.Style.Bg:
			blocks++
		case !settled[x] && r == '▂' && st.Bg != f.PathBad.Style.Bg:
			notches++
		}
	}
	if notches == 0 || blocks == 0 {
		t.Errorf("%d notches and %d cells of blocks, want some of both:\n%s", notches, blocks, g.Plain()[0])
	}
}

// TestNobodyAnswers: a chart without a round trip says so.
func TestNobodyAnswers(t *testing.T) {
	g, st := grid.New(100, 32, themes.Unicode), themes.BuiltIn()[0].Styles(themes.Full, false)
	l := newLayout(g.Area(), contents{1, 1, 1})
	buckets := make([]timeline.Bucket, 2*l.cols)
	for i := range buckets {
		buckets[i].Lost = 1
	}
	v := latencyView{look: look{Styles: &st}, plots: []plot{{&fact.Target{Interval: time.Second}, buckets}}}
	v.axis = axis{timeline.Span{To: time.Duration(l.cols) * time.Second}, time.Second, l.cols}
	drawLatency(&l, v)
	if all := strings.Join(g.Plain(), "\n"); !strings.Contains(all, "no answer") {
		t.Errorf("an empty chart without a word:\n%s", all)
	}
	buckets[0].Answered, buckets[0].Median = 1, time.Millisecond
	g.Reset(100, 32)
	drawLatency(&l, v)
	if all := strings.Join(g.Plain(), "\n"); strings.Contains(all, "no answer") {
		t.Errorf("no answer beside one:\n%s", all)
	}
}

// On a logarithmic scale equal ratios are equal distances, what is rare and long has
// room, and labels are 1, 2 and 5.
func TestLogScale(t *testing.T) {
	b := []timeline.Bucket{
		{Answered: 1, Min: 8 * time.Millisecond, Median: 9 * time.Millisecond, Max: 12 * time.Millisecond},
		{Answered: 1, Min: 640 * time.Millisecond, Median: 640 * time.Millisecond, Max: 640 * time.Millisecond},
	}
	s := heightsOf([]plot{{buckets: b}}, 9, true)
	if s.base != 5*time.Millisecond || s.top != time.Second {
		t.Fatalf("from %v to %v, want 5 ms to 1 s", s.base, s.top)
	}
	const dots = 400
	ten, hundred, thousand := s.row(10*time.Millisecond, dots), s.row(100*time.Millisecond, dots), s.row(time.Second, dots)
	if d := (ten - hundred) - (hundred - thousand); d < -2 || d > 2 {
		t.Errorf("decades at %d, %d, %d", ten, hundred, thousand)
	}
	if got := s.row(time.Millisecond, dots); got != dots-1 {
		t.Errorf("what is below the scale is at %d", got)
	}
	last := -1
	for _, l := range s.labels(9) {
		if l.y <= last || l.v < s.base || l.v > s.top {
			t.Errorf("label %v at row %d after %d", l.v, l.y, last)
		}
		last = l.y
	}
	if flat := heightsOf([]plot{{buckets: b[1:]}}, 9, true); flat.base >= flat.top {
		t.Errorf("one value makes a scale from %v to %v", flat.base, flat.top)
	}
	m := start(sceneOf(t, "failover"), Options{Width: 15 * time.Minute}, 120, 40)
	press(t, m, "L")
	expect(t, m, "log scale (L)")
	press(t, m, "4")
	expect(t, m, "20 ms")
}

// All labels of a scale are of one unit.
func TestScaleOfOneUnit(t *testing.T) {
	k := look{Styles: startScope(sceneOf(t, "good"), Options{}, 80, 24).styles}
	for top, want := range map[time.Duration]string{1800 * time.Microsecond: "1.8 ms 1.2 ms 0.6 ms", 900 * time.Microsecond: "900 µs 600 µs 300 µs"} {
		g := grid.New(40, 9, themes.Unicode)
		drawScale(g.Area(), k, 12, heights{top: top, lines: 3})
		var got []string
		for _, row := range g.Plain() {
			if label := strings.TrimSpace(string([]rune(row)[:12])); label != "" {
				got = append(got, label)
			}
		}
		if said := strings.Join(got, " "); said != want {
			t.Errorf("up to %v: %q, want %q", top, said, want)
		}
	}
}
