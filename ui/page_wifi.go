package ui

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"flapscope/history/stats"
	"flapscope/history/timeline"
	"flapscope/internal/text"
	"flapscope/monitor/fact"
	"flapscope/monitor/path"
	"flapscope/themes"
	"flapscope/ui/grid"
)

// A wifiPage shows the radio: how strong the access point was heard, who ended
// associations and why, and how each access point did.
type wifiPage struct{ *scope }

// draw implements page.
func (p wifiPage) draw(a grid.Area, bar barView) {
	f, body := p.shell(a, bar)
	v := f.wifiView()
	if v.why != "" {
		f.head(body.Row(0), "WI-FI", "", f.Focus)
		lines := wrap(v.why, body.Width())
		for i, line := range lines {
			body.Text(0, 1+i, line, f.Text)
		}
		y := len(lines) + 2
		for _, what := range wifiShows {
			for _, line := range wrap(what, body.Width()) {
				body.Text(0, y, line, f.Dim)
				y++
			}
		}
		return
	}
	l := newWifiLayout(body, len(v.ends), max(len(v.cells), v.heard.Len()))
	drawSignal(&l, v, f)
	if l.link.Width() > 0 {
		f.drawLink(l.link, v, l.beside)
	}
	if l.ends.Height() > 0 {
		drawEnds(l.ends, v)
	}
	if l.cells.Height() > 0 {
		drawCells(l.cells, v)
	}
	if l.heard.Width() > 0 {
		drawHeard(l.heard, v)
	}
}

// wifiShows says on a machine without Wi-Fi what the page is for.
var wifiShows = []string{
	"signal, beacons and retries over the time of the other pages",
	"who ended each association, why, and how sure that is",
	"each access point that was heard: its channel, and how full the air is",
	"whether it is one access point that fails, or all",
}

// A wifiView is what the page shows of one interface.
type wifiView struct {
	look
	axis
	lane timeline.Lane
	// others is how many other interfaces are Wi-Fi.
	others int
	// air is two buckets a column, and events what became of the radio in the
	// window, after what held at its begin.
	air    []timeline.Air
	events []timeline.RadioEvent
	// here is the last word on the association at the cursor, or nil, said at
	// since, and now how it did in the seconds before.
	here  *fact.Wifi
	since time.Duration
	now   timeline.Air
	// ends are how associations ended, newest first.
	ends  []wifiEnd
	cells []wifiCell
	// heard are the access points that were heard of last.
	heard timeline.Hearing
	// channel is how the channel is used.
	channel timeline.Airtime
	// pattern is the rhythm of the newest trouble of the radio, or "".
	pattern string
	layout  string
	at      time.Duration
	// from is when the window begins, or what is known of it.
	from time.Duration
	// wall returns the time of an instant.
	wall func(time.Duration) time.Time
	// scanning says in which rhythm there are scans, and what they do to answers, or
	// is "".
	scanning string
	// why says why there is nothing to show, or is "", and unread why it may be
	// that there is more.
	why, unread string
	// reason is why the interface has no path, or "".
	reason string
}

// wifiView returns what the page shows.
func (f *frame) wifiView() wifiView {
	v := wifiView{look: f.look, axis: f.axis, at: f.at, layout: f.listLayout()}
	if f.tl == nil {
		v.why = f.waiting()
		return v
	}
	lanes, shown := f.radios()
	if len(lanes) == 0 {
		v.why = "no Wi-Fi interface on this machine; one that is plugged in is shown here"
		if f.unread() {
			v.why = f.unknown()
		}
		if f.snap != nil && f.snap.Notices["wifi"] != nil {
			v.why += ": " + f.snap.Notices["wifi"].Text.Display()
		}
		return v
	}
	v.from = max(f.span.From, f.tl.Bounds().From)
	v.lane, v.others, v.wall = lanes[shown], len(lanes)-1, f.tl.Clock
	scope := v.lane.Scope
	v.air = f.tl.Air(scope, f.span, 2*f.cols)
	v.events = f.tl.Radio(scope, f.span)
	for _, e := range f.tl.Radio(scope, timeline.Span{From: f.at, To: f.at + 1}) {
		if e.Wifi != nil {
			v.here, v.since = e.Wifi, e.Mono
		}
	}
	if v.associated() {
		// Longer than the calm pace at which a driver is asked.
		v.now = f.tl.Air(scope, timeline.Span{From: max(f.at-6*time.Second, v.since), To: f.at + 1}, 1)[0]
	}
	v.ends = f.wifiEnds(v.lane, v.events)
	v.cells = f.wifiCells(v.lane)
	v.heard = f.tl.Heard(scope, f.at)
	if v.channel = f.tl.Airtime(scope, f.at); v.channel.At < v.since {
		v.channel = timeline.Airtime{} // of the access point before
	}
	v.pattern = f.wifiPattern(v.lane.Name)
	v.scanning = f.scanning(v.events)
	if f.unread() {
		v.unread = f.unknown()
	}
	if p := f.path(); p != nil {
		for _, i := range p.Interfaces {
			if i.Name == v.lane.Name {
				v.reason = text.Words(i.Reason)
			}
		}
	}
	return v
}

// associated reports whether there is an access point at the cursor.
func (v *wifiView) associated() bool { return v.here != nil && v.here.Gain() }

// wifiPattern is the rhythm of the newest incident of the radio until the cursor,
// or "".
func (f *frame) wifiPattern(name fact.Untrusted) string {
	for _, i := range slices.Backward(f.incidentsAt()) {
		if i.Root.Interface == name && i.Pattern != nil && i.Root.Leg == path.LegRadio {
			return i.Pattern.Text()
		}
	}
	return ""
}

// A wifiLayout is the rectangles of the page.
type wifiLayout struct {
	head, axis, strip, marks, chart grid.Area
	beacons, retries, rate          grid.Area
	// link is the pane of the association, beside whether it stands beside the
	// chart.
	link        grid.Area
	beside      bool
	ends, cells grid.Area
	// heard stands beside cells, where there is room.
	heard  grid.Area
	gutter int
	cols   int
}

// newWifiLayout divides the room of the page among the chart, ends and cells. What
// is told first gets its room first: signal, the last ends, the link, the cells.
func newWifiLayout(a grid.Area, ends, cells int) wifiLayout {
	w, h := a.Size()
	left, gutter, cols := timeAxis(w + 2)
	l := wifiLayout{gutter: gutter, cols: cols, beside: left < w}
	if !l.beside {
		left = w
	}
	roomy := h >= roomyFrom-4
	fixed := 4 // head, axis, strip, marks
	bars := min(3, max(0, (h-fixed-6)/5))
	linkRows, leastEnds := 0, 4
	if !l.beside && h >= 18 {
		linkRows, leastEnds = 5, 6
	}
	parts := []part{
		{least: 3, most: max(5, h*2/5), weight: 4},
		{least: leastEnds, most: 1 + wifiHeads(roomy) + max(ends, 1) + 1, weight: 3},
		{least: 0, most: 0, weight: 2},
	}
	gaps := 0
	if roomy {
		gaps = 2
		parts[2] = part{least: 3, most: 2 + max(cells, 1) + 2, weight: 2}
	}
	share(max(h-fixed-bars-linkRows-gaps, 0), parts)
	y := 0
	take := func(n int) grid.Area {
		r := a.Sub(0, y, left, n)
		y += n
		return r
	}
	l.head, l.axis, l.strip, l.marks = take(1), take(1), take(1), take(1)
	l.chart = take(parts[0].got)
	l.beacons = take(min(bars, 1))
	l.retries = take(min(max(bars-1, 0), 1))
	l.rate = take(max(bars-2, 0))
	if l.beside {
		l.link = a.Sub(left+2, 0, w-left-2, y)
	} else {
		l.link = take(linkRows)
	}
	left = w
	if roomy {
		y++
	}
	l.ends = take(parts[1].got)
	if roomy {
		y++
		l.cells = take(min(parts[2].got, h-y))
		if w >= 2*heardWidth-8 {
			beside := w - heardWidth - 2
			l.heard = l.cells.Sub(beside+2, 0, heardWidth, l.cells.Height())
			l.cells = l.cells.Sub(0, 0, beside, l.cells.Height())
		}
	}
	return l
}

// wifiHeads is how many rows the names of the columns take.
func wifiHeads(roomy bool) int {
	if roomy {
		return 1
	}
	return 0
}

// drawLink draws what the interface is associated with at the cursor, and how that
// does: in one column beside the chart, with round trips over it where there is room,
// or in two below it.
func (f *frame) drawLink(a grid.Area, v wifiView, beside bool) {
	p := f.linkPane(v, a.Width())
	if beside {
		rest := drawPanes(a, f.look, []pane{p})
		if path := f.path(); path != nil {
			f.drawCards(rest, f.targetsView(), func(r targetRow) bool { return cmp.Or(r.Index, path.Index) == v.lane.Index })
		}
		return
	}
	f.head(a, p.title, p.remark, f.Title)
	const gap = 3
	rows, half := a.Height()-1, (a.Width()-gap)/2
	for i, r := range p.rows {
		if i/rows > 1 {
			return
		}
		if len(r.parts) == 0 {
			drawPaneRow(a.Row(1+i), f.look, r)
			continue
		}
		drawPaneRow(a.Sub(i/rows*(half+gap), 1+i%rows, half, 1), f.look, r)
	}
}

// linkPane says what the interface is associated with, the most telling first:
// where there is little room the end of it goes.
func (f *frame) linkPane(v wifiView, width int) pane {
	p := pane{title: "LINK " + v.lane.Name.Display(), least: 1}
	if v.others > 0 {
		p.remark = "tab: " + num(int64(v.others)) + " more"
	}
	if v.here == nil {
		said := cmp.Or(v.unread, v.reason, "nothing is known of an association")
		p.rows = []paneRow{{key: said, keyStyle: f.Muted}}
		return p
	}
	if !v.associated() {
		p.rows = []paneRow{{mark: '×', markStyle: f.Bad, key: "not associated", keyStyle: f.Text}}
		for _, line := range wrap(v.here.Words().Display(), width) {
			p.rows = append(p.rows, paneRow{key: line, keyStyle: f.Muted})
		}
		return p
	}
	w, now := v.here, &v.now
	name := f.row("ssid", w.SSID.Display(), f.Strong)
	if w.SSID == "" {
		name = f.row("ssid", hiddenName, f.Dim)
	}
	p.rows = []paneRow{name, f.signalRow(now), f.row("bssid", w.BSSID.Display(), f.Text), f.beaconRow(now)}
	p.rows = append(p.rows, f.channelRow(w), f.rateRow("tx rate", now.Rate.TxRate, now), f.retryRow(now), f.rateRow("rx rate", now.Rate.RxRate, nil))
	since := f.row("since", f.clock(f.tl.Clock(v.since), v.layout), f.Text)
	since.right = f.muted(text.Elapsed(v.at - v.since))
	p.rows = append(p.rows, f.airtimeRow(v.channel.Airtime), since, f.row("scans", v.scans(), f.Text), f.savingRow(v.channel.Airtime))
	for _, line := range wrap(v.scanning, width-keyColumn) {
		p.rows = append(p.rows, f.row("", line, f.Warn))
	}
	return p
}

// scanning says in which rhythm a radio scans, and how late answers are then.
func (f *frame) scanning(events []timeline.RadioEvent) string {
	var said []string
	if r := stats.ScansEvery(events); r != nil {
		said = append(said, r.Text())
	}
	if len(f.charted) > 0 {
		s := f.tl.Stats(f.charted[0].ID, f.span)
		if s.Scanned >= fewScanned && s.InScans > 2*s.P50 && s.InScans-s.P50 >= muchLater {
			said = append(said, "answers take "+text.Duration(s.InScans)+" meanwhile, else "+text.Duration(s.P50))
		}
	}
	return strings.Join(said, "; ")
}

// fewScanned is of how many answers in scans their median is told, and muchLater by
// how much it is above the other then.
const (
	fewScanned = 5
	muchLater  = 5 * time.Millisecond
)

// hiddenName stands for the name of a network that does not tell it.
const hiddenName = "‹hidden›"

// The signals in dBm from which a radio is well off, and below which supplicants
// look for another access point.
const (
	goodSignal = -60
	weakSignal = -70
)

// signalStyle is the colour of a signal.
func (k look) signalStyle(dbm int) themes.Style {
	switch {
	case dbm == 0:
		return k.Dim
	case dbm >= goodSignal:
		return k.Good
	case dbm >= weakSignal:
		return k.Warn
	}
	return k.Bad
}

// dBm writes a signal; 0 is none.
func dBm(v int) string {
	if v == 0 {
		return "unknown"
	}
	return num(int64(v)) + " dBm"
}

func (f *frame) signalRow(now *timeline.Air) paneRow {
	r := f.row("signal", dBm(now.Signal), f.signalStyle(now.Signal))
	if now.Signal != 0 {
		fraction := min(max(float64(now.Signal+95)/60, 0), 1)
		r.bar, r.barAt, r.barStyle = &fraction, keyColumn+10, f.signalStyle(now.Signal)
	}
	return r
}

func (f *frame) beaconRow(now *timeline.Air) paneRow {
	heard, known := timeline.Share(now.Beacons, now.Due)
	if !known {
		return f.row("beacons", "unknown", f.Dim)
	}
	r := f.row("beacons", num(int64(now.Beacons))+" of "+num(int64(now.Due)), f.beaconStyle(heard))
	if now.BeaconSignal != 0 {
		r.right = f.muted(dBm(now.BeaconSignal))
	}
	return r
}

// fewBeacons is the share of the beacons below which those that are not heard are
// worth a colour: one of ten may come a little after the look at them.
const fewBeacons = 0.8

// beaconStyle is the colour of a share of the beacons that was heard.
func (k look) beaconStyle(heard float64) themes.Style {
	switch {
	case heard >= fewBeacons:
		return k.Text
	case heard >= 0.5:
		return k.Warn
	}
	return k.Bad
}

func (f *frame) channelRow(w *fact.Wifi) paneRow {
	n, band := fact.Channel(w.Frequency)
	if n == 0 {
		return f.row("channel", "unknown", f.Dim)
	}
	said := num(int64(n))
	if w.Width > 0 {
		said += "  " + num(int64(w.Width)) + " MHz"
	}
	r := f.row("channel", said, f.Text)
	r.right = f.muted(band)
	return r
}

// airtimeRow shows how much of the time the channel is busy, whoever sends on it, which
// most drivers do not say.
func (f *frame) airtimeRow(a *fact.Airtime) paneRow {
	r := f.row("in use", "unknown", f.Dim)
	if a == nil {
		return r
	}
	if busy, known := a.BusyPercent(); known {
		st := f.Text
		if busy >= fullChannel {
			st = f.Warn
		}
		r = f.row("in use", num(int64(busy))+" %", st)
	}
	if a.Noise != 0 {
		r.right = f.muted("noise " + dBm(a.Noise))
	}
	return r
}

// savingRow shows whether the radio sleeps between beacons.
func (f *frame) savingRow(a *fact.Airtime) paneRow {
	if a == nil || a.Saving() == "" {
		return f.row("saving", "unknown", f.Dim)
	}
	return f.row("saving", "power save "+a.Saving(), f.Text)
}

// fullChannel is how much of the time in per cent a channel is busy from when it is
// worth a colour: what waits for a free moment is late then.
const fullChannel = 60

// rateRow shows a rate, and if how is set, by what it comes about.
func (f *frame) rateRow(name string, rate int, how *timeline.Air) paneRow {
	if rate == 0 {
		return f.row(name, "unknown", f.Dim)
	}
	r := f.row(name, text.Trimmed(float64(rate)/10)+" Mb/s", f.Text)
	if how != nil {
		k := &how.Rate
		r.right = f.muted("MCS " + num(int64(k.MCS)) + "×" + num(int64(max(k.NSS, 1))) + " " + num(int64(k.Width)) + " MHz")
	}
	return r
}

func (f *frame) retryRow(now *timeline.Air) paneRow {
	again, known := timeline.Share(now.Retries, now.Sent)
	if !known {
		return f.row("retries", "nothing sent", f.Dim)
	}
	st := f.Text
	if again > manyRetries {
		st = f.Warn
	}
	r := f.row("retries", percent(again, 0), st)
	r.right = f.muted(num(int64(now.Failed)) + " given up")
	return r
}

// manyRetries is the share of packets that are sent again from which it is worth
// a colour.
const manyRetries = 0.3

// scans says how many scans there were in the window.
func (v *wifiView) scans() string {
	n := 0
	for _, e := range v.events {
		if e.Event != nil && e.Event.Event == fact.WifiEventScan {
			n++
		}
	}
	return num(int64(n)) + " in " + rounded(v.step*time.Duration(v.cols))
}
