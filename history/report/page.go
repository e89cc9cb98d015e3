package report

import (
	"fmt"
	"html"
	"regexp"
	"strconv"
	"strings"

	"flapscope/monitor/fact"
)

// markup is HTML that this package wrote: a constant, never text from outside.
type markup string

// A pageWriter puts a page together. What it is given as text is escaped, in
// elements and in attributes alike, which are always quoted.
type pageWriter struct{ strings.Builder }

// put appends markup; each {} in it stands for an argument.
func (p *pageWriter) put(m markup, args ...any) {
	rest := string(m)
	for _, a := range args {
		before, after, found := strings.Cut(rest, "{}")
		if !found {
			break
		}
		p.WriteString(before)
		p.value(a)
		rest = after
	}
	p.WriteString(rest)
}

func (p *pageWriter) value(a any) {
	switch a := a.(type) {
	case markup:
		p.WriteString(string(a))
	case int:
		p.WriteString(strconv.Itoa(a))
	case float64:
		p.WriteString(strings.TrimSuffix(strings.TrimRight(strconv.FormatFloat(a, 'f', 3, 64), "0"), "."))
	case string:
		p.WriteString(joined(html.EscapeString(cutText(shown(a)))))
	case fact.Untrusted:
		p.WriteString(html.EscapeString(cutText(a.Display())))
	default:
		// Nothing else is put into a page.
		p.WriteString(html.EscapeString(shown(fmt.Sprint(a))))
	}
}

// units are numbers with a unit behind them.
var units = regexp.MustCompile(`(\d) (µs|ms|s|min|h|d|kB|MB|dBm)\b`)

// joined keeps numbers and their units on one line.
func joined(s string) string { return units.ReplaceAllString(s, "${1}&nbsp;${2}") }
