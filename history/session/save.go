package session

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// beginCut creates a recording that begins with the state at from.
func (r *Reader) beginCut(ctx context.Context, name string, from time.Duration) (*rewriter, error) {
	h := r.header
	h.ID, h.CutFrom, h.Continues = "", r.header.ID, ""
	at := r.start.Time
	var rows, results []fact.Observation
	if from > r.start.Mono {
		s, blind, err := r.stateAt(from - 1)
		if err != nil {
			return nil, err
		}
		at = r.wall(from)
		s.Time, s.Mono = at, from
		if blind == nil {
			rows = Rows(s)
			results = r.resultsBefore(ctx, from)
		}
	}
	w, err := Create(name, at, from, h, rows)
	if err != nil {
		return nil, err
	}
	c := newRewriter(w, r.settings(), rows)
	for _, o := range results {
		if err := c.append(o); err != nil {
			return nil, c.discard(err)
		}
	}
	return c, nil
}

// silenceFor is how far back the begin of a silence is looked for.
const silenceFor = 10 * time.Minute

// resultsBefore returns what probes said before an instant that counts after
// it: the results of the window in which losses are counted, the first one of a
// silence that began before, and the newest of what is asked seldom. Without them a
// cut would take time to know what was known, and in mid-trouble date and name it
// otherwise.
func (r *Reader) resultsBefore(ctx context.Context, at time.Duration) []fact.Observation {
	silent, newest := map[string]fact.Observation{}, map[string]fact.Observation{}
	var recent []fact.Observation
	for o, err := range r.Range(max(0, at-silenceFor), at) {
		if err != nil || ctx.Err() != nil {
			break
		}
		p, ok := o.Fact.(*fact.ProbeResult)
		switch {
		case !ok || p.Outcome == fact.OutcomeNoData:
		case o.Mono >= at-state.LossWindow:
			recent = append(recent, o)
		case p.Outcome == fact.OutcomeOK || p.Outcome == fact.OutcomePortal || p.Outcome == fact.OutcomeLate:
			delete(silent, p.Target)
			newest[p.Target] = o
		case silent[p.Target].Fact == nil:
			silent[p.Target] = o
		}
	}
	all := slices.AppendSeq(slices.AppendSeq(recent, maps.Values(silent)), maps.Values(newest))
	slices.SortStableFunc(all, func(a, b fact.Observation) int { return cmp.Compare(a.Mono, b.Mono) })
	return all
}

// discard removes a copy that failed.
func (r *rewriter) discard(err error) error {
	if err == nil {
		return nil
	}
	return errors.Join(err, r.w.Abandon(), os.Remove(r.w.name), remove(r.w.name+journalSuffix))
}

// copyTo copies the observations of [from, to). What was observed while the
// recorder was starting is from just before its header, and belongs to the
// beginning. It ends with an error when ctx does.
func (r *Reader) copyTo(ctx context.Context, w *rewriter, from, to time.Duration, left *legacy) error {
	if from <= r.start.Mono {
		from = 0
	}
	for o, err := range r.sequence(from, to, left, nil) {
		if err != nil {
			return err
		}
		if err := errors.Join(w.append(o), ctx.Err()); err != nil {
			return err
		}
	}
	return nil
}

// wall returns the wall time of an instant, to within how much the clock was
// slewed since the minute began.
func (r *Reader) wall(mono time.Duration) time.Time {
	if mono <= r.start.Mono {
		return r.start.Time
	}
	m := &r.members[r.find(mono)]
	return m.wall.Add(mono - m.first).In(r.start.Time.Location())
}

// Save writes the last stretch of what a store holds to a new recording named
// name: the newest recording, and those that it continues. It returns how long
// that is; less than asked for if there is no more. If ctx ends before, there
// is no new file.
func (s *Store) Save(ctx context.Context, name string, last time.Duration) (time.Duration, error) {
	parts, err := s.newest(func(from, end time.Duration) bool { return end-from >= last })
	for _, r := range parts {
		defer r.Close()
	}
	if err != nil || len(parts) == 0 {
		return 0, s.nothing(err)
	}
	_, to := parts[0].Bounds()
	return cut(ctx, name, parts, to-last, to)
}

// SaveSpan writes what a store holds between two instants to a new recording, as
// Save does: of the newest recording, and of those that it continues.
func (s *Store) SaveSpan(ctx context.Context, name string, from, to time.Duration) (time.Duration, error) {
	parts, err := s.newest(func(begin, _ time.Duration) bool { return begin <= from })
	for _, r := range parts {
		defer r.Close()
	}
	within := slices.DeleteFunc(slices.Clone(parts), func(r *Reader) bool {
		begin, end := r.Bounds()
		return begin > to || end < from
	})
	if err != nil || len(within) == 0 {
		return 0, s.nothing(err)
	}
	_, end := within[0].Bounds()
	return cut(ctx, name, within, from, min(to, end))
}

// nothing is the error of a store that has nothing to save.
func (s *Store) nothing(err error) error {
	if err != nil {
		return err
	}
	return fmt.Errorf("nothing is recorded in %s", fact.Untrusted(s.Dir).Display())
}

// cut copies what recordings, of which each continues the one behind it, have
// between two instants, and returns how long that is.
func cut(ctx context.Context, name string, parts []*Reader, from, to time.Duration) (time.Duration, error) {
	oldest := parts[len(parts)-1]
	first, _ := oldest.Bounds()
	from = max(from, first)
	w, err := oldest.beginCut(ctx, name, from)
	if err != nil {
		return 0, err
	}
	var left legacy
	for i, r := range slices.Backward(parts) {
		begin := from
		if i < len(parts)-1 && !left.blind {
			// Its state is known from the part before it.
			begin = r.start.Mono + 1
		}
		if err = r.copyTo(ctx, w, begin, to+1, &left); err != nil {
			break
		}
	}
	if err == nil {
		err = w.close(parts[0].wall(to), to)
	}
	return to - from, w.discard(err)
}

// newest returns the newest recording and those that it continues, newest first,
// until one begins early enough before the end of the newest.
func (s *Store) newest(enough func(from, end time.Duration) bool) ([]*Reader, error) {
	entries, err := s.entries()
	if err != nil {
		return nil, err
	}
	var parts []*Reader
	var end time.Duration
	for _, e := range slices.Backward(entries) {
		r, err := Open(e.name)
		if err != nil {
			// Another is as good; List reports it.
			continue
		}
		if n := len(parts); n > 0 && parts[n-1].header.Continues != r.header.ID {
			r.Close()
			continue
		}
		parts = append(parts, r)
		from, to := r.Bounds()
		end = max(end, to)
		if enough(from, end) || r.header.Continues == "" {
			break
		}
	}
	return parts, nil
}
