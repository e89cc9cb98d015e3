package session

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"flapscope/monitor/fact"
)

// beginCut creates a recording of what is from begin on, whose warm-up begins at from.
func (r *Reader) beginCut(name string, from, begin time.Duration) (*rewriter, error) {
	h := r.header
	h.ID, h.CutFrom, h.Continues, h.Begins = "", r.header.ID, "", begin
	at, rows, err := r.warmUp(from)
	if err != nil {
		return nil, err
	}
	if begin == at.Mono {
		h.Begins = 0
	}
	w, err := Create(name, at.Time, at.Mono, h, rows)
	if err != nil {
		return nil, err
	}
	return newRewriter(w, r.settings(), rows), nil
}

// discard removes a copy that failed.
func (r *rewriter) discard(err error) error {
	if err == nil {
		return nil
	}
	return errors.Join(err, r.w.Abandon(), os.Remove(r.w.name), remove(r.w.name+journalSuffix))
}

// copyTo copies the observations of [from, to). It ends with an error when ctx does.
func (r *Reader) copyTo(ctx context.Context, w *rewriter, from, to time.Duration, left *legacy) error {
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
	parts, err := s.newest(func(from, end time.Duration) bool { return end-from >= last+maxWarmUp })
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
	parts, err := s.newest(func(begin, _ time.Duration) bool { return begin <= from-maxWarmUp })
	for _, r := range parts {
		defer r.Close()
	}
	within := slices.DeleteFunc(slices.Clone(parts), func(r *Reader) bool {
		begin, _ := r.Bounds()
		return begin > to
	})
	if err != nil || len(within) == 0 {
		return 0, s.nothing(err)
	}
	_, end := within[0].Bounds()
	if end < from {
		return 0, s.nothing(nil)
	}
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
// between two instants, and the warm-up of the first. It returns how long that is.
func cut(ctx context.Context, name string, parts []*Reader, from, to time.Duration) (time.Duration, error) {
	oldest := parts[len(parts)-1]
	first, _ := oldest.Bounds()
	from = max(from, first)
	warm := warmUpFrom(parts, from)
	parts = slices.DeleteFunc(slices.Clone(parts), func(r *Reader) bool {
		_, end := r.Bounds()
		return end < warm
	})
	w, err := parts[len(parts)-1].beginCut(name, warm, from)
	if err != nil {
		return 0, err
	}
	var left legacy
	for i, r := range slices.Backward(parts) {
		begin := warm
		if i < len(parts)-1 {
			begin = r.begin.Mono
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
