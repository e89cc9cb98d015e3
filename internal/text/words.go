package text

import (
	"strconv"
	"strings"
)

// Words turns a word of JSON into words for people: "no_carrier" into
// "no carrier".
func Words[S ~string](s S) string { return strings.ReplaceAll(string(s), "_", " ") }

// Number writes a count in groups of three digits: "1 284".
func Number(n int) string {
	s := strconv.Itoa(n)
	first := 0
	if n < 0 {
		first = 1
	}
	for i := len(s) - 3; i > first; i -= 3 {
		s = s[:i] + " " + s[i:]
	}
	return s
}

// Count writes a count with its noun: "1 item", "2 items".
func Count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return Number(n) + " " + noun + "s"
}
