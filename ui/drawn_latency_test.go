package ui

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"flapscope/history/timeline"
)

// What is kept of a chart is what would be asked for, while time goes on, results come
// late, and the screen scrubs, zooms and turns its pages.
func TestDrawnLatency(t *testing.T) {
	p := newProbing(t, 2)
	p.ask(time.Second)
	m := start(p, Options{Width: 5 * time.Minute}, 120, 40)
	const id = "ping:192.0.2.1"
	for second := range 400 {
		p.ask(time.Second)
		m.scope.refresh(p)
		f := m.scope.frame()
		if second%7 == 0 {
			f.latency(id, timeline.Span{From: f.span.From - f.step/3, To: f.span.To - f.step/3}, 2*f.cols)
		}
		for _, x := range []axis{f.axis, f.over(77)} {
			kept, asked := f.latency(id, x.span, 2*x.cols), f.tl.Latency(id, x.span, 2*x.cols)
			if diff := cmp.Diff(asked, kept); diff != "" {
				t.Fatalf("second %d (-asked +kept)\n%s", second, diff)
			}
		}
		switch second {
		case 200:
			press(t, m, "left", "left")
		case 280, 360:
			press(t, m, "+")
		case 320:
			press(t, m, "end")
		}
	}
	if n := len(m.scope.drawn.charts); n == 0 || n > maxDrawn {
		t.Errorf("%d charts are kept", n)
	}
}

// Columns hold still while time goes on: those of another width begin at multiples of
// themselves, and those of all that is known only seldom change.
func TestColumnsHoldStill(t *testing.T) {
	p := newProbing(t, 1)
	p.ask(time.Second)
	m := start(p, Options{Width: 5 * time.Minute}, 120, 40)
	wholes := map[time.Duration]bool{}
	for range 300 {
		p.ask(time.Second)
		m.scope.refresh(p)
		f := m.scope.frame()
		if x := f.over(37); x.span.From%x.step != 0 || x.span.To < f.span.To || x.span.To >= f.span.To+x.step {
			t.Fatalf("%v in columns of %v, of %v", x.span, x.step, f.span)
		}
		all := f.whole()
		if lasts := f.now - all.From; all.To <= f.now || all.To-all.From > lasts+lasts/8+time.Second {
			t.Fatalf("%v for %v", all.To-all.From, lasts)
		}
		wholes[all.To] = true
	}
	if len(wholes) > 100 {
		t.Errorf("%d axes in 300 seconds", len(wholes))
	}
}

// A second of a past that grows costs one column, and none while nothing comes.
func TestDrawnLatencyAsksForLittle(t *testing.T) {
	p := newProbing(t, 1)
	for range 600 {
		p.ask(time.Second)
	}
	m := start(p, Options{Width: 10 * time.Minute}, 120, 40)
	f := m.scope.frame()
	counted := &countedTimeline{Timeline: p.view}
	f.tl = counted
	const id = "ping:192.0.2.0"
	f.latency(id, f.span, 100)
	for range 10 {
		f.latency(id, f.span, 100)
	}
	if counted.columns != 100 {
		t.Errorf("%d columns were asked for, want 100", counted.columns)
	}
	p.ask(time.Second)
	counted = &countedTimeline{Timeline: p.view}
	f.tl = counted
	if f.latency(id, f.span, 100); counted.columns == 0 || counted.columns > 10 {
		t.Errorf("%d columns were asked for after a second", counted.columns)
	}
}

// A countedTimeline counts the columns of round trips that it is asked for.
type countedTimeline struct {
	Timeline
	columns int
}

// Latency implements Timeline.
func (c *countedTimeline) Latency(target string, span timeline.Span, n int) []timeline.Bucket {
	c.columns += n
	return c.Timeline.Latency(target, span, n)
}

// Each line of the chart has its name in the head, whatever else is said there.
func TestEveryLineIsNamed(t *testing.T) {
	for _, keys := range []string{"1", "L"} {
		for w := panesFrom; w <= 200; w += 3 {
			m := start(sceneOf(t, "failover"), Options{Width: 15 * time.Minute}, w, 40)
			press(t, m, keys)
			for _, target := range m.scope.frame().charted {
				if head := rowWith(m, "LATENCY"); !strings.Contains(head, "━ "+target.Name.Display()+" ") {
					t.Errorf("%d columns: no %s in %q", w, target.Name, head)
				}
			}
		}
	}
}
