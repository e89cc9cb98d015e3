package fold

import (
	"slices"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/path"
)

// lastTime is the end of what RFC 3339 can write.
var lastTime = time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC)

// writable returns t, or the nearest time that RFC 3339 can write: package json
// fails on all others. Only recordings that were tampered with hold such times.
func writable(t time.Time) time.Time {
	if _, err := t.MarshalJSON(); err == nil {
		return t
	}
	switch t = t.UTC(); {
	case t.After(lastTime):
		return lastTime
	case t.Year() < 0:
		return time.Time{}
	}
	return t
}

func writableSteps(steps []path.Step) []path.Step {
	steps = slices.Clone(steps)
	for i := range steps {
		steps[i].Time = writable(steps[i].Time)
	}
	return steps
}

// appendTransition encodes a transition. The times of nearly all can be
// written: only where that failed are they looked at.
func appendTransition(dst []byte, t *Transition) []byte {
	t = listed(t)
	out, err := fact.AppendJSON(dst, transitionJSON{t, declared(t)})
	if err != nil {
		in := *t
		in.Declared, in.Cause = writable(t.Declared), writableSteps(t.Cause)
		return fact.MustAppendJSON(dst, transitionJSON{&in, declared(&in)})
	}
	return out
}

// appendEpisode encodes an episode; see appendTransition.
func appendEpisode(dst []byte, e *Episode) []byte {
	out, err := fact.AppendJSON(dst, e)
	if err != nil {
		in := *e
		in.Start, in.End = writable(e.Start), writable(e.End)
		in.Cause, in.Recovery = writableSteps(e.Cause), writableSteps(e.Recovery)
		return fact.MustAppendJSON(dst, &in)
	}
	return out
}
