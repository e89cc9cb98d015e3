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

// Or joins words to a choice: "a, b or c".
func Or(words []string) string { return join(words, " or ") }

// And joins words to a list: "a, b and c".
func And(words []string) string { return join(words, " and ") }

func join(words []string, last string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	n := len(words) - 1
	return strings.Join(words[:n], ", ") + last + words[n]
}

// Wrap breaks s into lines of at most width bytes, where it has a space.
func Wrap(s string, width int) []string {
	var lines []string
	for word := range strings.FieldsSeq(s) {
		if last := len(lines) - 1; last >= 0 && len(lines[last])+1+len(word) <= width {
			lines[last] += " " + word
			continue
		}
		lines = append(lines, word)
	}
	return lines
}
