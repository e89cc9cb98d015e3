package cli

import (
	"slices"

	"flapscope/history/session"
	"flapscope/internal/config"
	"flapscope/monitor"
)

// past returns the newest closed episodes that the ring knows of, oldest first,
// and the one that is going on by a recording that is being written now. A
// status that can't read the past is a status still.
func (a *App) past(set config.Config, n int) (current *monitor.Episode, last []*monitor.Episode) {
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
		if len(last) >= n {
			break
		}
		want := l.Episodes[max(0, len(l.Episodes)-(n-len(last))):]
		now, closed := episodesOf(l, want)
		if i == len(list)-1 && l.Open {
			current = now
		}
		last = append(closed, last...)
	}
	return current, last
}

// episodesOf returns the episode that goes on at the end of a recording and the
// wanted ones of those that ended, as they were told when they did.
func episodesOf(l session.Listed, want []session.EpisodeSummary) (current *monitor.Episode, closed []*monitor.Episode) {
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
	var open []*monitor.Episode
	for _, s := range l.Current {
		if e := r.Episode(s); e != nil {
			e.Duration = max(0, end-e.StartMono-e.Gaps)
			open = append(open, e)
		}
	}
	return monitor.WorstEpisode(open), closed
}
