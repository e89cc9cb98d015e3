package ui

import (
	"time"

	"flapscope/history/timeline"
	"flapscope/monitor/fact"
	"flapscope/themes"
	"flapscope/ui/grid"
)

// drawSignal draws all of the page that shares the time axis: the access point,
// what happened, the signal and the bars below it.
func drawSignal(l *wifiLayout, v wifiView, f *frame) {
	drawSignalHead(l.head, v)
	at := func(a grid.Area) grid.Area { return a.Sub(l.gutter, 0, l.cols, a.Height()) }
	drawAxis(at(l.axis), f)
	for _, a := range []grid.Area{l.axis, l.strip, l.marks, l.chart, l.beacons, l.retries, l.rate} {
		at(a).Mark(timePart{v.axis})
	}
	l.strip.Cut(0, 0, l.gutter-1, v.lane.Name.Display(), v.Strong.With(themes.Bold))
	drawCellStrip(at(l.strip), v, f)
	l.marks.Text(0, 0, "events", v.Muted)
	drawRadioMarks(at(l.marks), v)
	lo, hi := signalScale(v.air)
	if lo == hi {
		for i, line := range wrap(v.noSignal(), l.cols-2) {
			at(l.chart).Text(1, l.chart.Height()/2+i, line, v.Muted)
		}
	} else {
		drawSignalScale(l.chart, v.look, l.gutter, lo, hi)
		drawKickLines(at(l.chart), v)
		drawSignalLine(at(l.chart), v, lo, hi, v.Series[1].Line, func(a *timeline.Air) int { return a.BeaconSignal })
		drawSignalLine(at(l.chart), v, lo, hi, v.Series[0].Line, func(a *timeline.Air) int { return a.Signal })
	}
	drawAirBars(l.beacons, v, l.gutter, "beacons", func(a *timeline.Air) (float64, bool, bool) {
		heard, known := timeline.Share(a.Beacons, a.Due)
		return heard, heard < fewBeacons, known
	})
	drawAirBars(l.retries, v, l.gutter, "retries", func(a *timeline.Air) (float64, bool, bool) {
		again, known := timeline.Share(a.Retries, a.Sent)
		return again, again > manyRetries, known
	})
	most := 0
	for i := range v.air {
		most = max(most, v.air[i].Rate.TxRate)
	}
	drawAirBars(l.rate, v, l.gutter, "tx rate", func(a *timeline.Air) (float64, bool, bool) {
		rate, known := timeline.Share(a.Rate.TxRate, most)
		return rate, false, known && a.Rate.TxRate > 0
	})
	drawCursor(l.strip, f, l.gutter, false)
	for _, a := range []grid.Area{l.marks, l.chart, l.beacons, l.retries, l.rate} {
		drawCursor(a, f, l.gutter, true)
	}
}

// drawSignalHead draws the head of the chart with what its marks mean.
func drawSignalHead(a grid.Area, v wifiView) {
	remark := rounded(v.step*time.Duration(v.cols)) + " · " + rounded(v.step) + "/cell"
	x := v.head(a, "SIGNAL", remark, v.Focus)
	end := a.Width() - grid.Width(remark) - 6
	for _, k := range []struct {
		glyph rune
		st    themes.Style
		name  string
	}{
		{'━', v.Series[0].Line, "average"},
		{'━', v.Series[1].Line, "beacons"},
		{'▼', v.Bad, "ended"},
		{'⇄', v.Info, "roam"},
		{'·', v.Text, "scan"},
	} {
		if x+grid.Width(k.name)+5 > end {
			return
		}
		a.Text(x, 0, " ", v.Text)
		a.Set(x+1, 0, k.glyph, k.st.With(themes.Bold))
		x = a.Text(x+2, 0, " "+k.name+" ", v.Muted)
	}
}

// noSignal says why there is no line.
func (v *wifiView) noSignal() string {
	if v.unread != "" {
		return v.unread
	}
	for i := range v.air {
		if v.air[i].Known {
			return "the driver does not tell the signal"
		}
	}
	if v.associated() {
		return "no sample of the signal in this span"
	}
	return "nothing was associated in this span"
}

// drawCellStrip draws how the interface did, with the end of the address of the
// access point at the begin of each association.
func drawCellStrip(a grid.Area, v wifiView, f *frame) {
	runs := f.runs(v.lane.Scope)
	for _, r := range runs {
		fill, ok := f.pathFill(r)
		switch r.level {
		case timeline.LevelIdle:
			fill, ok = themes.Fill{Style: f.LaneNone, Rune: '·'}, true
		case timeline.LevelGood, timeline.LevelStandby:
			fill = f.Paths[themes.Wifi]
		}
		if !ok {
			continue
		}
		block := a.Sub(r.from, 0, r.to-r.from, 1)
		block.Fill(fill.Rune, fill.Style)
		if label := f.pathLabel(r, block.Width()); r.level == timeline.LevelBad || r.level == timeline.LevelGap {
			block.Text(0, 0, label, fill.Style)
		}
	}
	for i, e := range v.events {
		if e.Wifi == nil || !e.Wifi.Gain() {
			continue
		}
		to := v.span.To
		for _, next := range v.events[i+1:] {
			if next.Wifi != nil {
				to = next.Mono
				break
			}
		}
		drawCellName(a, v, f.Paths[themes.Wifi].Style, e, to)
	}
}

// drawCellName writes the end of the address of an access point, or with more room
// its network too, where its association begins.
func drawCellName(a grid.Area, v wifiView, st themes.Style, e timeline.RadioEvent, to time.Duration) {
	from := max(v.column(e.Mono), 0)
	if from > 0 {
		from++ // the column may be that of the loss before
	}
	width := min(v.column(to), v.cols) - from
	name := shortBSSID(e.Wifi.BSSID)
	if long := name + " " + e.Wifi.SSID.Display(); e.Wifi.SSID != "" && grid.Width(long)+2 <= width {
		name = long
	}
	if grid.Width(name)+2 <= width {
		a.Text(from+1, 0, name, st)
	}
}

// shortBSSID is the end of an address: the part by which the access points of one
// network differ.
func shortBSSID(bssid fact.Untrusted) string {
	s := bssid.Display()
	if len(s) > 5 {
		return "…" + s[len(s)-5:]
	}
	return s
}

// A radioMark is how an event of a radio looks; the louder one has the column.
type radioMark struct {
	glyph rune
	loud  int
	style themes.Style
}

func (k look) radioMark(e *timeline.RadioEvent) radioMark {
	if w := e.Wifi; w != nil {
		switch {
		case w.Event == fact.WifiRoamed:
			return radioMark{'⇄', 4, k.Info}
		case w.Gain():
			return radioMark{'▲', 3, k.Good}
		case !w.Ended():
			return radioMark{'×', 5, k.Warn}
		case !w.ByAP && w.Event != fact.WifiBeaconLost:
			return radioMark{'▼', 2, k.Muted}
		}
		return radioMark{'▼', 6, k.Bad}
	}
	switch e.Event.Event {
	case fact.WifiEventScan, fact.WifiEventScanned, fact.WifiEventScanEnded:
		return radioMark{'·', 1, k.Text}
	case fact.WifiEventBeaconLoss, fact.WifiEventPacketLoss, fact.WifiEventForged:
		return radioMark{'!', 5, k.Warn}
	}
	return radioMark{'*', 2, k.Replay}
}

// drawRadioMarks draws what happened.
func drawRadioMarks(a grid.Area, v wifiView) {
	for x, m := range v.radioMarks() {
		if m.loud > 0 {
			a.Set(x, 0, m.glyph, m.style.With(themes.Bold))
		}
	}
}

// radioMarks are what happened, of each column the loudest. A scan is as long as it took.
func (v *wifiView) radioMarks() []radioMark {
	marks := make([]radioMark, v.cols)
	put := func(x int, m radioMark) {
		if x >= 0 && x < v.cols && m.loud > marks[x].loud {
			marks[x] = m
		}
	}
	scanned := -1
	for i := range v.events {
		e := &v.events[i]
		x, m := v.column(e.Mono), v.radioMark(e)
		put(x, m)
		switch {
		case e.Event == nil:
		case e.Event.Event == fact.WifiEventScan:
			scanned = x
		case m.glyph == '·' && scanned >= 0:
			for ; scanned < x; scanned++ {
				put(scanned, m)
			}
			scanned = -1
		}
	}
	return marks
}

// drawKickLines draws a dashed line down from each end, so that what the signal
// did before it is seen.
func drawKickLines(a grid.Area, v wifiView) {
	for i := range v.events {
		e := &v.events[i]
		if e.Wifi == nil || !e.Wifi.Ended() || v.radioMark(e).loud < 6 {
			continue
		}
		for y := range a.Height() {
			a.Set(v.column(e.Mono), y, '┊', v.LaneBad)
		}
	}
}

// signalScale returns the range of the chart in dBm: tens around what was heard,
// thirty at least. Both are the same of nothing.
func signalScale(air []timeline.Air) (lo, hi int) {
	for i := range air {
		for _, s := range []int{air[i].Signal, air[i].BeaconSignal} {
			if s != 0 {
				if lo == 0 {
					lo, hi = s, s
				}
				lo, hi = min(lo, s), max(hi, s)
			}
		}
	}
	if lo == 0 {
		return 0, 0
	}
	lo, hi = -((-lo+9)/10)*10, min(-(-hi/10)*10, 0)
	for hi-lo < 30 {
		if lo -= 10; hi-lo < 30 && hi < 0 {
			hi += 10
		}
	}
	return lo, hi
}

// drawSignalScale draws the labels of the chart and the dots at their heights: as
// many tens as there are rows for.
func drawSignalScale(a grid.Area, k look, gutter, lo, hi int) {
	h, last := a.Height(), -2
	for v := hi; v > lo; v -= 10 {
		y := (hi - v) * h / (hi - lo)
		if y < last+2 && h > 3 {
			continue
		}
		last = y
		a.Right(gutter-1, y, dBm(v), k.Dim)
		for x := gutter; x < a.Width(); x += 4 {
			a.Set(x, y, '·', k.Rule)
		}
	}
}

// drawSignalLine draws a signal over time, and connects samples that are next to
// each other, or as far apart as a calm driver is asked.
func drawSignalLine(a grid.Area, v wifiView, lo, hi int, st themes.Style, of func(*timeline.Air) int) {
	rows := 4 * a.Height()
	bridge := 1 + int(6*time.Second/max(v.step/2, 1))
	last, lastY := -1, 0
	for x := range v.air {
		s := of(&v.air[x])
		if s == 0 {
			continue
		}
		y := min(max((hi-s)*(rows-1)/(hi-lo), 0), rows-1)
		if last < 0 || x-last > bridge || v.endedBetween(last, x) {
			dots(a, x, y, y, st)
		} else {
			drawStroke(a, last, lastY, x, y, st)
		}
		last, lastY = x, y
	}
}

// endedBetween reports whether an association ended between two half columns.
func (v *wifiView) endedBetween(x0, x1 int) bool {
	half := v.step / 2
	for i := range v.events {
		e := &v.events[i]
		if at := int((e.Mono - v.span.From) / max(half, 1)); e.Wifi != nil && !e.Wifi.Gain() && at >= x0 && at <= x1 {
			return true
		}
	}
	return false
}

// drawAirBars draws a bar a column: how much, whether that is a warning, and
// whether it is known.
func drawAirBars(a grid.Area, v wifiView, gutter int, name string, of func(*timeline.Air) (value float64, warn, known bool)) {
	if a.Height() < 1 {
		return
	}
	a.Text(0, 0, name, v.Muted)
	for x := range v.cols {
		var value float64
		var warn, known bool
		for _, half := range v.air[2*x : 2*x+2] {
			if n, w, ok := of(&half); ok {
				// Of two the worse one is drawn.
				if !known || w && !warn || w == warn && n > value {
					value = n
				}
				warn, known = warn || w, true
			}
		}
		st := v.Lanes[themes.Wifi]
		if warn {
			st = v.LaneWarn
		}
		switch {
		case !known:
		case value <= 0 && warn:
			a.Set(gutter+x, 0, '▁', v.LaneBad)
		default:
			a.Set(gutter+x, 0, eighth(int(value*8+0.5)), st)
		}
	}
}
