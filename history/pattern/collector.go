package pattern

import (
	"slices"
	"time"

	"flapscope/history/timeline"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
	"flapscope/monitor/state"
)

// Collector collects, observation by observation, what patterns are looked for
// in: the raw losses of the machine's path, when it was up, and the anchors.
// Its size is bounded; the oldest go first.
type Collector struct {
	in    Input
	up    bool
	since time.Duration
	// dirty is whether a loss came since the last Input.
	dirty bool
}

// maxAnchors bounds the anchors that are kept: a week of hourly renewals and
// a day of flapping.
const maxAnchors = 8192

// Observed implements fold.Listener.
func (f *Collector) Observed(o fact.Observation, before *state.State) {
	if a, ok := AnchorOf(before, o); ok {
		f.anchor(a)
	}
	if g, ok := o.Fact.(*fact.Gap); ok && g.Blind() && f.up {
		f.rise(g.From)
		f.since = g.To
	}
}

func (f *Collector) anchor(a Anchor) {
	if len(f.in.Anchors) == maxAnchors {
		f.in.Anchors = slices.Delete(f.in.Anchors, 0, maxAnchors/4)
	}
	f.in.Anchors = append(f.in.Anchors, a)
}

// Happened implements fold.Listener.
func (f *Collector) Happened(e fold.Event, _ func() *fold.Snapshot) {
	t := e.Transition
	if t == nil || t.Phase != fold.PhaseRaw || t.Scope != path.ScopeMachine {
		return
	}
	good := t.To == path.Satisfied
	if t.Initial {
		f.in.Epoch = e.Time.Add(-e.Mono)
		f.up, f.since = good, e.Mono
		return
	}
	switch {
	case good && !f.up:
		f.up, f.since = true, e.Mono
		f.anchor(Anchor{Kind: AnchorRecovery, Interface: t.Path.Interface, At: e.Mono})
	case !good && f.up:
		f.rise(e.Mono)
		f.up = false
		f.lose(e.Mono)
	}
}

// rise closes a stretch of up time.
func (f *Collector) rise(until time.Duration) {
	if until <= f.since {
		return
	}
	if len(f.in.Up) == maxAnchors {
		f.in.Up = slices.Delete(f.in.Up, 0, maxAnchors/4)
	}
	f.in.Up = append(f.in.Up, timeline.Span{From: f.since, To: until})
}

func (f *Collector) lose(at time.Duration) {
	if len(f.in.Losses) == maxAnchors {
		f.in.Losses = slices.Delete(f.in.Losses, 0, maxAnchors/4)
	}
	f.in.Losses = append(f.in.Losses, at)
	f.dirty = true
}

// Input returns a copy of what there is to look in, and whether there was a
// loss since the last call.
func (f *Collector) Input() (Input, bool) {
	dirty := f.dirty
	f.dirty = false
	in := f.in
	in.Up, in.Losses, in.Anchors = slices.Clone(in.Up), slices.Clone(in.Losses), slices.Clone(in.Anchors)
	return in, dirty
}

// Title returns what makes two findings of a pattern the same, however often
// it has come true since: the kind, the anchor and the lag or period, rounded.
func (p Pattern) Title() string {
	round := func(d time.Duration) time.Duration { return d.Round(max(100*time.Millisecond, d/50)) }
	return string(p.Kind) + "/" + p.Anchor + "/" + p.Interface.Display() + "/" + round(p.Lag).String() + "/" + round(p.Period).String()
}
