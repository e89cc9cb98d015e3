package session

import (
	"context"
	"slices"
	"time"

	"flapscope/history/timeline"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
)

// A ChainIncident is an incident of a chain, as of the newest event of it.
type ChainIncident struct {
	fold.Event
	// From and To are on the axis of the chain: To is the end of what was
	// observed where it is open.
	timeline.Span
}

// joinWithin is how far apart what two processes found may lie for it to be one
// incident that went on: as long as one that comes back is the same.
const joinWithin = time.Minute

// Incidents returns the incidents of all recordings, in the order in which they
// began. One that was open at the end of a run and at the beginning of the next
// is one. Settings returns those to find the incidents of a run with, and
// whether they are others than those that it was made with: then, and where the
// recorder did not find incidents, all of the run is folded again.
func (c *Chain) Incidents(ctx context.Context, settings func(*Run) (path.Settings, bool, error)) ([]ChainIncident, error) {
	var all []ChainIncident
	for _, run := range c.Runs {
		set, differ, err := settings(run)
		if err != nil {
			return nil, err
		}
		events, ok := run.reported()
		if differ || !ok || c.Evidence {
			if events, err = run.fold(ctx, set, c.Evidence); err != nil {
				return nil, err
			}
		}
		all = joinRun(all, run, events)
	}
	slices.SortStableFunc(all, func(a, b ChainIncident) int { return a.Incident.From.Time.Compare(b.Incident.From.Time) })
	return all, nil
}

// end is the last instant that a run reports.
func (r *Run) end() fact.Instant {
	last := r.last()
	return fact.Instant{Time: last.wall(last.To), Mono: last.To}
}

// reported returns the incidents of a run as its recorder wrote them, or false where
// it wrote none.
func (r *Run) reported() ([]fold.Event, bool) {
	list := &fold.IncidentList{}
	for _, l := range r.Links {
		own, ok := l.Incidents()
		if !ok {
			return nil, false
		}
		for _, e := range own.Reported() {
			list.Add(e)
		}
	}
	return list.Events(r.end()), true
}

// fold finds the incidents of a run anew; evidence is whether with what was seen at
// their beginning.
func (r *Run) fold(ctx context.Context, set path.Settings, evidence bool) ([]fold.Event, error) {
	list := &fold.IncidentList{Evidence: evidence}
	d := fold.NewDriver(set, list)
	n := 0
	for o, err := range r.All() {
		if err != nil {
			return nil, err
		}
		d.Observe(o.Observation)
		if n++; n%256 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	end := r.end()
	d.Finish(end.Mono)
	list.Snapshot(d.Snapshot())
	return list.Events(end), nil
}

// joinRun adds the incidents of the next run to those of the runs before.
func joinRun(all []ChainIncident, run *Run, events []fold.Event) []ChainIncident {
	before := len(all)
	for _, e := range events {
		next := ChainIncident{e, timeline.Span{From: e.Incident.From.Mono + run.Shift, To: e.Incident.To.Mono + run.Shift}}
		if e.Incident.Open() {
			next.To = run.Span.To
		}
		if next.To < run.Span.From {
			// The run before was recorded at that time too.
			continue
		}
		if i := goesOn(all[:before], &next, run); i >= 0 {
			all[i].Time, all[i].Mono, all[i].To = next.Time, next.Mono, next.To
			all[i].Incident = all[i].Incident.Joined(next.Incident)
			continue
		}
		all = append(all, next)
	}
	return all
}

// goesOn returns which of the incidents before next went on as it, or -1: one
// that was open when its run ended, where next was there when its own began.
func goesOn(before []ChainIncident, next *ChainIncident, run *Run) int {
	if next.From > run.Span.From+joinWithin/2 {
		return -1
	}
	return slices.IndexFunc(before, func(x ChainIncident) bool {
		return x.Incident.Continues(next.Incident) && next.From-x.To <= joinWithin
	})
}
