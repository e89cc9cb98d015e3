package replay

import (
	"context"
	"errors"
	"time"

	"flapscope/history/session"
	"flapscope/history/timeline"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
)

// ErrInterrupted is why a recording was not folded to its end.
var ErrInterrupted = errors.New("interrupted before its end")

// Fold folds the observations of a recording again, as far as until
// (CLOCK_BOOTTIME) or until ctx ends. The fold
// ends at the last instant of the file.
func Fold(ctx context.Context, r *session.Reader, d *fold.Driver, until time.Duration) error {
	n := 0
	for o, err := range r.All() {
		if err != nil {
			return err
		}
		if o.Mono > until {
			break
		}
		d.Observe(o)
		if n++; n%256 == 0 && ctx.Err() != nil {
			return ErrInterrupted
		}
	}
	_, end := r.Bounds()
	d.Finish(min(end, until))
	return nil
}

// Limits returns the limits of a timeline that holds all of a recording.
func Limits(set path.Settings, length time.Duration) timeline.Limits {
	l := timeline.DefaultLimits()
	l.Settings, l.Age = set, max(l.Age, length+time.Hour)
	days := int(length/(24*time.Hour)) + 1
	l.Changes, l.Items, l.Incidents, l.Moments = l.Changes*days, l.Items*days, l.Incidents*days, l.Moments*days
	return l
}
