package report

import (
	"fmt"
	"html"
	"strings"
	"unicode"
	"unicode/utf8"

	"flapscope/monitor/fact"
)

// inert escapes text for Markdown, such that it is shown as it is and does
// nothing: no markup, no table cell, no link, and nobody is mentioned.
func inert(s string) string {
	s = cutText(shown(s))
	var b strings.Builder
	for i, c := range s {
		switch {
		case c == '@':
			// Whoever is called so is told, escaped or not.
			b.WriteRune('＠')
		case c == '#':
			b.WriteRune('＃')
		case strings.ContainsRune("<>&\\", c), c == ':' && strings.HasPrefix(s[i:], "://"), strings.ContainsRune("wW", c) && strings.EqualFold(s[i:min(i+4, len(s))], "www."):
			// A link is made of what is written, not of what is meant.
			fmt.Fprintf(&b, "&#%d;", c)
		case strings.ContainsRune("`*_[]|~$!{}", c):
			b.WriteByte('\\')
			b.WriteRune(c)
		default:
			b.WriteRune(c)
		}
	}
	return b.String()
}

// inElement escapes text that stands in an HTML element of Markdown.
func inElement(s string) string {
	return strings.NewReplacer("@", "＠", "#", "＃", "`", "&#96;", "*", "&#42;", "_", "&#95;", "[", "&#91;", "]", "&#93;", "://", "&#58;//", "~", "&#126;", "$", "&#36;").Replace(html.EscapeString(cutText(shown(s))))
}

// fenced escapes text that stands between fences.
func fenced(s string) string { return strings.ReplaceAll(cutText(shown(s)), "`", "ʼ") }

// plainCode keeps what a word of the program's has.
func plainCode(s string) string { return strings.ReplaceAll(plainWord(s), " ", "_") }

// shown returns text as it can be printed. What is in display form already stays
// as it is.
func shown(s string) string {
	for _, c := range s {
		if c == utf8.RuneError || !unicode.IsPrint(c) {
			return fact.Untrusted(s).Display()
		}
	}
	return s
}

// mostText is how long a text from outside is in a report.
const mostText = 400

func cutText(s string) string {
	n := 0
	for i := range s {
		if n++; n > mostText {
			return s[:i] + "…"
		}
	}
	return s
}
