package report

import (
	"fmt"
	"strings"
	"time"

	"flapscope/history/timeline"
	"flapscope/internal/text"
	"flapscope/monitor/path"
)

// columnsInText is how many characters the axis has at most.
const columnsInText = 88

// markdownTimeline draws the axis with characters, and the incidents as a chart.
func (r *Report) markdownTimeline(m *markdown) {
	width := r.span.To - r.span.From
	if width <= 0 {
		return
	}
	step := steps[len(steps)-1]
	for _, s := range steps {
		if width/s < columnsInText {
			step = s
			break
		}
	}
	n := int((width + step - 1) / step)
	wide := *r
	wide.span.To = r.span.From + time.Duration(n)*step
	m.line("### Timeline\n")
	m.line("One character is %s. `·` fine, `▄` a part broken or slow, `█` nothing worked, `▒` gap; in the other rows the height is the share that failed, blank is not checked.\n", text.Duration(step))
	m.line("```text")
	m.line("%s", wide.textAxis(n))
	verdict := make([]rune, n)
	for i, v := range wide.verdicts(n) {
		verdict[i] = []rune(" ▒·▄█")[v]
	}
	m.line("%-10s %s", "verdict", string(verdict))
	for _, i := range r.Machine.Interfaces {
		m.line("%-10s %s", fenced(i.Name.Display()), wide.textStrip(i.scope, n))
	}
	for _, row := range r.rows() {
		m.line("%-10s %s", row.name, textShares(row.columns(r.view, wide.span, n)))
	}
	m.line("```\n")
	r.mermaid(m)
}

// textAxis writes times above their columns.
func (r *Report) textAxis(n int) string {
	line := []rune(strings.Repeat(" ", n+16))
	last := -16
	for _, t := range r.ticks(n / 9) {
		at := int(t.at * float64(n))
		if at < last+9 || at >= n {
			continue
		}
		copy(line[at:], []rune("|"+t.text))
		last = at
	}
	return strings.TrimRight(strings.Repeat(" ", 11)+string(line), " ")
}

// textStrip draws how an interface did.
func (r *Report) textStrip(scope path.ScopeName, n int) string {
	out := make([]rune, n)
	for i, l := range r.view.Strip(scope, r.span, n) {
		switch l {
		case timeline.LevelGood:
			out[i] = '·'
		case timeline.LevelStandby:
			out[i] = '-'
		case timeline.LevelDegraded, timeline.LevelWaiting:
			out[i] = '▄'
		case timeline.LevelBad:
			out[i] = '█'
		case timeline.LevelGap:
			out[i] = '▒'
		default:
			out[i] = ' '
		}
	}
	return string(out)
}

func textShares(list []timeline.Bucket) string {
	out := make([]rune, len(list))
	for i, b := range list {
		n := b.Answered + b.Lost
		switch {
		case n == 0:
			out[i] = ' '
		case b.Lost == 0:
			out[i] = '·'
		default:
			out[i] = []rune("▁▂▃▄▅▆▇█")[min(int(b.Lost*8/n), 7)]
		}
	}
	return string(out)
}

// mermaidLimit is how many bars the chart has at most.
const mermaidLimit = 60

// mermaid draws the incidents as GitHub renders it. Nothing in it is from
// outside but times.
func (r *Report) mermaid(m *markdown) {
	if len(r.Incidents)+len(r.Gaps) == 0 {
		return
	}
	m.line("```mermaid\ngantt\n    dateFormat YYYY-MM-DDTHH:mm:ss\n    axisFormat %%H:%%M\n    title Incidents")
	bars := 0
	bar := func(name, tag string, from time.Time, to time.Time) {
		if to.Sub(from) < time.Second {
			to = from.Add(time.Second)
		}
		m.line("    %s :%s%s, %s", name, tag, from.Format("2006-01-02T15:04:05"), to.Format("2006-01-02T15:04:05"))
		bars++
	}
	tags := map[Class]string{ClassDead: "crit, ", ClassPart: "active, ", ClassSlow: "done, "}
	for _, c := range classes {
		list, _ := r.of(c)
		if len(list) > 0 {
			m.line("    section %s", strings.ReplaceAll(classTitles[c], ",", ""))
		}
		for _, i := range list {
			if bars >= mermaidLimit {
				break
			}
			name := fmt.Sprintf("%d %s", i.Number, plainWord(string(i.Root.What)))
			if i.Count > 1 {
				name += fmt.Sprintf(" %d x", i.Count)
			}
			to := i.To
			if i.Open {
				to = r.To
			}
			bar(name, tags[c], i.From, to)
		}
	}
	if len(r.Gaps) > 0 && bars < mermaidLimit {
		m.line("    section Not watched")
		for _, g := range r.Gaps[:min(len(r.Gaps), 20)] {
			bar("gap", "", g.From, g.From.Add(g.Duration))
		}
	}
	m.line("```\n")
}

// plainWord keeps letters, digits and spaces.
func plainWord(s string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c == '_':
			return ' '
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == ' ':
			return c
		}
		return -1
	}, s)
}
