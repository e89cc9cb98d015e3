package text

import (
	"strconv"
	"strings"
	"time"
)

// day is a day as durations have it, without leap seconds and summer time.
const day = 24 * time.Hour

// Duration writes how long something lasted, with the digits that a reader can
// use: "0.34 ms", "450 ms", "8.0 s", "2 min 10 s", "3 h 5 min", "7 d 4 h".
func Duration(d time.Duration) string {
	if d < 0 {
		// The least duration has no opposite.
		return "-" + Duration(max(-d, -(d+1)))
	}
	switch { // A limit is where rounding would reach the next form.
	case d == 0:
		return "0 ms"
	case d < 995*time.Microsecond:
		return in(d, time.Millisecond, 2) + " ms"
	case d < 9950*time.Microsecond:
		return in(d, time.Millisecond, 1) + " ms"
	case d < 999500*time.Microsecond:
		return in(d, time.Millisecond, 0) + " ms"
	case d < 59950*time.Millisecond:
		return in(d, time.Second, 1) + " s"
	case d.Round(time.Second) < time.Hour:
		return pair(d.Round(time.Second), time.Minute, " min", time.Second, " s")
	case d.Round(time.Minute) < 2*day:
		return pair(d.Round(time.Minute), time.Hour, " h", time.Minute, " min")
	}
	return pair(d.Round(time.Hour), day, " d", time.Hour, " h")
}

// DurationAs writes d with the digits that Duration gives to scale, so that
// "8.0 s ± 0.2 s" does not have "± 214 ms".
func DurationAs(d, scale time.Duration) string {
	switch {
	case scale < 999500*time.Microsecond:
		return in(d, time.Millisecond, 0) + " ms"
	case d < 59950*time.Millisecond:
		return in(d, time.Second, 1) + " s"
	}
	return Duration(d)
}

// Compact writes how long something lasted where there is no room: "450ms",
// "8.0s", "12s", "4m 20s". Below ten seconds it has a fraction, which is what
// distinguishes a blip from an outage, and from there on it is rounded as that of
// Duration is.
func Compact(d time.Duration) string {
	switch d = max(d, 0); {
	case d < time.Second:
		return strconv.FormatInt(d.Milliseconds(), 10) + "ms"
	case d < 10*time.Second:
		return in(d, time.Second, 1) + "s"
	}
	return Age(d.Round(time.Second))
}

// Age writes the time since something began, in whole seconds and at most two
// units: "8s", "4m 20s". It is cut, not rounded: what counts up must not show a
// second before it is over.
func Age(d time.Duration) string {
	switch d = max(d, 0); {
	case d < time.Minute:
		return strconv.FormatInt(int64(d/time.Second), 10) + "s"
	case d < time.Hour:
		return pair(d, time.Minute, "m", time.Second, "s")
	case d < day:
		return pair(d, time.Hour, "h", time.Minute, "m")
	}
	return pair(d, day, "d", time.Hour, "h")
}

// Elapsed writes the time since something began in the form of Duration, in
// whole seconds and cut like Age: "8 s", "4 min 20 s", "3 h 12 min".
func Elapsed(d time.Duration) string {
	switch d = max(d, 0); {
	case d < time.Minute:
		return strconv.FormatInt(int64(d/time.Second), 10) + " s"
	case d < time.Hour:
		return pair(d, time.Minute, " min", time.Second, " s")
	case d < 2*day:
		return pair(d, time.Hour, " h", time.Minute, " min")
	}
	return pair(d, day, " d", time.Hour, " h")
}

// Setting writes d as time.ParseDuration reads it, without parts that are zero:
// "168h", not "168h0m0s".
func Setting(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// in writes d in a unit, without the unit, and rounds half up: 8.25 is 8.3,
// where strconv rounds what is exactly between to the even digit.
func in(d, unit time.Duration, decimals int) string {
	last := unit
	for range decimals {
		last /= 10
	}
	d = d.Round(last)
	return strconv.FormatFloat(float64(d)/float64(unit), 'f', decimals, 64)
}

// pair writes d in a large and a small unit, the small one unless it is zero.
func pair(d, large time.Duration, largeName string, small time.Duration, smallName string) string {
	s := strconv.FormatInt(int64(d/large), 10) + largeName
	if rest := d % large / small; rest != 0 {
		s += " " + strconv.FormatInt(int64(rest), 10) + smallName
	}
	return s
}
