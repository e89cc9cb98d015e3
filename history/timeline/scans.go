package timeline

import (
	"slices"
	"sort"
	"time"

	"flapscope/monitor/fact"
)

// longestScanned is the longest span of which answers in scans are told apart: in a
// longer one they are few, and it would take every single sample.
const longestScanned = 2 * time.Hour

// scanLasts is how long a scan is taken to last of which the end is not known: the
// longest that was seen, of 65 channels while associated, took 18 s.
const scanLasts = 20 * time.Second

// Scans returns the scans among events of one radio, oldest first. While it visits
// other channels a radio answers late: 60 ms in place of 2.
func Scans(events []RadioEvent) []Span {
	var out []Span
	open := false
	for _, e := range events {
		if e.Event == nil {
			continue
		}
		switch e.Event.Event {
		case fact.WifiEventScan:
			out = append(out, Span{e.Mono, e.Mono + scanLasts})
			open = true
		case fact.WifiEventScanned, fact.WifiEventScanEnded:
			if last := len(out) - 1; open && last >= 0 {
				out[last].To = min(out[last].To, e.Mono)
			}
			open = false
		}
	}
	return Union(out)
}

// scansOf returns the scans within a span by radios that carried what is sent to a
// target.
func (v *View) scansOf(t *fact.Target, span Span) (out []Span) {
	if len(v.radios) == 0 || span.To-span.From > longestScanned {
		return nil
	}
	wide := Span{span.From - scanLasts, span.To}
	for i := range v.lanes {
		l := &v.lanes[i]
		if _, ok := v.radios[l.Index]; !ok || t.Index != 0 && t.Index != l.Index {
			continue
		}
		for _, s := range Scans(v.Radio(l.Scope, wide)) {
			if level := l.levelAt(s.From); s.To > span.From && (t.Index != 0 || level == LevelGood || level == LevelDegraded) {
				out = append(out, s)
			}
		}
	}
	return Union(out)
}

// among reports whether an instant lies in one of some spans, which are sorted and
// apart.
func among(spans []Span, at time.Duration) bool {
	i := sort.Search(len(spans), func(i int) bool { return spans[i].To > at })
	return i < len(spans) && spans[i].From <= at
}

// touched reports whether one of some spans has a part in [from, to].
func touched(spans []Span, from, to time.Duration) bool {
	return slices.ContainsFunc(spans, func(s Span) bool { return s.From <= to && s.To > from })
}
