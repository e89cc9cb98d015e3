package cli

import (
	"math"
	"slices"

	"flapscope/history/session"
	"flapscope/internal/config"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
)

// past returns the newest closed episodes that the ring knows of, oldest first,
// and those that are going on by a recording that is being written now. A
// status that can't read the past is a status still.
func (a *App) past(set config.Config) (open, last []*fold.Episode) {
	if !set.History.Enabled {
		return nil, nil
	}
	store, err := a.store(set)
	if err != nil {
		return nil, nil
	}
	list, err := store.List()
	if err != nil {
		return nil, nil
	}
	for i, l := range slices.Backward(list) {
		if l.Err != nil {
			continue
		}
		if len(last) >= shownEpisodes {
			break
		}
		want := l.Episodes[max(0, len(l.Episodes)-(shownEpisodes-len(last))):]
		now, closed := episodesOf(l, want)
		if i == len(list)-1 && l.Open {
			open = now
		}
		last = append(closed, last...)
	}
	return open, last
}

// goingOn returns the incidents that go on by a recording that is being written
// now.
func (a *App) goingOn(set config.Config) (open []*fold.Incident) {
	if !set.History.Enabled {
		return nil
	}
	store, err := a.store(set)
	if err != nil {
		return nil
	}
	list, err := store.List()
	if err != nil || len(list) == 0 || list[len(list)-1].Err != nil || !list[len(list)-1].Open {
		return nil
	}
	r, err := session.Open(list[len(list)-1].Name)
	if err != nil {
		return nil
	}
	defer r.Close()
	told, _ := r.Incidents()
	if told == nil {
		return nil
	}
	_, end := r.Bounds()
	for _, e := range told.Events(fact.Instant{Mono: end}) {
		if e.Incident.Open() && !e.Incident.Note() {
			open = append(open, e.Incident)
		}
	}
	return open
}

// episodesOf returns the episodes that go on at the end of a recording and the
// wanted ones of those that ended, as they were reported when they did.
func episodesOf(l session.Listed, want []session.EpisodeSummary) (open, closed []*fold.Episode) {
	r, err := session.Open(l.Name)
	if err != nil {
		return nil, nil
	}
	defer r.Close()
	for _, s := range want {
		if e := r.Episode(s); e != nil {
			closed = append(closed, e)
		}
	}
	_, end := r.Bounds()
	for _, s := range l.Current {
		if e := r.Episode(s); e != nil {
			e.Duration = max(0, end-e.StartMono-e.Gaps)
			if n := lossesSince(r, e); n > e.RawFlaps {
				e.RawFlaps = n
			}
			open = append(open, e)
		}
	}
	return open, closed
}

// lossesSince counts the raw losses of an episode's scope since it began: the
// line of the recording is from then. What can't be read is not counted.
func lossesSince(r *session.Reader, e *fold.Episode) int {
	if e.What != "flapping" {
		return 0
	}
	before, err := r.StateAt(e.StartMono - 1)
	if err != nil {
		return 0
	}
	n := 0
	again := fold.NewFold(r.Header().Settings, func(v fold.Event) {
		t := v.Transition
		if t != nil && t.Phase == fold.PhaseRaw && t.Scope == e.Scope && t.From == path.Satisfied && t.To != path.Satisfied {
			n++
		}
	})
	for _, o := range session.Rows(before) {
		o.Time, o.Mono = before.Time, before.Mono
		again.Observe(o)
	}
	for o, err := range r.Range(e.StartMono, math.MaxInt64) {
		if err != nil {
			break
		}
		again.Advance(o.Mono)
		again.Observe(o)
	}
	return n
}
