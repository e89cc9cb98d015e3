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
	// Mono returns the instant of a wall time.
	Mono(time.Time) time.Duration
}

// parseInstant returns the instant of a recording that the text names, on the
// axis.
func parseInstant(text string, r axis) (time.Duration, error) {
	from, to := r.Bounds()
	if strings.HasPrefix(text, "+") || strings.HasPrefix(text, "-") {
		d, err := time.ParseDuration(text)
		if err != nil {
			return 0, usagef("time %q: want %s", text, instantHelp)
		}
		if d < 0 {
			return max(from, to+d), nil
		}
		return min(to, from+d), nil
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

// ofDay returns the first instant of a recording at which the wall clock shows
// a time of day, or its start if there is none.
func ofDay(t time.Time, r axis) time.Duration {
	start, from := r.Start()
	y, m, d := start.Date()
	at := time.Date(y, m, d, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), start.Location())
	if at.Before(start) {
		at = at.AddDate(0, 0, 1)
	}
	if mono := r.Mono(at); mono >= from {
		return mono
	}
	return from
}
