package report

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"time"

	"flapscope/monitor/fact"
)

// WriteIncidents writes a row for each incident and note.
func (r *Report) WriteIncidents(w io.Writer) error {
	c := newTable(w, "id", "class", "from", "to", "open", "duration_s", "lost_s", "count", "what", "leg", "interface", "family", "entity", "works", "text")
	for _, list := range [][]Incident{r.Incidents, r.Notes} {
		for _, i := range list {
			to := ""
			if !i.Open {
				to = fact.FormatTime(i.To)
			}
			c.row(
				strconv.Itoa(i.Number), string(i.Class), fact.FormatTime(i.From), to, strconv.FormatBool(i.Open), seconds(i.Duration), seconds(i.Lost),
				strconv.Itoa(i.Count), string(i.Root.What), string(i.Root.Leg), i.Root.Interface.Display(), i.Root.Family, i.Root.Entity.Display(),
				strings.Join(i.Works, " "), i.Text,
			)
		}
	}
	return c.end()
}

// WriteTransitions writes a row for each transition of the machine's path.
func (r *Report) WriteTransitions(w io.Writer) error {
	c := newTable(w, "time", "mono_ns", "phase", "from", "to", "reason", "interface", "cause")
	for _, e := range r.transitions {
		t := e.Transition
		name := ""
		if t.Path != nil {
			name = t.Path.Interface.Display()
		}
		var cause []string
		for i := range t.Cause {
			cause = append(cause, stepText(&t.Cause[i]).Display())
		}
		c.row(fact.FormatTime(e.Time), strconv.FormatInt(int64(e.Mono), 10), string(t.Phase), string(t.From), string(t.To), string(t.Reason), name, strings.Join(cause, " → "))
	}
	return c.end()
}

// samplesFor is how much time a row of samples sums up at least: a day at ten a
// second is 8,640 rows for each target.
const samplesFor = 10 * time.Second

// WriteSamples writes a row for each target and ten seconds.
func (r *Report) WriteSamples(w io.Writer) error {
	t := newTable(w, "time", "target", "role", "method", "family", "answered", "lost", "no_data", "min_ms", "median_ms", "max_ms")
	n := max(int((r.span.To-r.span.From)/samplesFor), 1)
	step := (r.span.To - r.span.From) / time.Duration(n)
	for _, c := range r.Checks {
		for i, b := range r.view.Latency(c.id, r.span, n) {
			if b.Answered+b.Lost+b.NoData == 0 {
				continue
			}
			row := []string{
				fact.FormatTime(r.From.Add(time.Duration(i) * step)), c.Name.Display(), string(c.Role), string(c.Method), c.Family,
				strconv.Itoa(int(b.Answered)), strconv.Itoa(int(b.Lost)), strconv.Itoa(int(b.NoData)), "", "", "",
			}
			if b.Answered > 0 {
				// A lost one has no round trip: 0 would be averaged.
				row[8], row[9], row[10] = exactMillis(b.Min), exactMillis(b.Median), exactMillis(b.Max)
			}
			t.row(row...)
		}
	}
	return t.end()
}

func seconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', 3, 64) }

func exactMillis(d time.Duration) string {
	return strconv.FormatFloat(float64(d)/float64(time.Millisecond), 'f', 3, 64)
}

// A table is CSV in which no program for sheets takes a cell for a formula
// (CWE-1236).
type table struct{ *csv.Writer }

func newTable(w io.Writer, head ...string) table {
	t := table{csv.NewWriter(w)}
	t.row(head...)
	return t
}

func (t table) row(cells ...string) {
	for i, s := range cells {
		s = shown(s)
		if s != "" && strings.ContainsRune("=+-@", rune(s[0])) {
			s = "'" + s
		}
		cells[i] = s
	}
	// The writer keeps the first error for the end.
	_ = t.Write(cells)
}

func (t table) end() error {
	t.Flush()
	return t.Error()
}
