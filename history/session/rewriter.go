package session

import (
	"errors"
	"time"

	"flapscope/history/timeline"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
	"flapscope/monitor/state"
)

// A rewriter writes observations that were recorded before to another recording,
// with all that follows from them: transitions and episodes, for people, and
// rollups.
type rewriter struct {
	driver   *fold.Driver
	timeline *timeline.Timeline
	w        *Writer
}

// newRoller returns one for a recording that begins with rows.
func newRewriter(w *Writer, set path.Settings, rows []fact.Observation) *rewriter {
	r := &rewriter{timeline: timeline.NewTimeline(timeline.SumLimits(set)), w: w}
	r.driver = fold.NewDriver(set, r.timeline, r)
	for _, o := range rows {
		r.driver.Observe(o)
	}
	return r
}

// Observed implements fold.Listener. What is not in the rows that the
// recording begins with is written by append.
func (r *rewriter) Observed(fact.Observation, *state.State) {}

// Happened implements fold.Listener.
func (r *rewriter) Happened(e fold.Event, _ func() *fold.Snapshot) {
	if e.Observation == nil && (e.Transition == nil || recorded(e.Transition.Scope)) {
		r.w.AppendEvent(&e)
	}
}

// append adds an observation.
func (r *rewriter) append(o fact.Observation) error {
	r.driver.Advance(o.Mono)
	err := r.w.Append(&o)
	r.driver.Observe(o)
	if o.Mono-r.w.rolled >= rollupFor {
		err = errors.Join(err, r.rollUp(o.Time, o.Mono))
	}
	return err
}

// rollUp writes the rollup of the time since the last one.
func (r *rewriter) rollUp(t time.Time, mono time.Duration) error {
	v := r.timeline.View()
	if v == nil {
		return nil
	}
	return r.w.AppendRollup(t, mono, v.Rollup(timeline.Span{From: r.w.rolled, To: mono}))
}

// close ends the recording at an instant, which may be after its newest
// observation: what settled by time alone settles in the copy too.
func (r *rewriter) close(t time.Time, mono time.Duration) error {
	r.driver.Finish(mono)
	return errors.Join(r.rollUp(t, mono), r.w.Close(t, mono, "cut"))
}
