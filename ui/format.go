package ui

import (
	"strconv"
	"strings"
	"time"

	"flapscope/internal/text"
	"flapscope/monitor/fact"
)

// brief writes a time that goes on in its larger unit alone: "8 s", "12 min".
func brief(d time.Duration) string {
	parts := strings.Fields(text.Elapsed(d))
	return parts[0] + " " + parts[1]
}

// rounded writes a duration in one unit: "15 min", "12.5 s", "250 ms".
func rounded(d time.Duration) string {
	for _, u := range []struct {
		size time.Duration
		name string
	}{{24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "min"}, {time.Second, "s"}} {
		if d >= u.size {
			return text.Trimmed(float64(d)/float64(u.size)) + " " + u.name
		}
	}
	return text.Trimmed(float64(d)/float64(time.Millisecond)) + " ms"
}

// roughly writes how long something took in whole minutes, or seconds below one.
func roughly(d time.Duration) string {
	if d < time.Minute {
		return rounded(max(d.Truncate(time.Second), time.Second))
	}
	return num(int64(d/time.Minute)) + " min"
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
func percent(f float64, decimals int) string { return fixed(100*f, decimals) + " %" }

// typeName is the word for an interface type.
func typeName(t fact.LinkType) string {
	if t == fact.TypeWifi {
		return "wi-fi"
	}
	return string(t)
}

func num(n int64) string { return strconv.FormatInt(n, 10) }

func fixed(v float64, decimals int) string { return strconv.FormatFloat(v, 'f', decimals, 64) }
