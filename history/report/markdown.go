package report

import (
	"fmt"
	"io"
	"strings"
	"time"

	"flapscope/internal/text"
	"flapscope/monitor/fact"
	"flapscope/monitor/path"
)

// MarkdownLimit is how long the Markdown is at most: an issue on GitHub has room
// for 65,536 characters, and whoever pastes it has something to say, too.
const MarkdownLimit = 60_000

// What each part may have of it.
const (
	tableLimit = 24_000
	noteLimit  = 3_000
	factLimit  = 5_000
)

// A markdown is text in the making.
type markdown struct{ strings.Builder }

func (m *markdown) line(format string, args ...any) {
	fmt.Fprintf(m, format, args...)
	m.WriteByte('\n')
}

// WriteMarkdown writes the report for an issue: first what went wrong, then the
// machine, then the rest, folded away. What there is no room for is counted.
func (r *Report) WriteMarkdown(w io.Writer) error {
	var m markdown
	m.line("<!-- flapscope report, schema %d, redaction %s -->", Schema, inert(r.Redaction))
	m.line("## %s\n", inert(r.Headline))
	if r.Summary != "" {
		m.line("%s\n", inert(r.Summary))
	}
	r.markdownIncidents(&m)
	r.markdownNotes(&m)
	r.markdownFacts(&m)
	r.markdownTimeline(&m)
	tail := r.markdownTail()
	r.markdownDetails(&m, MarkdownLimit-len(tail)-500)
	m.WriteString(tail)
	_, err := io.WriteString(w, m.String())
	return err
}

// classTitles are the headings of the classes.
var classTitles = map[Class]string{ClassDead: "Nothing worked", ClassPart: "A part broken, the rest worked", ClassSlow: "Slow or lossy"}

var classSquares = map[Class]string{ClassDead: "🟥", ClassPart: "🟧", ClassSlow: "🟨"}

// classes are those of trouble, worst first.
var classes = []Class{ClassDead, ClassPart, ClassSlow}

// of returns the incidents of a class, and the time lost by them.
func (r *Report) of(c Class) (list []Incident, lost time.Duration) {
	for _, i := range r.Incidents {
		if i.Class == c {
			list, lost = append(list, i), lost+i.Lost
		}
	}
	return list, lost
}

// added writes the time lost by incidents, and that it is a sum where it is one.
func added(list []Incident, lost time.Duration) string {
	if len(list) > 1 {
		return text.Duration(lost) + " added up"
	}
	return text.Duration(lost)
}

func (r *Report) markdownIncidents(m *markdown) {
	left := 0
	for _, c := range classes {
		list, lost := r.of(c)
		if len(list) == 0 {
			continue
		}
		m.line("**%s %s** (%d, %s)\n", classSquares[c], classTitles[c], len(list), added(list, lost))
		m.line("| no. | what | from | lost |")
		m.line("|---:|---|---|---:|")
		for k, i := range list {
			if m.Len() > tableLimit {
				left += len(list) - k
				break
			}
			head, rest := i.sentence()
			m.line("| %d | **%s**%s | %s | %s |", i.Number, inert(head), inert(rest), r.when(i.From), i.lost())
		}
		m.line("")
	}
	if left > 0 {
		m.line("%d more: the HTML and JSON reports have them all.\n", left)
	}
}

// sentence parts the sentence of an incident: what is at fault, and the rest.
func (i *Incident) sentence() (head, rest string) {
	inside := 0
	for at, c := range i.Text {
		switch c {
		case '(':
			inside++
		case ')':
			inside--
		case ';', ',', ':':
			// Not that of an address, nor what is said in brackets.
			if at > 0 && inside <= 0 && strings.HasPrefix(i.Text[at+1:], " ") {
				return i.Text[:at], i.Text[at:]
			}
		}
	}
	return i.Text, ""
}

// lost writes the time that an incident took.
func (i *Incident) lost() string {
	if i.Open {
		return text.Duration(i.Lost) + ", still"
	}
	return text.Duration(i.Lost)
}

// when writes a time, with the day where the report has several.
func (r *Report) when(t time.Time) string {
	day := "2006-01-02"
	if r.From.Format(day) == r.To.Format(day) && t.Format(day) == r.From.Format(day) {
		return clock(t)
	}
	return t.Format("01-02 15:04:05")
}

func (r *Report) markdownNotes(m *markdown) {
	notes := r.worthKnowing()
	if len(notes) == 0 {
		return
	}
	from := m.Len()
	m.line("No trouble, but worth knowing:\n")
	for i, n := range notes {
		if m.Len()-from > noteLimit {
			m.line("- %d more", len(notes)-i)
			break
		}
		m.line("- %s", inert(n))
	}
	m.line("")
}

// worthKnowing are notes, patterns and marks as sentences.
func (r *Report) worthKnowing() (out []string) {
	for _, n := range r.Notes {
		out = append(out, n.Text+", "+r.when(n.From)+", "+text.Duration(n.Duration))
	}
	for _, p := range r.Patterns {
		out = append(out, p.Display())
	}
	for _, k := range r.Marks {
		stretch := ""
		if k.Duration > 0 {
			stretch = ", the " + text.Duration(k.Duration) + " before"
		}
		out = append(out, "marked "+r.when(k.Time)+stretch+": "+k.Text.Display())
	}
	return out
}

func (r *Report) markdownFacts(m *markdown) {
	from := m.Len()
	m.line("### Facts\n")
	m.line("| | |")
	m.line("|---|---|")
	for _, f := range r.facts() {
		if m.Len()-from > factLimit {
			m.line("| … | more in the HTML and JSON reports |")
			break
		}
		m.line("| %s | %s |", inert(f[0]), inert(f[1]))
	}
	m.line("")
}

// markdownDetails writes a part for each incident, worst first, while there is
// room.
func (r *Report) markdownDetails(m *markdown, limit int) {
	if len(r.Incidents) == 0 {
		return
	}
	m.line("### Incidents\n")
	for k := range r.Incidents {
		var d markdown
		r.markdownDetail(&d, &r.Incidents[k])
		if m.Len()+d.Len() > limit {
			m.line("%d more: the HTML and JSON reports have them all.\n", len(r.Incidents)-k)
			return
		}
		m.WriteString(d.String())
	}
}

func (r *Report) markdownDetail(m *markdown, i *Incident) {
	m.line("<details><summary><b>%d</b> %s</summary>\n", i.Number, inElement(i.Text))
	r.markdownChains(m, i)
	m.line("</details>\n")
}

// markdownChains writes all that is known of an incident but its sentence.
func (r *Report) markdownChains(m *markdown, i *Incident) {
	m.line("%s, root `%s` on leg `%s`\n", inert(r.lasting(i)), plainCode(string(i.Root.What)), plainCode(string(i.Root.Leg)))
	m.line("```text")
	for _, s := range i.Cause {
		m.line("▼ %s %8s  %-9s %s", clockMillis(s.Time), after(s.After), fenced(string(s.Layer)), fenced(stepText(&s).Display()))
	}
	m.line("┊ %s", fenced(i.between()))
	for _, s := range i.Recovery {
		m.line("▲ %s %8s  %-9s %s", clockMillis(s.Time), after(s.After), fenced(string(s.Layer)), fenced(stepText(&s).Display()))
	}
	m.line("```\n")
	if i.Pattern != "" {
		m.line("Pattern: %s.\n", inert(i.Pattern))
	}
	for _, e := range i.Evidence[:min(len(i.Evidence), mostEvidence)] {
		m.line("- %s", inert(e))
	}
	if len(i.Evidence) > 0 {
		m.line("")
	}
	if said := i.worked() + i.checked(); said != "" {
		m.line("%s\n", inert(strings.TrimSpace(said)))
	}
}

// lasting writes from when to when an incident was, in both bounds where there are
// two.
func (r *Report) lasting(i *Incident) string {
	from := r.when(i.From) + i.From.Format(".000")
	if i.Open {
		return from + "–still " + zoneName(i.From)
	}
	out := from + "–" + i.To.Format("15:04:05.000") + " " + zoneName(i.From)
	if !i.Earliest.IsZero() && i.Earliest.Before(i.From) {
		out += ", began after " + i.Earliest.Format("15:04:05.0")
	}
	if !i.EndEarliest.IsZero() && i.EndEarliest.Before(i.To) {
		out += ", ended after " + i.EndEarliest.Format("15:04:05.0")
	}
	return out
}

// between says how long it was, and how often.
func (i *Incident) between() string {
	switch {
	case i.Count > 1:
		return fmt.Sprintf("%d ×, %s at most, %s in all", i.Count, text.Duration(i.Longest), text.Duration(i.Lost))
	case i.Open:
		return text.Duration(i.Lost) + " so far"
	}
	return text.Duration(i.Lost)
}

// worked says what still worked; of what was slow it is not known what was not.
func (i *Incident) worked() string {
	switch {
	case len(i.Works) > 0:
		words := make([]string, len(i.Works))
		for k, w := range i.Works {
			words[k] = workWord(w)
		}
		return "Still worked: " + strings.Join(words, ", ") + "."
	case i.Class == ClassSlow:
		return ""
	}
	return "Still worked: nothing."
}

// checked says what the checks found meanwhile.
func (i *Incident) checked() string {
	var said []string
	for _, c := range i.Checks {
		said = append(said, fmt.Sprintf("%s %d of %d", c.Name, c.Failed, c.N))
	}
	if len(said) == 0 {
		return ""
	}
	return " Checks that failed meanwhile: " + strings.Join(said, ", ") + "."
}

func clockMillis(t time.Time) string { return t.Format("15:04:05.000") }

// after writes the delay of a step.
func after(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return "+" + text.Duration(d)
}

func stepText(s *path.Step) fact.Untrusted {
	if s.Interface == "" || strings.Contains(string(s.Text), string(s.Interface)) {
		return s.Text
	}
	return s.Interface + " " + s.Text
}

// markdownTail is the figures and what to do with them.
func (r *Report) markdownTail() string {
	var m markdown
	m.line("<details><summary>Statistics</summary>\n")
	m.line("| | value | 95 %% interval | n |")
	m.line("|---|---:|---|---:|")
	for _, f := range r.figures() {
		m.line("| %s | %s | %s | %s |", f[0], f[1], f[2], f[3])
	}
	m.line("")
	if len(r.Checks) > 0 {
		m.line("| target | n | failed | failed %% | mean burst | p50 ms | p95 ms | p99 ms |")
		m.line("|---|---:|---:|---|---:|---|---|---:|")
		for _, c := range r.Checks {
			m.line("| %s | %d | %d | %s | %s | %s | %s | %s |", inert(c.title().Display()), c.N, c.Failed, c.share(), c.burst(), c.P50.ms(), c.P95.ms(), c.P99.ms())
		}
		m.line("")
	}
	r.markdownAccessPoints(&m)
	m.line("%s\n\n</details>", howCounted)
	if r.file != "" {
		name := fenced(r.file)
		m.line("\n```sh\nflapscope replay %s\nflapscope incidents %s\n```", name, name)
	}
	return m.String()
}

// howCounted says how the figures were made.
const howCounted = "Intervals are of 95 %, by resampled blocks of 30 s or more; gaps are not observed time. Checks are sent only while there is a path, and more often in trouble: their share is not a share of time. Answers to what was sent while the radio in use scanned are no part of the percentiles."
