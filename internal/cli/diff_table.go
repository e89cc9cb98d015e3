package cli

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"flapscope/history/compare"
	"flapscope/internal/term"
	"flapscope/internal/text"
)

// printDiff prints a comparison for people: what it comes to in a sentence, and a
// line for each measure.
func printDiff(out io.Writer, d *diffDocument) error {
	before, after := d.names()
	for _, s := range []struct {
		name string
		side *diffSide
	}{{before, &d.Before}, {after, &d.After}} {
		fmt.Fprintf(out, "%-6s  %s to %s, %s observed  %s\n", s.name, s.side.From.Format("2006-01-02 15:04:05"), s.side.To.Format("2006-01-02 15:04:05"), text.Duration(s.side.Observed), s.side.File.Display())
	}
	fmt.Fprintln(out, diffSentence(d))
	w := term.NewTable(out)
	w.Row("MEASURE", "OF", strings.ToUpper(before), strings.ToUpper(after), "DIFFERENCE", "99 % INTERVAL", "")
	for i := range d.Measures {
		m := &d.Measures[i]
		difference, interval := "", ""
		if k := m.Difference; k != nil {
			difference = signed(m.What, k.Value)
			interval = signed(m.What, k.Low) + " to " + signed(m.What, k.High)
		}
		w.Row(measureWords[m.What], m.Of, figure(m.What, m.Before), figure(m.What, m.After), difference, interval, diffWord(m, d))
	}
	return w.Flush()
}

// names are what the two sides are called.
func (d *diffDocument) names() (before, after string) {
	if d.Marks {
		return "rest", "marked"
	}
	return "before", "after"
}

// measureWords name the measures for people.
var measureWords = map[compare.What]string{
	compare.Availability: "time with a path", compare.Online: "time online", compare.Losses: "losses of the path per hour", compare.Recovery: "time to recover",
	compare.RTT: "round trip", compare.Loss: "loss", compare.Signal: "signal", compare.Rate: "rate", compare.Roams: "roams per hour",
}

// diffSentence says what a comparison comes to.
func diffSentence(d *diffDocument) string {
	var parts []string
	for _, w := range []compare.Word{compare.Worse, compare.Better, compare.More, compare.Fewer} {
		var names []string
		for _, m := range d.Named(w) {
			name := measureWords[m.What]
			if m.Of != "" {
				name += " of " + m.Of.Display()
			}
			names = append(names, name)
		}
		if len(names) > 0 {
			parts = append(parts, string(w)+": "+strings.Join(names, ", "))
		}
	}
	none := "no evidence of a change in " + text.Count(len(d.Named(compare.NoEvidence)), "measure")
	return strings.Join(append(parts, none), "; ")
}

// diffWord is the word of a measure, and what would give it another.
func diffWord(m *compare.Measure, d *diffDocument) string {
	before, after := d.names()
	switch {
	case m.Before == nil && m.After == nil:
		return "in neither"
	case m.Before == nil:
		return "only " + after
	case m.After == nil:
		return "only " + before
	case m.Word != compare.NoEvidence:
		return string(m.Word)
	case m.Difference == nil && m.Before.N == 0 && m.After.N == 0:
		return "no evidence: none in either"
	case m.Difference == nil:
		return "no evidence: too few to tell"
	case m.More == nil:
		return "no evidence"
	case *m.More <= 1:
		return "no evidence; 20 % would show"
	}
	length := time.Duration(float64(d.Before.Observed+d.After.Observed) / 2 * *m.More)
	if *m.More > 1000 || length < 0 {
		return "no evidence; 20 % needs far more"
	}
	return fmt.Sprintf("no evidence; 20 %% needs %s each", text.Duration(length.Round(time.Minute)))
}

// figure writes a figure with its unit.
func figure(what compare.What, f *compare.Figure) string {
	if f == nil {
		return "-"
	}
	return quantity(what, f.Value)
}

// signed writes a difference with its sign.
func signed(what compare.What, v float64) string {
	switch {
	case v > 0:
		return "+" + quantity(what, v)
	case v < 0:
		return "−" + quantity(what, -v)
	}
	return quantity(what, 0)
}

// quantity writes a value with its unit.
func quantity(what compare.What, v float64) string {
	switch compare.Units[what] {
	case "share":
		return digits(100*v) + " %"
	case "seconds":
		return durationOf(v)
	case "dbm":
		return strconv.FormatFloat(v, 'f', 1, 64) + " dBm"
	case "bit_per_second":
		return strconv.FormatFloat(v/1e6, 'f', 1, 64) + " Mbit/s"
	}
	return digits(v)
}

// digits writes a number with three digits that count, and a share near the whole
// with what it lacks.
func digits(v float64) string {
	switch a := math.Abs(v); {
	case a == 0 || a == 100:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case a >= 99 && a < 100:
		return strconv.FormatFloat(v, 'f', 3, 64)
	case a >= 10:
		return strconv.FormatFloat(v, 'f', 1, 64)
	case a >= 0.1:
		return strconv.FormatFloat(v, 'f', 2, 64)
	}
	return strconv.FormatFloat(v, 'g', 2, 64)
}

func durationOf(seconds float64) string {
	return text.Duration(time.Duration(seconds * float64(time.Second)))
}
