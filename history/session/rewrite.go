package session

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"time"

	"flapscope/monitor/fact"
)

// A Rewriting says what a copy of a recording has instead of what the original
// has.
type Rewriting struct {
	Header Header
	// Observation returns what is written instead of an observation.
	Observation Mapping
	// Shift moves the wall clock.
	Shift time.Duration
}

// Rewrite writes a copy of the recording to an open file, which is empty. What
// follows from the observations is found again from those that are written.
// There is no journal: what is cut short by a crash is no recording.
func (r *Reader) Rewrite(ctx context.Context, f *os.File, to Rewriting) error {
	wall := func(t time.Time) time.Time {
		if to.Shift != 0 {
			t = t.Add(to.Shift).UTC()
		}
		return t
	}
	w, err := createOn(f, wall(r.start.Time), r.start.Mono, to.Header)
	if err != nil {
		return err
	}
	set := to.Header.Settings
	if set.SettleDown <= 0 || set.SettleUp <= 0 {
		set = r.settings()
	}
	w.pack()
	err = r.rewrite(ctx, newRewriter(w, set, nil), to, wall)
	return errors.Join(err, w.packer.end())
}

// rewrite copies what a recording has.
func (r *Reader) rewrite(ctx context.Context, c *rewriter, to Rewriting, wall func(time.Time) time.Time) error {
	n := 0
	for o, err := range r.sequence(0, math.MaxInt64, nil, to.Observation) {
		if err != nil {
			return err
		}
		if n++; n%CheckEvery == 0 && (ctx.Err() != nil || c.w.packer.failed.Load()) {
			return ctx.Err()
		}
		o.Time = wall(o.Time)
		if err := c.append(o); err != nil {
			return err
		}
	}
	_, end := r.Bounds()
	return c.close(wall(r.wall(end)), end)
}

// createOn begins a recording in an open file, without a journal.
func createOn(f *os.File, t time.Time, mono time.Duration, h Header) (*Writer, error) {
	h.Schema, h.Incidents = Schema, true
	if h.ID == "" {
		h.ID = newID()
	}
	line, err := headerLine(t, mono, &h)
	if err != nil {
		return nil, err
	}
	w := &Writer{name: f.Name(), file: f, enc: newEncoder(), zip: compressor{hurried: true}, rolled: max(mono, h.Begins), id: h.ID}
	w.enc.headed(line, t, mono)
	if err := w.appendMember(); err != nil {
		return nil, errors.Join(err, fmt.Errorf("write %s", fact.Untrusted(f.Name()).Display()))
	}
	w.enc.begin(t, mono)
	return w, nil
}
