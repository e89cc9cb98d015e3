package session

import (
	"bytes"
	"encoding/json"
	"slices"
	"time"

	"flapscope/monitor/fold"
	"flapscope/monitor/path"
)

// An EpisodeSummary is what a list of recordings says of an episode.
type EpisodeSummary struct {
	What     string         `json:"what"`
	Scope    path.ScopeName `json:"scope"`
	Reason   path.Reason    `json:"reason,omitempty"`
	Start    time.Time      `json:"start"`
	From     time.Duration  `json:"start_mono_ns"`
	To       time.Duration  `json:"end_mono_ns,omitempty"`
	Duration time.Duration  `json:"duration_ns"`
}

// summarize returns the summary of an episode.
func summarize(k *fold.Episode) EpisodeSummary {
	return EpisodeSummary{
		What: k.What, Scope: k.Scope, Reason: k.Reason,
		Start: k.Start, From: k.StartMono, To: k.EndMono, Duration: k.Duration,
	}
}

// is reports whether both tell of the same episode.
func (e EpisodeSummary) is(o EpisodeSummary) bool {
	return e.What == o.What && e.Scope == o.Scope && e.From == o.From
}

// maxEpisodes bounds the episodes that one rollup lists.
const maxEpisodes = 1000

// note takes in that an episode began or ended.
func (r *rolledEpisodes) note(k *fold.Episode) {
	e := summarize(k)
	r.Open = slices.DeleteFunc(r.Open, e.is)
	switch {
	case k.Open && len(r.Open) < maxEpisodes:
		r.Open = append(r.Open, e)
	case !k.Open && len(r.Episodes) < maxEpisodes:
		r.Episodes = append(r.Episodes, e)
	}
}

// Episodes returns the episodes of the recording that ended, in that order, and
// those that went on at its end, as they were seen live. Rollups report most;
// only of the time since the newest of them the lines are read.
func (r *Reader) Episodes() (closed, open []EpisodeSummary) {
	var zip inflater
	from := 0
	// Each rollup lists so many at most, and the lines after it as many again.
	scan := func(to int) {
		said := rolledEpisodes{Open: open}
		r.scan(from, to, &zip, func(e *fold.Episode) bool { said.note(e); return true })
		said.Episodes = slices.DeleteFunc(said.Episodes, func(e EpisodeSummary) bool { return r.over(e.To) })
		closed, open = append(closed, said.Episodes...), said.Open
	}
	for _, k := range r.rollups() {
		if k.err != nil {
			scan(k.member)
		} else {
			closed, open = append(closed, k.Rollup.Episodes...), slices.Clone(k.Rollup.Open)
		}
		from = k.member + 1
	}
	scan(len(r.members))
	return closed, open
}

// Episode returns all that was said of an episode when it ended, or, if it
// goes on, when it began; or nil where that line is lost.
func (r *Reader) Episode(s EpisodeSummary) *fold.Episode {
	at := max(s.To, s.From)
	first := r.find(at)
	last := first
	for last < len(r.members) && r.members[last].first <= at+maxDeclared {
		last++
	}
	var found *fold.Episode
	r.scan(first, last, new(inflater), func(e *fold.Episode) bool {
		if summarize(e).is(s) && e.Open == (s.To == 0) {
			found = e
		}
		return found == nil
	})
	return found
}

// maxDeclared bounds how long after an episode began or ended that is reported:
// the penalty of the worst flapping is gone after a few half-lives.
const maxDeclared = 15 * time.Minute

var episodeKind = []byte(`,"kind":"episode","episode":`)

// scan calls fn for the episodes in the lines of the members [from, to) until
// it returns false.
func (r *Reader) scan(from, to int, zip *inflater, fn func(*fold.Episode) bool) {
	r.scanLines(from, to, zip, episodeKind, func(line []byte) bool {
		e := parseEpisode(line)
		return e == nil || fn(e)
	})
}

// scanLines calls fn for the lines of the members [from, to) that have a text
// in them, until it returns false.
func (r *Reader) scanLines(from, to int, zip *inflater, text []byte, fn func(line []byte) bool) {
	for i := from; i < to; i++ {
		if r.members[i].flags&flagRollup != 0 {
			continue
		}
		lines, err := r.lines(i, zip)
		if err != nil && !r.members[i].torn {
			continue
		}
		for {
			at := bytes.Index(lines, text)
			if at < 0 {
				break
			}
			start := bytes.LastIndexByte(lines[:at], '\n') + 1
			line, rest, _ := bytes.Cut(lines[start:], []byte{'\n'})
			lines = rest
			if !fn(line) {
				return
			}
		}
	}
}

// parseEpisode returns the episode of a line, or nil where it has none.
func parseEpisode(line []byte) *fold.Episode {
	if kind, _ := peek(line); kind != string(fold.KindEpisode) || len(line) > maxLine {
		return nil
	}
	var l struct {
		Episode *fold.Episode `json:"episode"`
	}
	if json.Unmarshal(line, &l) != nil {
		return nil
	}
	return l.Episode
}
