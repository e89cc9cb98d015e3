package ui

import (
	"slices"
	"time"

	"flapscope/history/timeline"
	"flapscope/internal/text"
	"flapscope/ui/grid"
)

// drawTraffic draws what an interface received and sent, a row each on one
// scale, with the rate at the cursor left of it. Where packets were lost on this
// machine the bar is red. The head says what a full bar is, if there is room.
func (f *frame) drawTraffic(a, head grid.Area, lane timeline.Lane, gutter int) {
	rates := f.tl.Rates(lane.Scope, f.span, f.cols)
	top := 0.0
	for _, r := range rates {
		top = max(top, r.Rx, r.Tx)
	}
	if peak := "peak " + text.Size(int64(top)) + "/s"; top > 0 && head.Width() > grid.Width(peak)+2 {
		head.Right(head.Width(), 0, peak, f.Dim)
	}
	now := f.rateAt(lane)
	f.drawRate(a.Row(0), "rx", now, gutter, rates, top, lane, func(r timeline.Rate) float64 { return r.Rx })
	f.drawRate(a.Row(1), "tx", now, gutter, rates, top, lane, func(r timeline.Rate) float64 { return r.Tx })
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

func (f *frame) drawRate(a grid.Area, name string, now timeline.Rate, gutter int, rates []timeline.Rate, top float64, lane timeline.Lane, of func(timeline.Rate) float64) {
	a.Text(2, 0, name, f.Muted)
	said, st := "–", f.Dim
	if now.Known {
		said, st = text.Size(int64(of(now)))+"/s", f.Text
	}
	a.Right(gutter-1, 0, said, st)
	for x, r := range rates {
		v := of(r)
		bar := f.Lanes[shadeOf(lane.Type)]
		if r.Errors > 0 {
			bar = f.Loss
		}
		switch {
		case !r.Known:
		case v <= 0 || top <= 0:
			a.Set(gutter+x, 0, '▁', f.LaneNone)
		default:
			a.Set(gutter+x, 0, eighth(int(v/top*8+0.5)), bar)
		}
	}
}
