package session

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"flapscope/history"
	"flapscope/monitor"
)

// rollupFor is how much time one rollup sums up.
const rollupFor = time.Hour

// rolled is a rollup's line: the sums, and the episodes that closed.
type rolled struct {
	history.Rollup
	Episodes []EpisodeSummary `json:"episodes,omitempty"`
}

// An EpisodeSummary is what a list of recordings tells of an episode.
type EpisodeSummary struct {
	What     string            `json:"what"`
	Scope    monitor.ScopeName `json:"scope"`
	Reason   monitor.Reason    `json:"reason,omitempty"`
	Start    time.Time         `json:"start"`
	From     time.Duration     `json:"start_mono_ns"`
	To       time.Duration     `json:"end_mono_ns"`
	Duration time.Duration     `json:"duration_ns"`
}

// AppendRollup finishes the member and adds one with a rollup, which is of the
// time since the one before.
func (w *Writer) AppendRollup(t time.Time, mono time.Duration, r history.Rollup) error {
	b, err := json.Marshal(rolled{r, w.episodes})
	if err != nil {
		return fmt.Errorf("rollup of the recording: %w", err)
	}
	w.enc.flush()
	if err := w.Flush(); err != nil {
		return err
	}
	if err := w.appendMember(); err != nil {
		return err
	}
	e := w.enc
	e.member = member{flags: flagRollup, number: e.member.number + 1, first: mono, last: mono, wall: t}
	e.lines = append(append(appendStamp(e.lines[:0], t, mono, kindRollup), b...), "}\n"...)
	w.rolled, w.episodes = mono, nil
	err = w.appendMember()
	e.begin(t, mono)
	return err
}

// Rollups returns the sums that the recording holds, oldest first, with the
// wall time of each, and the episodes that closed within them. It reads no
// observation.
func (r *Reader) Rollups() (sums []history.Rollup, ends []time.Time, episodes []EpisodeSummary, err error) {
	var buf []byte
	var zip inflater
	for i := range r.members {
		m := &r.members[i]
		if m.flags&flagRollup == 0 {
			continue
		}
		lines, err := r.lines(i, buf, &zip)
		if err != nil {
			// The observations that it sums up are still there.
			continue
		}
		if m.lines == nil {
			buf = lines
		}
		for len(lines) > 0 {
			line, rest, _ := bytes.Cut(lines, []byte{'\n'})
			lines = rest
			if kind, _ := peek(line); kind != kindRollup {
				continue
			}
			l, err := parseRollup(line)
			if err != nil {
				continue
			}
			sums, ends = append(sums, l.Rollup.Rollup), append(ends, l.Time)
			episodes = append(episodes, l.Rollup.Episodes...)
		}
	}
	return sums, ends, episodes, nil
}

type rollupLine struct {
	Time   time.Time `json:"time"`
	Rollup rolled    `json:"rollup"`
}

// parseRollup reads a rollup's line, and refuses what no rollup of ours is.
func parseRollup(line []byte) (rollupLine, error) {
	var l rollupLine
	if len(line) > maxLine {
		return l, ErrLimit
	}
	if err := json.Unmarshal(line, &l); err != nil {
		return l, fmt.Errorf("rollup: %w", err)
	}
	k := &l.Rollup
	if k.From < 0 || k.To < k.From || k.Step < time.Second || k.Step > time.Hour || len(k.Targets) > maxTargets {
		return l, fmt.Errorf("rollup: %w", ErrLimit)
	}
	return l, nil
}

// Overview puts the recording into a timeline without reading more of it than
// its rollups, and the observations after the last of them. The timeline shows
// any zoom of levels and latencies that is wider than a minute; it has no
// items, and no snapshots but of the end.
func (r *Reader) Overview(t *history.Timeline) error {
	sums, ends, _, err := r.Rollups()
	if err != nil {
		return err
	}
	from := r.start.mono
	for i := range sums {
		t.AddRollup(sums[i], ends[i])
		from = max(from, sums[i].To)
	}
	return r.tail(t, from)
}

// tail folds what comes after the rollups.
func (r *Reader) tail(t *history.Timeline, from time.Duration) error {
	_, to := r.Bounds()
	if to-from > 2*rollupFor && from > r.start.mono {
		from = to - 2*rollupFor
	}
	s, err := r.StateAt(from)
	if err != nil {
		return err
	}
	fold := monitor.NewFold(r.settings(), func(e monitor.Event) { t.Event(e, nil) })
	for _, o := range Rows(s) {
		fold.Observe(o)
	}
	for o, err := range r.Range(from+1, to+1) {
		if err != nil {
			return err
		}
		fold.Advance(o.Mono)
		t.Observe(o, fold.State())
		fold.Observe(o)
	}
	fold.Advance(to)
	t.Snapshot(fold.Snapshot())
	return nil
}

// settings returns the settings of the recording, or the default ones where
// its header has none.
func (r *Reader) settings() monitor.Settings {
	if s := r.header.Settings; s.SettleDown > 0 && s.SettleUp > 0 {
		return s
	}
	return monitor.DefaultSettings()
}
