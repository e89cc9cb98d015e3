package cli

import (
	"flapscope/history/session"
	"flapscope/internal/config"
	"flapscope/monitor"
)

// maxRefold is the largest recording that a status folds again to tell of its
// episodes: some hours, and well under a second. Of a larger one it tells what
// its rollups know, which the newest hour may lack.
const maxRefold = 2 << 20

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
	for i := len(list) - 1; i >= 0 && len(last) < n; i-- {
		now, closed := episodesOf(list[i])
		if i == len(list)-1 && list[i].Open {
			current = now
		}
		last = append(closed, last...)
	}
	return current, last[max(0, len(last)-n):]
}

// episodesOf returns the episodes of one recording.
func episodesOf(l session.Listed) (current *monitor.Episode, closed []*monitor.Episode) {
	if l.Err != nil {
		return nil, nil
	}
	if l.Size > maxRefold {
		for _, e := range l.Episodes {
			closed = append(closed, &monitor.Episode{
				What: e.What, Scope: e.Scope, Reason: e.Reason, Start: e.Start, StartMono: e.From,
				End: e.Start.Add(e.To - e.From), EndMono: e.To, Duration: e.Duration,
			})
		}
		return nil, closed
	}
	r, err := session.Open(l.Name)
	if err != nil {
		return nil, nil
	}
	defer r.Close()
	_, end := r.Bounds()
	fold, err := refold(r, r.Header().Settings, end, func(monitor.Observation, *monitor.State) {},
		func(e monitor.Event, _ *monitor.Fold) {
			if e.Episode != nil && !e.Episode.Open {
				closed = append(closed, e.Episode)
			}
		})
	if err != nil || fold == nil {
		return nil, closed
	}
	return fold.Snapshot().Current, closed
}
