package ui

import (
	"testing"
	"time"

	"flapscope/history/timeline"
)

func TestWindowIsAligned(t *testing.T) {
	v := viewport{width: time.Minute, live: true}
	step := v.step(60)
	first := v.window(100*time.Second+300*time.Millisecond, 60)
	same := v.window(100*time.Second+900*time.Millisecond, 60)
	next := v.window(101*time.Second, 60)
	if first != same {
		t.Errorf("the window moved within a column: %v, %v", first, same)
	}
	if next.From-first.From != step {
		t.Errorf("the window moved by %v, want a column of %v", next.From-first.From, step)
	}
	if first.From%step != 0 || first.To-first.From != time.Minute {
		t.Errorf("window %v is not of whole columns", first)
	}
}

func TestGrow(t *testing.T) {
	for _, c := range []struct {
		age, want time.Duration
	}{
		{0, 5 * time.Second},
		{4 * time.Second, 5 * time.Second},
		{6 * time.Second, 10 * time.Second},
		{61 * time.Second, 90 * time.Second},
		{5 * time.Hour, 15 * time.Minute},
	} {
		v := viewport{auto: true, live: true}
		if v.grow(c.age); v.width != c.want {
			t.Errorf("grow(%v) = %v, want %v", c.age, v.width, c.want)
		}
	}
	v := viewport{auto: true, live: true, width: time.Minute}
	v.zoom(1)
	if v.grow(5 * time.Second); v.width != 2*time.Minute {
		t.Errorf("a width that the user chose became %v", v.width)
	}
}

func TestZoomKeepsCursor(t *testing.T) {
	v := viewport{width: 15 * time.Minute, cursor: 100 * time.Minute, right: 105 * time.Minute}
	before := float64(v.right-v.cursor) / float64(v.width)
	for range 4 {
		v.zoom(-1)
	}
	after := float64(v.right-v.cursor) / float64(v.width)
	if v.width != 30*time.Second || before-after > 0.001 || after-before > 0.001 {
		t.Errorf("width %v, place %.3f, want 30s and %.3f", v.width, after, before)
	}
}

func TestZoomEnds(t *testing.T) {
	all := widths()
	v := viewport{width: all[0]}
	if v.zoom(-1); v.width != all[0] {
		t.Errorf("below the narrowest: %v", v.width)
	}
	for range len(all) + 3 {
		v.zoom(1)
	}
	if v.width != all[len(all)-1] {
		t.Errorf("the widest is %v, want %v", v.width, all[len(all)-1])
	}
}

func TestSetStaysWithin(t *testing.T) {
	bounds := timeline.Span{From: time.Hour, To: 2 * time.Hour}
	for _, to := range []time.Duration{0, time.Hour, 90 * time.Minute, 2 * time.Hour, 9 * time.Hour} {
		v := viewport{width: 5 * time.Minute, cursor: 80 * time.Minute, right: 82 * time.Minute}
		v.set(to, bounds)
		if v.cursor < bounds.From || v.cursor > bounds.To {
			t.Errorf("set(%v): cursor %v is outside", to, v.cursor)
		}
		if w := v.window(0, 60); v.cursor < w.From || v.cursor >= w.To {
			t.Errorf("set(%v): cursor %v is not in the window %v", to, v.cursor, w)
		}
	}
}

func TestFit(t *testing.T) {
	short := timeline.Span{From: time.Hour, To: time.Hour + 50*time.Minute}
	var v viewport
	v.fit(short, short.To)
	if w := v.window(0, 60); w.From > short.From || v.cursor != short.To {
		t.Errorf("window %v, cursor %v: want all of %v and its end", w, v.cursor, short)
	}
	for _, length := range []time.Duration{50 * time.Second, 5*time.Minute + 23*time.Second, 15 * time.Minute, 20 * time.Minute, time.Hour, 100 * time.Minute} {
		v = viewport{}
		v.fit(timeline.Span{From: time.Hour, To: time.Hour + length}, time.Hour)
		if w := v.window(0, 60); w.From > time.Hour || w.To < time.Hour+length || v.width > length*3/2 || length >= 15*time.Minute && v.width > length*6/5 {
			t.Errorf("of %v the window is %v: want all, and not mostly what was not recorded", length, w)
		}
	}
	long := timeline.Span{From: 0, To: 100 * time.Hour}
	v = viewport{}
	v.fit(long, 3*time.Hour)
	if w := v.window(0, 60); v.width != replayWidth || v.cursor < w.From || v.cursor >= w.To {
		t.Errorf("width %v, window %v, cursor %v", v.width, w, v.cursor)
	}
}
