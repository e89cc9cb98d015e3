package session

import (
	"errors"
	"fmt"
	"iter"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// rotate goes on in another recording, whose warm-up is from the one that is full: that
// is removed some day, and what goes on now must be known without it.
func (s *scribe) rotate() {
	s.work()
	to, rest := s.current()
	failed := s.write(rest)
	full, incidents := s.w, s.w.incidents
	if err := errors.Join(failed, s.finish("rotated")); err != nil {
		s.recorder.report(nil, time.Time{}, err)
	}
	w, err := s.follow(full, to)
	if err == nil {
		incidents.rolledUp()
		w.incidents = incidents
	}
	s.begin(w, err, fact.Instant{Time: to.Time, Mono: to.Mono})
}

// follow creates the recording that goes on from another in a state.
func (s *scribe) follow(full *Writer, to *state.State) (*Writer, error) {
	known := Header{Continues: full.id}
	w, err := s.warm(full.name, known, to)
	if err != nil {
		// What is known now is worth more than what was.
		w, err = s.config.Create(to.Time, to.Mono, Rows(to), known)
	}
	return w, err
}

// warm creates a recording that begins in a state and has a warm-up from another.
func (s *scribe) warm(name string, known Header, to *state.State) (*Writer, error) {
	r, err := Open(name)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	at, rows, err := r.warmUp(max(warmUpFrom([]*Reader{r}, to.Mono), r.newest(maxWarmUpBytes)))
	if err != nil {
		return nil, err
	}
	known.Begins = to.Mono
	w, err := s.config.Create(at.Time, at.Mono, rows, known)
	if err != nil {
		return nil, err
	}
	if err := w.warm(r.Range(at.Mono, to.Mono+1), to); err != nil {
		return nil, errors.Join(fmt.Errorf("warm-up of the recording: %w", err), w.Abandon(), remove(w.name), remove(w.name+journalSuffix))
	}
	return w, nil
}

// warm writes a warm-up, and begins what is reported after it with a snapshot of the
// state: whoever has read what the warm-up is from goes on there.
func (w *Writer) warm(all iter.Seq2[fact.Observation, error], to *state.State) error {
	for o, err := range all {
		if err = errors.Join(err, w.Append(&o)); err != nil {
			return err
		}
	}
	for _, o := range Difference(w.enc.state, to) {
		if err := w.Append(&o); err != nil {
			return err
		}
	}
	w.enc.flush()
	if err := w.appendMember(); err != nil {
		return err
	}
	w.enc.start(to.Time, to.Mono, nil, true)
	return w.Flush()
}
