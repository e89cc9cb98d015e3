package ui

import (
	"time"

	"flapscope/history/timeline"
	"flapscope/monitor/fact"
)

// A Key is a key of the screen, for the manual.
type Key struct{ Group, Key, Does string }

// Keys returns the keys of the live screen or of a replay, in the order of the
// help.
func Keys(replay bool) []Key {
	o := &Options{Replay: replay}
	o.Report = func(timeline.Span) ([]string, error) { return nil, nil }
	if !replay {
		o.Mark = func(time.Duration, string) error { return nil }
		o.Save = func(timeline.Span) (string, error) { return "", nil }
		o.Check = func(int) ([]string, error) { return nil, nil }
		o.Probe = func() {}
		o.Trace = func(*fact.Target, int) ([]string, error) { return nil, nil }
	}
	k := newKeyMap(o, pageKinds())
	var list []Key
	for _, g := range k.full() {
		for _, b := range enabled(g) {
			list = append(list, Key{g.title, b.Key, b.Desc})
		}
	}
	return list
}
