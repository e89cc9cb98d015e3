package ui

import (
	"strings"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"flapscope/internal/text"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
	"flapscope/themes"
	"flapscope/ui/grid"
)

// A ladderPopup shows the selected incident as a ladder in time: the facts that
// brought it, those that ended it, and what was known besides. Up and down go to
// its neighbours, as they do in the list.
type ladderPopup struct{ page *scope }

// update implements popup.
func (d *ladderPopup) update(msg tea.KeyPressMsg) (bool, tea.Cmd) {
	k := d.page.keys
	if key.Matches(msg, k.Up, k.Down, k.NextTrouble, k.PrevTrouble) {
		d.page.update(msg)
		return d.page.selected.incident == nil, nil
	}
	return true, nil
}

// draw implements popup.
func (d *ladderPopup) draw(a grid.Area, k look) {
	f := d.page.frame()
	if i := f.selected.incident; i != nil && f.tl != nil {
		drawLadder(a, ladderView{k, i, f.tl.Evidence(i)})
	}
}

// A ladderView is what the popup of an incident shows.
type ladderView struct {
	look
	*fold.Incident
	evidence []string
}

// ladderColumns is the width from which the ladders and the evidence stand
// beside each other.
const ladderColumns = 92

// drawLadder draws the popup of an incident: the sentence, what it does not say,
// and time from above to below; the evidence stands beside that or under it.
func drawLadder(a grid.Area, v ladderView) {
	width := min(a.Width()-4, 116)
	lines := wrap(v.Incident.Text.Display(), width-4)
	about, down, up, seen := v.facts(), v.down(), v.up(), v.seen()
	beside := width-4 >= ladderColumns
	height := down.height() + up.height()
	if beside {
		height = max(height+1, seen.height())
	} else {
		height += seen.height()
	}
	mark, _ := v.severityMark(v.Incident)
	title := string(mark) + " " + string(v.Severity) + "  " + v.clock(v.From.Time, "Mon 2 Jan 15:04:05")
	in := box(a, v.look, width, len(lines)+len(about.rows)+height+4, title, "↑↓ other incidents · any other key closes")
	y := 1
	if in.Height() < len(lines)+len(about.rows)+height+2 {
		y = 0 // a blank row is the first to give way
	}
	for _, line := range lines {
		in.Text(0, y, line, v.Strong.With(themes.Bold))
		y++
	}
	for _, r := range about.rows {
		drawPaneRow(in.Row(y), v.look, r)
		y++
	}
	rest := in.Sub(0, y, in.Width(), in.Height()-y)
	if beside {
		rest = rest.Sub(0, 1, rest.Width(), rest.Height()-1)
		left := rest.Width() * 11 / 20
		drawSections(rest.Sub(0, 0, left, rest.Height()), v.look, down, up)
		drawSections(rest.Sub(left+3, 0, rest.Width()-left-3, rest.Height()), v.look, seen)
	} else {
		drawSections(rest, v.look, down, up, seen)
	}
	onPopup(in, v.look)
}

// drawSections draws sections below each other, as far as there is room, with a
// blank row between them if there is room for all.
func drawSections(a grid.Area, k look, all ...section) {
	rows := len(all) - 1
	for i := range all {
		rows += all[i].height()
	}
	y := 0
	for _, s := range all {
		if n := min(s.height(), a.Height()-y); n > 1 {
			s.draw(a.Sub(0, y, a.Width(), n), k)
			y += n
		}
		if rows <= a.Height() {
			y++
		}
	}
}

// A section is a titled list of rows; its remark stands at the right of the
// title.
type section struct {
	title, remark string
	rows          []paneRow
	style         themes.Style
}

// height is how many rows the section has with its head.
func (s *section) height() int { return len(s.rows) + 1 }

// draw draws the section; what has no room is counted in the last row.
func (s *section) draw(a grid.Area, k look) {
	k.head(a, s.title, s.remark, s.style)
	for y, r := range s.rows {
		if y+2 == a.Height() && y+1 < len(s.rows) {
			r = paneRow{key: num(int64(len(s.rows)-y)) + " more", keyStyle: k.Muted}
		}
		if y+1 < a.Height() {
			drawPaneRow(a.Row(y+1), k, r)
		}
	}
}

// facts are what the sentence does not say.
func (v *ladderView) facts() section {
	var s section
	add := func(key, value string, st themes.Style) {
		s.rows = append(s.rows, paneRow{key: key, keyStyle: v.Muted, parts: spans{{value, st}}})
	}
	const exactly = "15:04:05.000"
	if v.Open() {
		_, st := v.severityMark(v.Incident)
		add("open", "since "+v.clock(v.From.Time, exactly)+", for "+text.Elapsed(v.Duration), st)
	} else {
		add("lasted", text.Duration(v.Duration)+", until "+v.clock(v.To.Time, exactly), v.Styles.Text)
	}
	if v.Earliest.Mono != 0 {
		add("began", "between "+v.clock(v.Earliest.Time, exactly)+" and "+v.clock(v.From.Time, exactly)+", two checks", v.Styles.Text)
	}
	if v.EndEarliest.Mono != 0 {
		add("ended", "between "+v.clock(v.EndEarliest.Time, exactly)+" and "+v.clock(v.To.Time, exactly)+", two checks", v.Styles.Text)
	}
	if _, works := said(v.Incident); works == "" && v.Severity == fold.SeverityOutage {
		add("worked", "nothing that was checked", v.Styles.Text)
	}
	switch {
	case v.Pattern != nil:
		add("pattern", v.Pattern.Text(), v.Info)
	case v.Count >= 4:
		add("pattern", "none: it came at irregular times", v.Styles.Text)
	}
	return s
}

// figures are what the sentence says and a line that names the trouble alone
// leaves out: how long each time was, and what worked.
func (v *ladderView) figures() (rows []paneRow) {
	what, works, spare := clauses(v.Incident)
	if _, each, ok := strings.Cut(what, " ×, "); ok {
		if v.Pattern != nil {
			each = strings.TrimSuffix(each, ", "+v.Pattern.Text())
		}
		rows = append(rows, paneRow{key: "times", keyStyle: v.Muted, parts: spans{{num(int64(v.Count)) + " ×, " + each, v.Styles.Text}}})
	}
	if works != "" {
		st := v.Styles.Text
		works = works[:workEnd(works)]
		if works == "nothing" {
			st = v.Bad
		}
		rows = append(rows, paneRow{key: "worked", keyStyle: v.Muted, parts: spans{{works, st}}})
	}
	if spare != "" {
		rows = append(rows, paneRow{key: "instead", keyStyle: v.Muted, parts: spans{{spare, v.Good}}})
	}
	return rows
}

// down is the ladder down: the facts that brought the incident.
func (v *ladderView) down() section {
	s := section{title: "DOWN", remark: v.clock(v.From.Time, "15:04:05.000"), style: v.Bad.With(themes.Bold)}
	s.rows = v.ladder(v.Cause, v.From.Mono, v.Bad)
	s.rows = append(s.rows, paneRow{
		mark: '▼', markStyle: v.Bad, key: string(v.Severity), keyStyle: v.Strong,
		at: ladderAt, parts: spans{{text.Words(v.Root.What), v.Styles.Text}},
	})
	return s
}

// up is the ladder up: the facts that ended it. Of an incident that came more
// than once it is the newest, which is counted from its own first fact.
func (v *ladderView) up() section {
	if v.Open() {
		return section{title: "UP", style: v.Good.With(themes.Bold), rows: []paneRow{{key: "not yet", keyStyle: v.Warn}}}
	}
	s := section{title: "UP", remark: v.clock(v.To.Time, "15:04:05.000"), style: v.Good.With(themes.Bold)}
	from := v.From.Mono
	if v.Count > 1 && len(v.Recovery) > 0 {
		from = v.Recovery[0].Mono
	}
	s.rows = v.ladder(v.Recovery, from, v.Good)
	s.rows = append(s.rows, paneRow{
		mark: '▲', markStyle: v.Good, key: "over", keyStyle: v.Strong,
		at: ladderAt, parts: spans{{"after " + text.Duration(v.Duration), v.Styles.Text}},
	})
	return s
}

// ladderAt is where the words of a step begin.
const ladderAt = 12

// ladder returns the steps of a chain, each with the time since an instant.
func (v *ladderView) ladder(steps []path.Step, from time.Duration, st themes.Style) []paneRow {
	var rows []paneRow
	for n, step := range steps {
		r := paneRow{mark: '├', markStyle: st, key: string(step.Layer), keyStyle: v.Muted, at: ladderAt}
		if n == 0 {
			r.mark = '┌'
		}
		what := step.Text.Display()
		if name := step.Interface.Display(); name != "" && !strings.Contains(what, name) && step.Layer != fact.LayerProbe {
			what = name + " " + what
		}
		r.parts = spans{{what, v.Styles.Text}}
		r.right = spans{{"+" + text.Duration(max(step.Mono-from, 0)), v.Muted}}
		rows = append(rows, r)
	}
	return rows
}

// seen is how the machine was at the onset.
func (v *ladderView) seen() section {
	s := section{title: "EVIDENCE", style: v.Title}
	if len(v.evidence) > 0 {
		s.remark = "at the onset"
	}
	for _, line := range v.evidence {
		kind, rest, _ := strings.Cut(line, " ")
		s.rows = append(s.rows, paneRow{
			key: strings.TrimSuffix(kind, ":"), keyStyle: v.Muted, parts: spans{{fact.Untrusted(rest).Display(), v.Styles.Text}},
		})
	}
	if len(s.rows) == 0 {
		s.rows = []paneRow{{key: "none was taken", keyStyle: v.Muted}}
	}
	return s
}
