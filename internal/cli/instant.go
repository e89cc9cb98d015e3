package cli

import (
	"strings"
	"time"
)

// instantHelp says how an instant of a recording is written.
const instantHelp = "RFC 3339, a time of day of the recording such as 14:21:12, +10m after its start or -5m before its end"

// An axis of time is that of a recording, or of several joined.
type axis interface {
	// Bounds returns the first and the last instant on the axis.
	Bounds() (from, to time.Duration)
	// Start returns the wall clock at an instant at the beginning.
	Start() (time.Time, time.Duration)
	// Mono returns the instant of a wall time, and Wall the wall time of an
	// instant.
	Mono(time.Time) time.Duration
	Wall(time.Duration) time.Time
}

// parseWithin is parseInstant for an instant that must lie in the recording:
// there is nothing to show of any other. What begins within a second is there
// for that whole second, since people write times as they read them.
func parseWithin(text string, r axis) (time.Duration, error) {
	at, err := parseInstant(text, r)
	if err != nil {
		return 0, err
	}
	from, to := r.Bounds()
	if at > to || at <= from-time.Second {
		return 0, usagef("%s is outside the recording (%s)", text, spanText(r.Wall(from), r.Wall(to)))
	}
	return max(at, from), nil
}

// spanText writes two times, with the date where it is needed to tell them
// apart from others.
func spanText(from, to time.Time) string {
	const day, clock = "2006-01-02 ", "15:04:05"
	to = to.In(from.Location())
	if from.Format(day) == to.Format(day) {
		return from.Format(day+clock) + "-" + to.Format(clock)
	}
	return from.Format(day+clock) + " - " + to.Format(day+clock)
}

// parseInstant returns the instant that the text names, on the axis of a
// recording, which need not reach so far.
func parseInstant(text string, r axis) (time.Duration, error) {
	from, to := r.Bounds()
	if strings.HasPrefix(text, "+") || strings.HasPrefix(text, "-") {
		d, err := time.ParseDuration(text)
		if err != nil {
			return 0, usagef("time %q: want %s", text, instantHelp)
		}
		if d < 0 {
			return to + d, nil
		}
		return from + d, nil
	}
	if t, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return r.Mono(t), nil
	}
	for _, layout := range []string{"15:04:05.999999999", "15:04:05", "15:04"} {
		if t, err := time.Parse(layout, text); err == nil {
			return ofDay(t, r), nil
		}
	}
	return 0, usagef("time %q: want %s", text, instantHelp)
}

// ofDay returns the first instant, from the second on in which a recording
// begins, at which the wall clock shows a time of day. One that is not in the
// recording is the one nearest to it: shortly before its beginning, or after its end.
func ofDay(t time.Time, r axis) time.Duration {
	start, _ := r.Start()
	_, to := r.Bounds()
	y, m, d := start.Date()
	at := time.Date(y, m, d, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), start.Location())
	if !at.Before(start.Truncate(time.Second)) {
		return r.Mono(at)
	}
	next := at.AddDate(0, 0, 1)
	if end := r.Wall(to); next.After(end) && start.Sub(at) < next.Sub(end) {
		return r.Mono(at)
	}
	return r.Mono(next)
}
