package ui

import (
	"time"

	"flapscope/history/timeline"
)

// widths are the spans of the time axis that the zoom keys go through.
func widths() []time.Duration {
	const day = 24 * time.Hour
	return []time.Duration{
		5 * time.Second, 15 * time.Second, 30 * time.Second,
		time.Minute, 2 * time.Minute, 5 * time.Minute, 15 * time.Minute, 30 * time.Minute,
		time.Hour, 2 * time.Hour, 6 * time.Hour, 12 * time.Hour,
		day, 2 * day, 7 * day, 30 * day,
	}
}

// growing are the spans of an axis that grows with the data, from the first
// seconds to what a person remembers: always well filled, and seldom changing.
func growing() []time.Duration {
	return []time.Duration{
		5 * time.Second, 10 * time.Second, 15 * time.Second, 20 * time.Second, 30 * time.Second, 45 * time.Second,
		time.Minute, 90 * time.Second, 2 * time.Minute, 3 * time.Minute, 5 * time.Minute, 6 * time.Minute, 8 * time.Minute, 10 * time.Minute, 12 * time.Minute, 15 * time.Minute,
	}
}

// fitting are the spans of an axis that shows all of a recording at first.
func fitting() []time.Duration {
	all := growing()
	for _, minutes := range []time.Duration{16, 18, 20, 22, 25, 28, 30, 35, 40, 45, 50, 60, 70, 80, 90, 105} {
		all = append(all, minutes*time.Minute)
	}
	return append(all, replayWidth)
}

// replayWidth is the longest recording that is shown whole at first.
const replayWidth = 2 * time.Hour

// A viewport is where on the time axis the screen looks. The cursor is the
// instant that the panes describe: the present when live, else where the user
// left it.
type viewport struct {
	// width is the span of the axis; auto is whether it grows with the data.
	width time.Duration
	auto  bool
	// live is whether cursor and right edge follow the present.
	live bool
	// cursor and right are where the cursor and the right edge are when not
	// live.
	cursor, right time.Duration
	// phase is where a column begins: those of another axis may be wanted.
	phase time.Duration
	// beyond is how far the axis may go on after what is known.
	beyond time.Duration
}

// step returns the width of one of cols columns.
func (v *viewport) step(cols int) time.Duration {
	return max(v.width/time.Duration(max(cols, 1)), 1)
}

// window returns what cols columns show. Its edges are multiples of a column,
// so that columns keep their contents while time goes on.
func (v *viewport) window(now time.Duration, cols int) timeline.Span {
	step, right := v.step(cols), v.right
	if v.live {
		right = now
	}
	to := ((right-v.phase)/step+1)*step + v.phase
	return timeline.Span{From: to - step*time.Duration(cols), To: to}
}

// at returns the instant of the cursor.
func (v *viewport) at(now time.Duration) time.Duration {
	if v.live {
		return now
	}
	return v.cursor
}

// grow widens an automatic window to hold age.
func (v *viewport) grow(age time.Duration) {
	if !v.auto || !v.live {
		return
	}
	for _, v.width = range growing() {
		if v.width >= age {
			return
		}
	}
}

// fit shows all of a recording, or its end when it is long.
func (v *viewport) fit(bounds timeline.Span, cursor time.Duration) {
	v.live, v.cursor = false, min(max(cursor, bounds.From), bounds.To)
	if v.width == 0 {
		for _, v.width = range fitting() {
			if all := bounds.To - bounds.From; v.width >= all+all/50 { // the edges are whole columns
				break
			}
		}
	}
	v.right = bounds.To
	v.show(bounds)
}

// freeze stops following the present.
func (v *viewport) freeze(now time.Duration) {
	if v.live {
		v.live, v.cursor, v.right = false, now, now
	}
}

// set puts the cursor to an instant within bounds, and the window around it.
func (v *viewport) set(to time.Duration, bounds timeline.Span) {
	v.cursor = min(max(to, bounds.From), bounds.To)
	v.show(bounds)
}

// show moves the window so that the cursor is in it, a quarter away from the
// edge that it left.
func (v *viewport) show(bounds timeline.Span) {
	switch left := v.right - v.width; {
	case v.cursor > v.right:
		v.right = v.cursor + v.width/4
	case v.cursor < left:
		v.right = v.cursor + v.width*3/4
	}
	v.right = max(min(v.right, bounds.To+v.beyond), v.cursor)
}

// page moves cursor and window together.
func (v *viewport) page(by time.Duration, bounds timeline.Span) {
	v.right += by
	v.set(v.cursor+by, bounds)
}

// zoom goes to the next width in the direction of dir (-1 is closer) around
// the cursor.
func (v *viewport) zoom(dir int) { v.zoomAt(dir, v.cursor) }

// zoomAt is zoom around an instant, which stays where it is on the screen. While
// the axis follows the present that does.
func (v *viewport) zoomAt(dir int, at time.Duration) {
	next := v.width
	for _, w := range widths() {
		if dir < 0 && w < v.width {
			next = w
		}
		if dir > 0 && w > v.width {
			next = w
			break
		}
	}
	if !v.live && v.width > 0 {
		behind := float64(v.right-at) / float64(v.width)
		v.right = at + time.Duration(behind*float64(next))
	}
	v.width, v.auto = next, false
}
