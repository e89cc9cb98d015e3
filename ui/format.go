package ui

import (
	"strconv"
	"strings"
	"time"

	"flapscope/monitor"
)

// since writes a duration in whole seconds, in at most two units: "4m 20s".
func since(d time.Duration) string {
	s := int64(max(d, 0) / time.Second)
	switch {
	case s < 60:
		return num(s) + "s"
	case s < 3600:
		return two(s/60, "m", s%60, "s")
	case s < 86400:
		return two(s/3600, "h", s%3600/60, "m")
	}
	return two(s/86400, "d", s%86400/3600, "h")
}

func two(a int64, ua string, b int64, ub string) string {
	if b == 0 {
		return num(a) + ua
	}
	return num(a) + ua + " " + num(b) + ub
}

// brief writes a duration in one unit, for a cell: "8s", "12m", "3h".
func brief(d time.Duration) string {
	text, _, _ := strings.Cut(since(d), " ")
	return text
}

// length writes how long something lasted: exact below ten seconds, where the
// fractions are what tells a blip from an outage.
func length(d time.Duration) string {
	switch {
	case d < time.Second:
		return num(int64(max(d, 0)/time.Millisecond)) + "ms"
	case d < 10*time.Second:
		return fixed(d.Seconds(), 1) + "s"
	}
	return since(d)
}

// rounded writes a duration in one unit: "15 min", "12.5 s", "250 ms".
func rounded(d time.Duration) string {
	for _, u := range []struct {
		size time.Duration
		name string
	}{{24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "min"}, {time.Second, "s"}} {
		if d >= u.size {
			return trimmed(float64(d)/float64(u.size)) + " " + u.name
		}
	}
	return trimmed(float64(d)/float64(time.Millisecond)) + " ms"
}

// trimmed writes v with one decimal where it has one and is small.
func trimmed(v float64) string {
	if v >= 99.95 {
		return fixed(v, 0)
	}
	return strings.TrimSuffix(fixed(v, 1), ".0")
}

// millis writes a round trip in milliseconds with two or three digits.
func millis(d time.Duration) string {
	ms := float64(d) / float64(time.Millisecond)
	switch {
	case ms < 0.995:
		return fixed(ms, 2)
	case ms < 99.95:
		return fixed(ms, 1)
	}
	return fixed(ms, 0)
}

// percent writes a fraction with as many digits as it deserves.
func percent(f float64, decimals int) string { return fixed(100*f, decimals) + "%" }

// size writes a number of bytes: "21 MB".
func size(n int64) string {
	v, unit := float64(max(n, 0)), "B"
	for _, u := range []string{"kB", "MB", "GB", "TB"} {
		if v < 1000 {
			break
		}
		v, unit = v/1000, u
	}
	return trimmed(v) + " " + unit
}

// grouped writes a count with thin groups of three digits: "1 284".
func grouped(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + " " + s[i:]
	}
	return s
}

// words turns a JSON word into words for people: "no_carrier" → "no carrier".
func words[S ~string](s S) string { return strings.ReplaceAll(string(s), "_", " ") }

// typeName is the word for an interface type.
func typeName(t monitor.LinkType) string {
	if t == monitor.TypeWifi {
		return "wi-fi"
	}
	return string(t)
}

func num(n int64) string { return strconv.FormatInt(n, 10) }

func fixed(v float64, decimals int) string { return strconv.FormatFloat(v, 'f', decimals, 64) }

// plural writes a count with its noun: "1 item", "2 items".
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return grouped(n) + " " + noun + "s"
}
