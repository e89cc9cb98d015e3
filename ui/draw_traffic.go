package ui

import (
	"slices"
	"time"

	"flapscope/history/timeline"
	"flapscope/internal/text"
	"flapscope/themes"
	"flapscope/ui/grid"
)

// drawTraffic draws what an interface received and sent, on one scale and more
// rows for what it received, with the rate at the cursor left of it. Where packets
// were lost on this machine the bar is red. The head says what a full bar is, if
// there is room.
func (f *frame) drawTraffic(a, head grid.Area, lane timeline.Lane, gutter int, rates []timeline.Rate) {
	top := 0.0
	for _, r := range rates {
		top = max(top, r.Rx, r.Tx)
	}
	if peak := "peak " + text.Size(int64(top)) + "/s"; top > 0 && head.Width() > grid.Width(peak)+2 {
		head.Right(head.Width(), 0, peak, f.Dim)
	}
	now := f.rateAt(lane)
	tx := max(a.Height()/3, 1)
	rx := a.Height() - tx
	f.drawRate(a.Sub(0, 0, a.Width(), rx), "rx", now, gutter, rates, top, f.Received[shadeOf(lane.Type)], func(r timeline.Rate) float64 { return r.Rx })
	f.drawRate(a.Sub(0, rx, a.Width(), tx), "tx", now, gutter, rates, top, f.Lanes[shadeOf(lane.Type)], func(r timeline.Rate) float64 { return r.Tx })
}

// rateAt returns what an interface carried at the cursor.
func (f *frame) rateAt(lane timeline.Lane) timeline.Rate {
	// The newest reading of the counters may be a second and a half old.
	all := f.tl.Rates(lane.Scope, timeline.Span{From: f.at - 1500*time.Millisecond, To: f.at + 1}, 3)
	for _, r := range slices.Backward(all) {
		if r.Known {
			return r
		}
	}
	return timeline.Rate{}
}

func (f *frame) drawRate(a grid.Area, name string, now timeline.Rate, gutter int, rates []timeline.Rate, top float64, fine themes.Style, of func(timeline.Rate) float64) {
	h := a.Height()
	a.Text(2, h-1, name, f.Muted)
	said, st := "–", f.Dim
	if now.Known {
		said, st = text.Size(int64(of(now)))+"/s", f.Text
	}
	a.Right(gutter-1, h-1, said, st)
	for x, r := range rates {
		v := of(r)
		bar := fine
		if r.Errors > 0 {
			bar = f.Loss
		}
		switch {
		case !r.Known:
		case v <= 0 || top <= 0:
			a.Set(gutter+x, h-1, '▁', f.LaneNone)
		default:
			level := max(int(v/top*8*float64(h)+0.5), 1)
			for y := h - 1; y >= 0 && level > 0; y-- {
				a.Set(gutter+x, y, eighth(min(level, 8)), bar)
				level -= 8
			}
		}
	}
}
