package ui

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"flapscope/history/timeline"
	"flapscope/internal/text"
	"flapscope/monitor/fold"
	"flapscope/themes"
	"flapscope/ui/grid"
)

// An incidentsView is what the list of incidents shows.
type incidentsView struct {
	look
	// rows are the incidents, without the notes unless those are wanted, newest first, as they were at
	// the cursor; current is the one that the cursor is at, or -1.
	rows    []*fold.Incident
	current int
	// remarks are what the head says at its right end, the longest first.
	remarks []string
	focused bool
	// empty says why there are no rows.
	empty string
	// at is the instant of the cursor: what began after it is dimmed.
	at      time.Duration
	layout  string
	notices []string
}

// incidentsView returns what the list shows.
func (f *frame) incidentsView() incidentsView {
	v := incidentsView{look: f.look, focused: f.focus == focusList, at: f.at, layout: f.listLayout(), current: -1, notices: f.notices()}
	v.rows = f.wanted(f.incidents)
	slices.Reverse(v.rows)
	switch {
	case f.selected.incident != nil:
		v.current = slices.IndexFunc(v.rows, f.selected.is)
		if v.current >= 0 {
			v.rows[v.current] = f.selected.incident
		}
	case !f.live && !f.selected.on:
		v.current = slices.IndexFunc(v.rows, func(i *fold.Incident) bool { return i.From.Mono <= f.at })
	}
	v.remarks = f.incidentRemarks(v.rows)
	switch {
	case f.unread():
		v.empty = f.unknown()
	case f.tl == nil:
		v.empty = "nothing is known yet"
	default:
		v.empty = "none in " + text.Elapsed(f.at-f.tl.Bounds().From)
	}
	return v
}

// wanted returns those of the incidents that the list is to have: without the notes,
// unless those are wanted.
func (c *choice) wanted(all []*fold.Incident) []*fold.Incident {
	var out []*fold.Incident
	for _, i := range all {
		if !i.Note() || c.notes {
			out = append(out, i)
		}
	}
	return out
}

// incidentRemarks sum up the incidents until the cursor.
func (f *frame) incidentRemarks(rows []*fold.Incident) []string {
	var down, longest time.Duration
	n, outages, lasting, open := 0, 0, "", false
	for _, i := range rows {
		if i.From.Mono > f.at || i.Note() {
			continue
		}
		n++
		if i.Severity == fold.SeverityOutage {
			outages++
			down += i.Down
			open = open || i.Open()
		}
	}
	for _, i := range rows {
		// With outages the longest is one of these, as what comes before it says.
		if i.From.Mono > f.at || i.Note() || i.Longest <= longest || outages > 0 && i.Severity != fold.SeverityOutage {
			continue
		}
		longest, lasting = i.Longest, text.Duration(i.Longest)
		if i.Open() && i.Longest > i.Duration-time.Second {
			lasting = text.Elapsed(i.Duration) // as its row says
		}
	}
	if f.tl == nil || len(rows) == 0 {
		return nil
	}
	short := num(int64(n)) + " in " + text.Elapsed(f.at-f.tl.Bounds().From)
	if f.unread() {
		short += ", not all is read yet"
	}
	long := short
	if outages > 0 {
		lost := text.Duration(down)
		if open {
			lost = text.Elapsed(down)
		}
		long += " · " + text.Count(outages, "outage") + ", " + lost + " in all"
	}
	if n == 0 {
		return []string{short, "0"} // all come after the cursor
	}
	return []string{long + " · longest " + lasting, long, short, num(int64(n))}
}

// drawIncidents draws the list: newest first, what began after the cursor
// dimmed, the selected one marked.
func drawIncidents(a grid.Area, v incidentsView) {
	if a.Height() < 1 {
		return
	}
	remark := ""
	if len(v.remarks) > 0 {
		remark = longest(v.remarks, a.Width()-16)
	}
	v.head(a, "INCIDENTS", remark, v.titleStyle(v.focused))
	body := a.Sub(0, 1, a.Width(), a.Height()-1)
	if body.Width() < panesFrom-2 {
		body = drawNotice(body, v.look, v.notices)
	}
	if len(v.rows) == 0 {
		body.Text(0, 0, v.empty, v.Dim)
		return
	}
	rows, first := v.window(body.Height())
	for y, i := range rows {
		body.Row(y).Mark(incidentPart{i})
		drawIncident(body.Row(y), v, i, first+y == v.current)
	}
}

// window returns the rows for a height, and which is the first of them: a few
// of those after the cursor stand above it.
func (v *incidentsView) window(height int) (rows []*fold.Incident, first int) {
	if v.current > 0 {
		first = max(0, v.current-height/3)
	}
	first = max(0, min(first, len(v.rows)-height))
	return v.rows[first:min(first+height, len(v.rows))], first
}

// drawIncident draws one row: since when, how long, how bad, and the sentence.
func drawIncident(a grid.Area, v incidentsView, i *fold.Incident, current bool) {
	later := i.From.Mono > v.at
	dimmed := func(st themes.Style) themes.Style {
		if later || i.Note() {
			return v.Dim
		}
		return st
	}
	x := a.Text(0, 0, v.clock(i.From.Time, v.layout), dimmed(v.Muted))
	lasted, room := lastedOf(i, later), 11
	if a.Width() < 70 {
		lasted, room = text.Compact(i.Duration), 7
		if i.Open() && !later {
			lasted = text.Age(i.Duration)
		}
	}
	x += 1 + room
	a.Right(x, 0, lasted, dimmed(v.Text))
	mark, st := v.severityMark(i)
	a.Set(x+1, 0, mark, dimmed(st.With(themes.Bold)))
	end := a.Width()
	switch {
	case i.Open() && !later:
		end = a.Right(end, 0, "● open", st.With(themes.Bold)) - 2
	case i.Phase != fold.PhaseClosed && !later:
		end = a.Right(end, 0, mayReturn, dimmed(st)) - 2
	}
	drawSentence(a.Sub(x+3, 0, end-x-3, 1), v.look, i, dimmed)
	if current {
		a.Restyle(v.Select)
		a.Margin().Set(0, 0, '▸', v.Select(v.Accent))
	}
}

// mayReturn marks an incident that is over since so short that it counts as open: it
// goes on if the same fails again.
const mayReturn = "◐ may return"

// lastedOf writes how long an incident lasted, or has lasted until now.
func lastedOf(i *fold.Incident, later bool) string {
	if i.Open() && !later {
		return text.Elapsed(i.Duration)
	}
	return text.Duration(i.Duration)
}

// drawSentence draws the sentence of an incident, the name of what it is about
// bold. Where there is no room for all of it, what worked goes first.
func drawSentence(a grid.Area, k look, i *fold.Incident, dimmed func(themes.Style) themes.Style) {
	what, works := said(i)
	if grid.Width(what) > a.Width() {
		what = longest(headlines(i), a.Width())
	}
	name := nameEnd(what, i)
	x := a.Text(0, 0, what[:name], dimmed(k.Strong.With(themes.Bold)))
	x = a.Text(x, 0, what[name:], dimmed(k.Text))
	const least = 24 // for less of it than that says nothing
	room := a.Width() - x - 2
	if bare := strings.TrimPrefix(works, "the "); grid.Width(works) > room && grid.Width(bare) <= room {
		works = bare
	} else if works == "" || room < min(least, grid.Width(works)) {
		return
	}
	st := k.Muted
	if strings.HasPrefix(works, "nothing") {
		st = k.Bad
	}
	a.Text(x+2, 0, cutWords(works, room), dimmed(st))
}

// A spansView is what the row of incidents above the path shows.
type spansView struct {
	look
	axis
	// incidents are those of the window, without the notes; present is where
	// those end that go on.
	incidents []*fold.Incident
	present   time.Duration
}

// drawSpans draws the incidents over the time that they took: thin lines with a
// word of what in them. Where two share a column the graver one has it.
func drawSpans(a grid.Area, v spansView) {
	owner := make([]*fold.Incident, v.cols)
	for _, i := range byGravity(v.incidents) {
		to := v.present
		if !i.Open() {
			to = i.To.Mono
		}
		from, past := max(v.column(i.From.Mono), 0), min(v.column(max(to-1, i.From.Mono)), v.cols-1)
		for x := from; x <= past; x++ {
			owner[x] = i
		}
	}
	for from := 0; from < len(owner); {
		to := from + 1
		for to < len(owner) && owner[to] == owner[from] {
			to++
		}
		if i := owner[from]; i != nil {
			free := to
			for free < len(owner) && owner[free] == nil {
				free++
			}
			drawSpan(a.Sub(from, 0, free-from, 1), v.look, i, to-from, v.column(v.present) == to-1)
		}
		from = to
	}
}

// byGravity returns the incidents in the order in which they are painted.
func byGravity(all []*fold.Incident) []*fold.Incident {
	rank := func(i *fold.Incident) int {
		if i.Severity == fold.SeverityOutage {
			return 1
		}
		return 0
	}
	return slices.SortedStableFunc(slices.Values(all), func(a, b *fold.Incident) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.From.Mono, b.From.Mono))
	})
}

// drawSpan draws one stretch of an incident, so many columns wide, and names it
// within or behind that; last is whether it reaches the present.
func drawSpan(a grid.Area, k look, i *fold.Incident, width int, last bool) {
	_, st := k.severityMark(i)
	line, end := '─', width
	if i.Severity == fold.SeverityOutage {
		line = '━'
	}
	for x := range end {
		a.Set(x, 0, line, st)
	}
	if last && i.Open() {
		end--
		a.Set(end, 0, '▶', st)
	}
	word := " " + rootWord(i) + " "
	switch n := grid.Width(word); {
	case end >= n+2:
		a.Text((end-n)/2, 0, word, st.With(themes.Bold))
	case a.Width() >= width+n:
		a.Text(width, 0, word, st)
	}
}

// spansView returns what the row of incidents shows.
func (f *frame) spansView() spansView {
	v := spansView{look: f.look, axis: f.axis, present: f.present()}
	if f.tl == nil {
		return v
	}
	span := timeline.Span{From: f.span.From, To: min(f.span.To, v.present+1)}
	for _, i := range f.tl.Incidents(span, v.present) {
		if !i.Note() {
			v.incidents = append(v.incidents, i)
		}
	}
	return v
}
