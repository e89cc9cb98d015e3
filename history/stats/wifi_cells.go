package stats

import (
	"time"

	"flapscope/history/timeline"
	"flapscope/monitor/path"
)

// A Radio is the past of radios.
type Radio interface {
	// Air returns how the association of the interface of a scope did in each of n
	// columns over span.
	Air(scope path.ScopeName, span timeline.Span, n int) []timeline.Air
	// Radio returns what became of it within span, oldest first, after what held
	// at its start.
	Radio(scope path.ScopeName, span timeline.Span) []timeline.RadioEvent
}

// WifiCells returns how each access point of the interface of a scope did within
// span, in the order in which they were met. For each stretch of an association
// it calls stretch with the access point.
func WifiCells(r Radio, scope path.ScopeName, span timeline.Span, stretch func(*WifiCell, timeline.Span)) []*WifiCell {
	var s WifiSummary
	var here *WifiCell
	since := span.From
	end := func(at time.Duration) {
		if here == nil || at <= since {
			return
		}
		here.Associated += at - since
		here.air(&r.Air(scope, timeline.Span{From: since, To: at}, 1)[0])
		if stretch != nil {
			stretch(here, timeline.Span{From: since, To: at})
		}
	}
	for _, e := range r.Radio(scope, span) {
		if e.Wifi == nil {
			continue
		}
		c := s.cell(e.Wifi)
		if e.Mono >= span.From {
			end(e.Mono)
			c.event(e.Wifi)
		}
		since, here = max(e.Mono, span.From), nil
		if e.Wifi.Gain() {
			here = c
		}
	}
	end(span.To)
	return s.Cells
}

// air adds what was sampled during an association.
func (c *WifiCell) air(a *timeline.Air) {
	if a.Signal != 0 {
		if c.Signals == 0 || a.Weakest < c.Weakest {
			c.Weakest = a.Weakest
		}
		n := max(a.Signals(), 1)
		c.Signal, c.Signals = c.Signal+a.Signal*n, c.Signals+n
	}
	c.Sent, c.Retries = c.Sent+a.Sent, c.Retries+a.Retries
	c.Beacons, c.Due = c.Beacons+a.Beacons, c.Due+a.Due
}
