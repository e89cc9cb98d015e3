package session

import (
	"time"

	"flapscope/history/timeline"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
	"flapscope/monitor/state"
)

// Overview puts into a timeline what the rollups know, without reading any
// observation: levels, and latencies by the minute, the incidents, and the episodes
// that ended as items. It returns until when they know it; the beginning of the
// recording if there are none. See Tail for the rest.
func (r *Reader) Overview(t *timeline.Timeline) (known time.Duration) {
	known = r.begin.Mono
	for _, k := range r.rollups() {
		if k.err != nil {
			continue
		}
		t.AddRollup(k.Rollup.Rollup, k.Time)
		for _, e := range k.Rollup.Episodes {
			t.AddEpisode(e.episode())
		}
		for _, e := range k.incidents {
			t.AddIncident(e)
		}
		known = max(known, k.Rollup.To)
	}
	return known
}

// episode returns the episode that ended, as far as is known.
func (e EpisodeSummary) episode() *fold.Episode {
	return &fold.Episode{
		What: e.What, Scope: e.Scope, Reason: e.Reason, Start: e.Start, StartMono: e.From,
		End: e.Start.Add(e.To - e.From), EndMono: e.To, Duration: e.Duration,
	}
}

// MaxTail bounds how much Tail reads: what a rollup sums up, and as much again
// for one that is damaged.
const MaxTail = 2 * rollupFor

// Tail puts into a timeline what happened from an instant on, at most MaxTail
// before the end of the recording. It folds from the state at that instant, so
// what only earlier observations could say is not known at once: whether an
// answer is unusually slow, say.
func (r *Reader) Tail(t *timeline.Timeline, from time.Duration) error {
	_, to := r.Bounds()
	if from = max(from, to-MaxTail); from >= to {
		return nil
	}
	s, blind, err := r.stateAt(from)
	if err != nil {
		return err
	}
	if blind != nil {
		s = state.NewState()
	}
	listener := fold.Listener(t)
	if list, ok := r.Incidents(); ok {
		// A fold that begins here numbers them anew, and does not know what goes on.
		for _, e := range list.Reported() {
			if e.Mono > from {
				t.AddIncident(e)
			}
		}
		listener = withoutIncidents{t}
	}
	d := fold.NewDriver(r.settings(), listener)
	for _, o := range Rows(s) {
		d.Observe(o)
	}
	for o, err := range r.Range(from+1, to+1) {
		if err != nil {
			return err
		}
		d.Observe(o)
	}
	d.Finish(to)
	snap := d.Snapshot()
	if listener != fold.Listener(t) {
		snap = stripped(snap)
	}
	t.Snapshot(snap)
	return nil
}

// A withoutIncidents listens to all but incidents.
type withoutIncidents struct{ fold.Listener }

// Happened implements fold.Listener.
func (l withoutIncidents) Happened(e fold.Event, snapshot func() *fold.Snapshot) {
	if e.Incident == nil {
		l.Listener.Happened(e, func() *fold.Snapshot { return stripped(snapshot()) })
	}
}

// stripped returns a snapshot without incidents.
func stripped(s *fold.Snapshot) *fold.Snapshot {
	out := *s
	out.Incidents, out.Past = nil, nil
	return &out
}

// settings returns the settings of the recording, or the default ones where
// its header has none.
func (r *Reader) settings() path.Settings {
	if s := r.header.Settings; s.SettleDown > 0 && s.SettleUp > 0 {
		return s
	}
	return path.DefaultSettings()
}
