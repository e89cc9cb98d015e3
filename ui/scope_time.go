package ui

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"flapscope/monitor/fact"
)

// errTime says how an instant is written.
var errTime = errors.New("want a time like 14:23, -10m or 2026-11-20 14:23")

// instant returns the instant that a text names: a time of day, of the day of
// the cursor if that has it; a date; so long before the end, or after the
// beginning.
func (p *scope) instant(text string) (time.Duration, error) {
	text = strings.TrimSpace(text)
	b := p.bounds()
	var at time.Duration
	switch by, err := length(text); {
	case strings.HasPrefix(text, "-") && err == nil:
		at = b.To - by
	case strings.HasPrefix(text, "+") && err == nil:
		at = b.From + by
	default:
		t, day, ok := wallTime(text, p.wall(p.view.at(p.now)))
		if !ok {
			return 0, errTime
		}
		at = p.mono(t)
		for _, days := range []int{-1, 1} {
			// The day before or after may be the one that is known.
			if other := p.mono(t.AddDate(0, 0, days)); day && !p.known(at) && p.known(other) {
				at = other
			}
		}
	}
	if !p.known(at) {
		return 0, fmt.Errorf("%s is outside %s", fact.Untrusted(text).Display(), p.reach())
	}
	return min(max(at, b.From), b.To), nil
}

// known reports whether anything is known of an instant. Times are written in
// seconds, so that the second in which it begins is all there.
func (p *scope) known(at time.Duration) bool {
	b := p.bounds()
	return at > b.From-time.Second && at <= b.To
}

// reach says from when to when anything is known.
func (p *scope) reach() string {
	b := p.bounds()
	from, to := p.wall(b.From), p.wall(b.To)
	const clock = "15:04:05"
	if from.YearDay() == to.YearDay() && to.Sub(from) < 24*time.Hour {
		return from.Format(clock) + "–" + to.Format(clock)
	}
	const day = "2 Jan 15:04"
	return from.Format(day) + "–" + to.Format(day)
}

// wall returns the time that the screen shows for an instant.
func (p *scope) wall(at time.Duration) time.Time { return p.tl.Clock(at).In(p.opts.Location) }

// mono returns the instant at which the wall clock showed a time, or was nearest
// to it: a step of the clock is found by going by what is missing still.
func (p *scope) mono(t time.Time) time.Duration {
	at := p.view.at(p.now)
	const steps = 8 // of the clock in between
	for range steps {
		by := t.Sub(p.tl.Clock(at))
		if by == 0 {
			break
		}
		at += by
	}
	return at
}

// length reads a duration with its sign left out: 10m, 1h30m, 2d.
func length(text string) (time.Duration, error) {
	text = strings.TrimLeft(text, "+-")
	if days, ok := strings.CutSuffix(text, "d"); ok {
		n, err := strconv.ParseUint(days, 10, 16)
		return time.Duration(n) * 24 * time.Hour, err //nolint:wrapcheck // it is not shown
	}
	return time.ParseDuration(text) //nolint:wrapcheck // it is not shown
}

// wallTime reads a time, in the zone and where it has none on the day of another;
// day is whether it has none.
func wallTime(text string, of time.Time) (t time.Time, day, ok bool) {
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t, false, true
	}
	for _, layout := range []string{"2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02"} {
		if t, err := time.ParseInLocation(layout, text, of.Location()); err == nil {
			return t, false, true
		}
	}
	for _, layout := range []string{"2 Jan 15:04:05", "2 Jan 15:04", "2 Jan"} {
		if t, err := time.ParseInLocation(layout, text, of.Location()); err == nil {
			return t.AddDate(of.Year(), 0, 0), false, true
		}
	}
	for _, layout := range []string{"15:04:05", "15:04"} {
		if t, err := time.Parse(layout, text); err == nil {
			y, m, d := of.Date()
			return time.Date(y, m, d, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), of.Location()), true, true
		}
	}
	return time.Time{}, false, false
}
