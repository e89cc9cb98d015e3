package stats

import (
	"fmt"
	"slices"
	"time"

	"flapscope/history/timeline"
	"flapscope/internal/text"
	"flapscope/monitor/fact"
)

// A ScanRhythm is how often a radio scans, where that is regular.
type ScanRhythm struct {
	// Every is the median time from one scan to the next, and Channels how many one
	// visits, the median too.
	Every    time.Duration `json:"every_ns"`
	Channels int           `json:"channels"`
	// Kept is how many of Of intervals keep to it.
	Kept int `json:"kept"`
	Of   int `json:"of"`
}

// Text names it: "a scan of 65 channels every 30 s, asked by this machine".
func (r *ScanRhythm) Text() string {
	return fmt.Sprintf("a scan of %s every %s, %d of %d, asked by this machine", text.Count(r.Channels, "channel"), text.Duration(r.Every), r.Kept, r.Of)
}

// What makes a rhythm of scans: so many intervals, of which four of five are within
// a fifth of the median. Of random ones one in ten is.
const (
	leastIntervals = 5
	rhythmKept     = 0.8
	rhythmSpread   = 0.2
)

// ScansEvery returns the rhythm of the scans among events of one radio, or nil. The
// asking program is not in what the kernel tells, but it is one of this machine.
func ScansEvery(events []timeline.RadioEvent) *ScanRhythm {
	var intervals []time.Duration
	var channels []int
	last := time.Duration(-1)
	for _, e := range events {
		if e.Event == nil || e.Event.Event != fact.WifiEventScan {
			continue
		}
		if last >= 0 {
			intervals = append(intervals, e.Mono-last)
		}
		last = e.Mono
		channels = append(channels, e.Event.Channels)
	}
	if len(intervals) < leastIntervals {
		return nil
	}
	slices.Sort(intervals)
	slices.Sort(channels)
	r := &ScanRhythm{Every: intervals[len(intervals)/2], Channels: channels[len(channels)/2], Of: len(intervals)}
	spread := time.Duration(float64(r.Every) * rhythmSpread)
	for _, i := range intervals {
		if (i - r.Every).Abs() <= spread {
			r.Kept++
		}
	}
	if float64(r.Kept) < rhythmKept*float64(r.Of) {
		return nil
	}
	return r
}
