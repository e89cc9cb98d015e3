package cli

import (
	"strings"
	"time"

	"flapscope/history/session"
)

// instantHelp says how an instant of a recording is written.
const instantHelp = "RFC 3339, a time of day of the recording such as 14:21:12, +10m after its start or -5m before its end"

// parseInstant returns the instant of a recording that the text names, on the
// CLOCK_BOOTTIME axis.
func parseInstant(text string, r *session.Reader) (time.Duration, error) {
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
func ofDay(t time.Time, r *session.Reader) time.Duration {
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
