package session

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"flapscope/monitor"
)

// Cut writes the part [from, to) of a recording to a new one named name: its
// header, the state at from, and the observations.
func (r *Reader) Cut(name string, from, to time.Duration) error {
	start, end := r.Bounds()
	from, to = max(from, start), min(to, end+1)
	if to <= from {
		return fmt.Errorf("nothing was recorded in that time")
	}
	w, err := r.beginCut(name, from)
	if err != nil {
		return err
	}
	err = r.copyTo(w, from, to)
	return errors.Join(err, w.finishCut(err != nil, r.wall(to-1), to-1))
}

// beginCut creates a recording that begins with the state at from.
func (r *Reader) beginCut(name string, from time.Duration) (*Writer, error) {
	h := r.header
	h.ID, h.CutFrom, h.Continues = "", r.header.ID, ""
	if from <= r.start.mono {
		return Create(name, r.start.time, from, h, nil)
	}
	s, err := r.StateAt(from - 1)
	if err != nil {
		return nil, err
	}
	s.Time, s.Mono = r.wall(from), from
	return Create(name, s.Time, from, h, Rows(s))
}

// finishCut ends a copy at the end of what was copied, which may be after its
// newest observation: what settled by time alone settles in the copy too. A
// copy that failed is removed.
func (w *Writer) finishCut(failed bool, t time.Time, mono time.Duration) error {
	if failed {
		return errors.Join(w.Abandon(), os.Remove(w.name), remove(w.name+journalSuffix))
	}
	return w.Close(t, mono, "cut")
}

// copyTo copies the observations of [from, to). What was observed while the
// recorder was starting is from just before its header, and belongs to the
// beginning.
func (r *Reader) copyTo(w *Writer, from, to time.Duration) error {
	if from <= r.start.mono {
		from = 0
	}
	for o, err := range r.Range(from, to) {
		if err != nil {
			return err
		}
		if err := w.Append(&o); err != nil {
			return err
		}
	}
	return nil
}

// wall returns the wall time of an instant, to within how much the clock was
// slewed since the minute began.
func (r *Reader) wall(mono time.Duration) time.Time {
	if mono <= r.start.mono {
		return r.start.time
	}
	m := &r.members[r.find(mono)]
	return m.wall.Add(mono - m.first).In(r.start.time.Location())
}

// Save writes the last stretch of what a store holds to a new recording named
// name: the newest recording, and those that it continues. It returns how long
// that is; less than asked for if there is no more.
func (s *Store) Save(name string, last time.Duration) (time.Duration, error) {
	parts, err := s.newest(last)
	for _, r := range parts {
		defer r.Close()
	}
	if err != nil {
		return 0, err
	}
	if len(parts) == 0 {
		return 0, fmt.Errorf("nothing is recorded in %s", monitor.Untrusted(s.Dir).Display())
	}
	_, to := parts[0].Bounds()
	oldest := parts[len(parts)-1]
	from, _ := oldest.Bounds()
	from = max(from, to-last)
	w, err := oldest.beginCut(name, from)
	if err != nil {
		return 0, err
	}
	for i, r := range slices.Backward(parts) {
		begin := from
		if i < len(parts)-1 {
			// Its state is known from the part before it.
			begin = r.start.mono + 1
		}
		if err = r.copyTo(w, begin, to+1); err != nil {
			break
		}
	}
	return to - from, errors.Join(err, w.finishCut(err != nil, parts[0].wall(to), to))
}

// newest returns the newest recording and those that it continues, newest
// first, as far back as last.
func (s *Store) newest(last time.Duration) ([]*Reader, error) {
	entries, err := s.entries()
	if err != nil {
		return nil, err
	}
	var parts []*Reader
	var end time.Duration
	for _, e := range slices.Backward(entries) {
		r, err := Open(e.name)
		if err != nil {
			// Another is as good; List tells of it.
			continue
		}
		if n := len(parts); n > 0 && parts[n-1].header.Continues != r.header.ID {
			r.Close()
			continue
		}
		parts = append(parts, r)
		from, to := r.Bounds()
		end = max(end, to)
		if end-from >= last || r.header.Continues == "" {
			break
		}
	}
	return parts, nil
}
