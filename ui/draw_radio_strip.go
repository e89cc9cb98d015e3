package ui

import (
	"slices"

	"flapscope/history/timeline"
	"flapscope/monitor/fact"
	"flapscope/monitor/path"
	"flapscope/themes"
	"flapscope/ui/grid"
)

// radioView is what a strip shows of one interface: how it did in each column, and what
// happened. ok is false of one that is no Wi-Fi, and of one whose signal is not known.
func (f *frame) radioView(lane timeline.Lane) (v wifiView, ok bool) {
	if lane.Type != fact.TypeWifi {
		return v, false
	}
	v = wifiView{look: f.look, axis: f.axis, lane: lane, air: f.tl.Air(lane.Scope, f.span, 2*f.cols)}
	if !slices.ContainsFunc(v.air, func(a timeline.Air) bool { return a.Signal != 0 }) {
		return v, false
	}
	v.events = f.tl.Radio(lane.Scope, f.span)
	return v, true
}

// radioViews returns what the strips of the interfaces show whose signal is known.
func (f *frame) radioViews() map[path.ScopeName]wifiView {
	views := map[path.ScopeName]wifiView{}
	for _, l := range f.lanes {
		if v, ok := f.radioView(l); ok {
			views[l.Scope] = v
		}
	}
	return views
}

// The signals of an empty and of a full bar, in dBm: nothing works any more, and next to
// the access point.
const (
	leastSignal = -90
	mostSignal  = -30
)

// drawRadioStrip draws the signal of an interface below its strip, the height telling how
// strong it was, and over it what ended and began associations. Columns in which the radio
// scanned are brighter.
func drawRadioStrip(a grid.Area, gutter int, v wifiView) {
	a.Cut(1, 0, gutter-2, "signal", v.Muted)
	drawAirBars(a, v, gutter, "", func(r *timeline.Air) (float64, bool, bool) {
		share := float64(r.Signal-leastSignal) / (mostSignal - leastSignal)
		return min(max(share, 0), 1), r.Signal < weakSignal, r.Signal != 0
	})
	for x, m := range v.radioMarks() {
		switch bar, _ := a.At(gutter+x, 0); {
		case m.loud == 0:
		case m.glyph == '·' && bar != ' ':
			a.Set(gutter+x, 0, bar, m.style)
		default:
			a.Set(gutter+x, 0, m.glyph, m.style.With(themes.Bold))
		}
	}
}
