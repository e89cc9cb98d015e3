package session

import (
	"bytes"
	"encoding/json"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"flapscope/history/timeline"
	"flapscope/internal/crash"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
)

// rollupFor is how much time one rollup sums up.
const rollupFor = time.Hour

// rolled is a rollup's line: the sums, the episodes and the incidents.
type rolled struct {
	timeline.Rollup
	rolledTroubles
}

// rolledTroubles are what a rollup says besides its sums.
type rolledTroubles struct {
	rolledEpisodes
	rolledIncidents
}

// rolledEpisodes are the episodes that a rollup reports: those that ended
// within it, and those that went on at its end.
type rolledEpisodes struct {
	Episodes []EpisodeSummary `json:"episodes,omitempty"`
	Open     []EpisodeSummary `json:"open,omitempty"`
}

// AppendRollup finishes the member and adds one with a rollup, which is of the
// time since the one before.
func (w *Writer) AppendRollup(t time.Time, mono time.Duration, r timeline.Rollup) error {
	if w.lost != nil {
		return w.lost.err
	}
	sums, err := fact.AppendJSON(nil, rolled{r, rolledTroubles{w.episodes, w.incidents}})
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
	e.lines = append(append(appendStamp(e.lines[:0], t, mono, kindRollup), sums...), "}\n"...)
	w.rolled, w.episodes.Episodes = mono, nil
	w.incidents.rolledUp()
	if err = w.appendMember(); err != nil {
		// The next one gets its number, or a reader would miss a member.
		e.member.number--
	}
	e.begin(t, mono)
	return err
}

// A readRollup is a rollup that was read, and the member that it is in.
type readRollup struct {
	rollupLine
	// incidents are the newest events of its incidents.
	incidents []fold.Event
	member    int
	// err is why it can't be used; the observations that it sums up are still
	// there.
	err error
}

// readRollups reads all rollups, oldest first. It uses all processors: a zoom
// of a week waits for nothing else.
func (r *Reader) readRollups() []readRollup {
	var members []int
	total := 0
	for i := range r.members {
		if m := &r.members[i]; m.flags&flagRollup != 0 && total+int(m.raw) <= maxRollups && len(members) < maxSums {
			members = append(members, i)
			total += int(m.raw)
		}
	}
	parts := make([][]readRollup, len(members))
	var next atomic.Int64
	var done sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(members)) {
		done.Go(func() {
			k := rollupReader{most: max(1, maxSums/len(members))}
			for i := int(next.Add(1)) - 1; i < len(members); i = int(next.Add(1)) - 1 {
				parts[i] = k.read(r, members[i])
			}
		})
	}
	done.Wait()
	var all []readRollup
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}

// A rollupReader reads rollups one after the other; it keeps its buffers.
type rollupReader struct {
	zip inflater
	dec timeline.RollupDecoder
	// most bounds the rollups of a member: this program writes one.
	most int
}

// read returns the rollups of a member, which is one.
func (k *rollupReader) read(r *Reader, i int) (list []readRollup) {
	defer func() {
		if p := recover(); p != nil {
			list = []readRollup{{member: i, err: crash.Error(p)}}
		}
	}()
	lines, err := r.lines(i, &k.zip)
	if err != nil {
		return []readRollup{{member: i, err: err}}
	}
	var out []readRollup
	for len(lines) > 0 && len(out) < k.most {
		line, rest, _ := bytes.Cut(lines, []byte{'\n'})
		lines = rest
		if kind, _ := peek(line); kind == kindRollup {
			l, err := parseRollup(line, &k.dec)
			l.Rollup.Episodes = slices.DeleteFunc(l.Rollup.Episodes, func(e EpisodeSummary) bool { return r.over(e.To) })
			incidents := slices.DeleteFunc(l.Rollup.events(), func(e fold.Event) bool { return r.over(e.Incident.To.Mono) })
			out = append(out, readRollup{rollupLine: l, incidents: incidents, member: i, err: err})
		}
	}
	return out
}

type rollupLine struct {
	Time   time.Time `json:"time"`
	Rollup rolled    `json:"rollup"`
}

// parseRollup reads a rollup's line, and refuses what no rollup of ours is.
func parseRollup(line []byte, d *timeline.RollupDecoder) (rollupLine, error) {
	if len(line) > maxLine {
		return rollupLine{}, ErrLimit
	}
	l, ok := parseWritten(line, d)
	if !ok {
		// Written by another program, or a later version of this one.
		l = rollupLine{}
		if err := json.Unmarshal(line, &l); err != nil {
			return l, fmt.Errorf("rollup: %w", err)
		}
	}
	k := &l.Rollup
	if k.From < 0 || k.To < k.From || k.Step < time.Second || k.Step > time.Hour || len(k.Targets) > maxTargets {
		return l, fmt.Errorf("rollup: %w", ErrLimit)
	}
	return l, nil
}

// parseWritten reads a rollup's line in the form in which this package writes
// it, and reports whether it has that form.
func parseWritten(line []byte, d *timeline.RollupDecoder) (l rollupLine, ok bool) {
	_, rest, ok := bytes.Cut(line, []byte(`,"kind":"rollup","rollup":`))
	if !ok {
		return l, false
	}
	if l.Time, ok = stampTime(line); !ok {
		return l, false
	}
	if l.Rollup.Rollup, rest, ok = d.Decode(rest); !ok || len(rest) < 2 {
		return l, false
	}
	if string(rest) == "}}" {
		return l, true
	}
	// What follows is a comma and the keys of the episodes and incidents.
	keys := append([]byte{'{'}, rest[1:len(rest)-1]...)
	return l, rest[0] == ',' && json.Unmarshal(keys, &l.Rollup.rolledTroubles) == nil
}
