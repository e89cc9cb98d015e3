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
	"flapscope/themes"
	"flapscope/ui/grid"
)

// A wifiEnd is how an association ended, went over to another access point, or
// did not come about.
type wifiEnd struct {
	at   time.Duration
	mark radioMark
	by   span
	// words say what happened and code with which number of the standard.
	words, code string
	sure        span
	signal      int
	// gone is how long the interface had no path because of it; known is whether it
	// had one before, and still whether it has none since.
	gone         time.Duration
	known, still bool
}

// roamTime is how long a roam may take: its begin looks like an end.
const roamTime = 2 * time.Second

// sayTime is how long after a loss the radio may say why: it belongs to the
// instant of the loss.
const sayTime = 500 * time.Millisecond

// wifiEnds returns how associations ended until the cursor, newest first.
func (f *frame) wifiEnds(lane timeline.Lane, events []timeline.RadioEvent) []wifiEnd {
	var out []wifiEnd
	for i := range events {
		e := &events[i]
		if e.Wifi == nil || e.Mono > f.at+sayTime || e.Mono < f.span.From || e.Wifi.Event == fact.WifiAssociated {
			continue
		}
		if isRoamBegin(events[i:]) {
			continue
		}
		out = append(out, f.wifiEnd(lane, events[:i+1]))
	}
	slices.Reverse(out)
	return out
}

// isRoamBegin reports whether the first event is the begin of a roam that follows.
func isRoamBegin(events []timeline.RadioEvent) bool {
	for i := range events[1:] {
		if next := &events[1+i]; next.Wifi != nil {
			return next.Wifi.Event == fact.WifiRoamed && next.Mono-events[0].Mono < roamTime
		}
	}
	return false
}

// wifiEnd tells the last of some events in words.
func (f *frame) wifiEnd(lane timeline.Lane, events []timeline.RadioEvent) wifiEnd {
	e := &events[len(events)-1]
	w := e.Wifi
	end := wifiEnd{at: e.Mono, mark: f.radioMark(e), signal: w.Signal}
	ap, own, nobody := span{"the AP", f.Bad}, span{"this machine", f.Info}, span{"nobody", f.Warn}
	certain, forged := span{"certain", f.Good}, span{"or forged", f.Warn}
	code := func(name string, n uint16) string { return "(" + name + " " + num(int64(n)) + ")" }
	meaning := func(said, words string) string { return strings.TrimSuffix(said+": "+words, ": ") }
	switch {
	case w.Event == fact.WifiRoamed:
		end.by, end.sure = own, certain
		end.words = "roamed " + shortBSSID(w.From) + " → " + shortBSSID(w.BSSID) + f.roamGain(lane, events)
		end.signal = lastSignal(events)
	case w.Event == fact.WifiBeaconLost:
		end.by, end.words, end.sure = nobody, "heard no beacons any more", span{"heard here", f.Muted}
	case w.Event == fact.WifiUnanswered:
		end.by, end.words, end.sure = nobody, "the AP did not answer", span{"heard here", f.Muted}
	case w.Event == fact.WifiRefused:
		end.by, end.words, end.code, end.sure = ap, meaning("refused us", w.StatusWords()), code("status", w.Status), forged
	case w.ByAP:
		end.by, end.words, end.code, end.sure = ap, meaning("kicked us", fact.ReasonWords(w.Reason)), code("reason", w.Reason), forged
		if w.Protected {
			end.sure = span{"certain: signed", f.Good}
		}
	case w.Reason != 0:
		end.by, end.words, end.code, end.sure = own, meaning("left", fact.LocalReasonWords(w.Reason)), code("reason", w.Reason), certain
	default:
		end.by, end.words, end.sure = span{"unknown", f.Muted}, text.Words(w.Event.Display()), span{"not said", f.Muted}
	}
	if w.Ended() || w.Gain() { // the path was gone before it was tried to come back
		end.gone, end.known, end.still = f.pathGone(lane, e.Mono)
	}
	return end
}

// lastSignal is that of the end just before the last event.
func lastSignal(events []timeline.RadioEvent) int {
	for _, e := range slices.Backward(events[:len(events)-1]) {
		if e.Wifi != nil {
			return e.Wifi.Signal
		}
	}
	return 0
}

// roamGain says by how much the new access point is heard better, or worse.
func (f *frame) roamGain(lane timeline.Lane, events []timeline.RadioEvent) string {
	at := events[len(events)-1].Mono
	before := lastSignal(events)
	if before == 0 {
		before = f.tl.Air(lane.Scope, timeline.Span{From: at - 10*time.Second, To: at}, 1)[0].Signal
	}
	after := f.tl.Air(lane.Scope, timeline.Span{From: at, To: at + 6*time.Second}, 1)[0].Signal
	switch {
	case before == 0 || after == 0 || before == after:
		return ""
	case after > before:
		return ", better by " + num(int64(after-before)) + " dB"
	}
	return ", worse by " + num(int64(before-after)) + " dB"
}

// The carrier may fall a little before the radio says why, and a second after it
// where the kernel holds reports of carriers back.
const (
	goneBefore = time.Second
	goneAfter  = time.Second + 200*time.Millisecond
)

// pathGone returns how long the interface had no path around an instant, whether
// it had none at all, and whether it has none since.
func (f *frame) pathGone(lane timeline.Lane, at time.Duration) (gone time.Duration, known, still bool) {
	from := at - goneBefore
	var first, last timeline.Segment
	for range 16 { // it may wait, and be without again, until it is back
		found := false
		for _, s := range f.tl.Segments(lane.Scope, timeline.Span{From: from, To: max(last.To, at+goneAfter) + 1}, 0) {
			lost := s.Level == timeline.LevelBad || s.Level == timeline.LevelWaiting
			switch {
			case s.To <= last.To && known || s.To < from:
			case lost && !known:
				first, last, known, found = s, s, true, true
			case lost && s.From <= last.To:
				last, found = s, true
			}
		}
		if !found {
			break
		}
		from = last.From
	}
	if !known {
		return 0, false, false
	}
	still = last.To >= f.tl.Bounds().To
	end := last.To
	if still {
		end = max(f.present(), end)
	}
	return end - first.From, true, still
}

// drawEnds draws the list of ends, newest first, and below it their rhythm.
func drawEnds(a grid.Area, v wifiView) {
	kicks, roams, lost := 0, 0, 0
	for _, e := range v.ends {
		switch {
		case e.mark.glyph == '⇄':
			roams++
		case e.mark.glyph == '▼' && e.by.text == "nobody":
			lost++
		case e.mark.loud == 6:
			kicks++
		}
	}
	v.head(a, "WHO ENDED IT, AND WHY", text.Count(kicks, "kick")+" · "+text.Count(roams, "roam")+" · "+num(int64(lost))+" × out of range", v.Title)
	if len(v.ends) == 0 {
		a.Text(0, 1, cmp.Or(v.unread, "no association ended in this span"), v.Dim)
		return
	}
	t := endsTable(a.Width())
	y := 1
	if a.Width() >= panesFrom-2 {
		t.heads(a.Row(y), v)
		y++
	}
	room := a.Height() - y
	if v.pattern != "" && room > 1 {
		room--
		row := a.Row(a.Height() - 1)
		x := row.Text(0, 0, "pattern  ", v.Accent)
		row.Text(x, 0, cutWords(v.pattern, row.Width()-x-12), v.Text)
	}
	for i, e := range v.ends[:min(len(v.ends), room)] {
		t.draw(a.Row(y+i), v, e)
	}
	if n := len(v.ends) - room; n > 0 && v.pattern != "" {
		a.Right(a.Width(), a.Height()-1, num(int64(n))+" earlier", v.Muted)
	}
}

// An endsColumns is where the columns of the list of ends are: the begin of the
// words and of how sure they are, and the ends of the figures; 0 is not there.
type endsColumns struct{ by, words, sure, signal, gone int }

// widestEnds is from where on more room would only tear the list apart.
const widestEnds = 140

func endsTable(width int) endsColumns {
	width = min(width, widestEnds)
	t := endsColumns{by: 11, words: 24, gone: width}
	if width >= 70 {
		t.signal = width - 11
	}
	if width >= panesFrom-2 {
		t.signal = width - 13
		t.sure = width - 39
	}
	return t
}

func (t endsColumns) heads(a grid.Area, v wifiView) {
	a.Text(0, 0, "when", v.Dim)
	a.Text(t.by, 0, "by", v.Dim)
	a.Text(t.words, 0, "what happened", v.Dim)
	a.Text(t.sure, 0, "how sure", v.Dim)
	a.Right(t.signal, 0, "signal", v.Dim)
	a.Right(t.gone, 0, "path gone", v.Dim)
}

func (t endsColumns) draw(a grid.Area, v wifiView, e wifiEnd) {
	a.Text(0, 0, v.clock(v.wall(e.at), "15:04:05"), v.Muted)
	a.Set(9, 0, e.mark.glyph, e.mark.style.With(themes.Bold))
	a.Text(t.by, 0, e.by.text, e.by.style)
	end := t.gone - 10
	if t.signal > 0 {
		end = t.signal - 9
		said := dBm(e.signal)
		if e.signal == 0 {
			said = "–"
		}
		a.Right(t.signal, 0, said, v.Text)
	}
	if t.sure > 0 {
		end = t.sure - 1
		a.Text(t.sure, 0, e.sure.text, e.sure.style)
	}
	x := a.Text(t.words, 0, cutWords(e.words, end-t.words), v.Text)
	if e.code != "" && x+1+grid.Width(e.code) <= end {
		a.Text(x+1, 0, e.code, v.Muted)
	}
	gone, st := "–", v.Dim
	switch {
	case e.still:
		gone, st = "still", v.Bad
	case e.known:
		gone, st = text.Duration(e.gone), v.Bad
		if e.gone < 200*time.Millisecond {
			st = v.Good
		}
	}
	a.Right(t.gone, 0, gone, st)
}

// A wifiCell is how an access point did in the window.
type wifiCell struct {
	*stats.WifiCell
	// here is whether it is the one at the cursor.
	here bool
	// lost and answered are the probes of one target while it was in use.
	lost, answered uint32
}

// mostStretches bounds the associations in a window of which probes are counted.
const mostStretches = 256

// wifiCells returns how each access point did in the window until the cursor, the
// longest used first.
func (f *frame) wifiCells(lane timeline.Lane) []wifiCell {
	span := timeline.Span{From: f.span.From, To: min(f.span.To, max(f.at, f.span.From+1))}
	target := ""
	if len(f.charted) > 0 {
		target = f.charted[0].ID
	}
	probes, stretches := map[*stats.WifiCell]timeline.Stats{}, 0
	cells := stats.WifiCells(f.tl, lane.Scope, span, func(c *stats.WifiCell, s timeline.Span) {
		if stretches++; target == "" || stretches > mostStretches {
			return
		}
		sum, more := probes[c], f.tl.Stats(target, s)
		sum.Lost, sum.Answered = sum.Lost+more.Lost, sum.Answered+more.Answered
		probes[c] = sum
	})
	var here fact.Untrusted
	for _, e := range f.tl.Radio(lane.Scope, timeline.Span{From: f.at, To: f.at + 1}) {
		if e.Wifi != nil && e.Wifi.Gain() {
			here = e.Wifi.BSSID
		}
	}
	var out []wifiCell
	for _, c := range cells {
		out = append(out, wifiCell{c, c.BSSID == here && here != "", probes[c].Lost, probes[c].Answered})
	}
	slices.SortStableFunc(out, func(a, b wifiCell) int { return cmp.Compare(b.Associated, a.Associated) })
	return out
}
