package report

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"unicode"

	"flapscope/monitor/fact"
)

// Formats are what a report is written as, and Tables what CSV has.
var (
	Formats = []string{"md", "html", "json", "csv", "trace"}
	Tables  = []string{"incidents", "transitions", "samples"}
)

// A Writer writes a report.
type Writer func(r *Report, w io.Writer) error

// WriterOf returns what writes a format, and of CSV a table.
func WriterOf(format, table string) (Writer, error) {
	switch format {
	case "md":
		return (*Report).WriteMarkdown, nil
	case "html":
		return (*Report).WriteHTML, nil
	case "json":
		return (*Report).WriteJSON, nil
	case "trace":
		return (*Report).WriteTrace, nil
	case "csv":
		switch table {
		case "incidents":
			return (*Report).WriteIncidents, nil
		case "transitions":
			return (*Report).WriteTransitions, nil
		case "samples":
			return (*Report).WriteSamples, nil
		}
		return nil, fmt.Errorf("there is no table %q: want %s", table, strings.Join(Tables, ", "))
	}
	return nil, fmt.Errorf("there is no format %q: want %s", format, strings.Join(Formats, ", "))
}

// WriteJSON writes all of the report as one object; docs/report.schema.json says
// what it has.
func (r *Report) WriteJSON(w io.Writer) error {
	b, err := fact.AppendJSON(nil, r)
	if err != nil {
		return fmt.Errorf("report as JSON: %w", err)
	}
	_, err = w.Write(append(b, '\n'))
	return err
}

// OwnWords returns what reports whether a word is the report's own, and so in
// any.
func OwnWords() func(word string) bool { return func(word string) bool { return ownWords()[word] } }

var ownWords = sync.OnceValue(func() map[string]bool {
	own := map[string]bool{}
	var b strings.Builder
	b.WriteString(page())
	b.WriteString(formatWords)
	for w := range strings.FieldsFuncSeq(strings.ToLower(b.String()), func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) }) {
		own[w] = true
	}
	return own
})

// formatWords are what the other formats are made of, and sentences in them: a
// network that is called so is not told by them.
const formatWords = ` added amber args arp axis axisformat blank cat character col complete cost dateformat dd ddthh details displaytimeunit earliest equal
	false flap gantt green gz hatched headline health hh incident italics json least log marked marks mbit mermaid mm moment ms nd notices otherdata outwards patterns ph picture pid
	placed process_name pseudonyms ratio section settled slower sort sort_index ss statistics stays summary tid timeline tinted title traceevents transition transitions trips ts value
	vpn waiting worst yyyy `
