package report

import (
	"maps"
	"slices"
	"time"

	"flapscope/history/stats"
	"flapscope/history/timeline"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/state"
)

// scans follows which radios scan: meanwhile they are on other channels for most of
// the time, and answers are late because of this machine, not of the network.
type scans struct {
	// radios are the newest scans of each radio, by interface.
	radios map[int]*scanned
	// uplinks are the interfaces of the machine's path.
	uplinks [2]int
}

// scanned are the newest scans of one radio, and the events that they begin and end with.
type scanned struct {
	events []timeline.RadioEvent
	spans  []timeline.Span
	// begins are the newest begins of scans, in which a rhythm is looked for.
	begins []timeline.RadioEvent
}

// keepScanEvents is how many begins and ends of scans of a radio are kept: an answer
// is awaited for seconds.
const keepScanEvents = 16

// keepScanBegins is in how many scans of a radio a rhythm is looked for.
const keepScanBegins = 256

func (s *scans) event(e *fact.WifiEvent, at time.Duration) {
	switch e.Event {
	case fact.WifiEventScan, fact.WifiEventScanned, fact.WifiEventScanEnded:
	default:
		return
	}
	if s.radios == nil {
		s.radios = map[int]*scanned{}
	}
	r := s.radios[e.Index]
	if r == nil {
		if len(s.radios) >= keepLinks {
			return
		}
		r = &scanned{}
		s.radios[e.Index] = r
	}
	r.events = append(r.events, timeline.RadioEvent{Mono: at, Event: e})
	r.events = slices.Delete(r.events, 0, max(0, len(r.events)-keepScanEvents))
	r.spans = timeline.Scans(r.events)
	if e.Event == fact.WifiEventScan {
		r.begins = append(r.begins, timeline.RadioEvent{Mono: at, Event: e})
		r.begins = slices.Delete(r.begins, 0, max(0, len(r.begins)-keepScanBegins))
	}
}

// rhythms says of each radio that scans regularly how often it does.
func (s *scans) rhythms(span timeline.Span, name func(index int) fact.Untrusted) (out []fact.Untrusted) {
	for _, index := range slices.Sorted(maps.Keys(s.radios)) {
		begins := slices.DeleteFunc(slices.Clone(s.radios[index].begins), func(e timeline.RadioEvent) bool {
			return e.Mono < span.From || e.Mono >= span.To
		})
		if r := stats.ScansEvery(begins); r != nil {
			out = append(out, name(index)+fact.Untrusted(": "+r.Text()))
		}
	}
	return out
}

// path takes which interfaces carry what is sent.
func (s *scans) path(t *fold.Transition) {
	if t.Scope == "machine" && t.Path != nil {
		s.uplinks = [2]int{t.Path.IPv4.Index, t.Path.IPv6.Index}
	}
}

// met reports whether a probe was sent while a radio scanned that carried it: that
// which its target is bound to, or those of the path.
func (s *scans) met(f *fact.ProbeResult, now *state.State) bool {
	bound := 0
	if t := now.Targets[f.Target]; t != nil {
		bound = t.Index
	}
	for index, r := range s.radios {
		if index != bound && (bound != 0 || !slices.Contains(s.uplinks[:], index)) {
			continue
		}
		if slices.ContainsFunc(r.spans, func(span timeline.Span) bool {
			return span.From <= f.Sent && f.Sent < span.To
		}) {
			return true
		}
	}
	return false
}
