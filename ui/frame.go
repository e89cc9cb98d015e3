package ui

import (
	"strconv"
	"strings"
	"time"

	"flapscope/history/timeline"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
	"flapscope/ui/grid"
)

// A frame is everything that one picture of the screen is made of. Drawing is
// a function of a frame and an area, nothing else.
type frame struct {
	look
	axis
	cursor
	choice
	recording Recording
	playing   bool
	speed     float64

	lanes   []timeline.Lane
	targets []targetRow
	// charted are the targets of the chart, in the order of the series.
	charted []*fact.Target
	// incidents are all until the end of the window, oldest first, as they are to
	// be shown at the cursor.
	incidents []*fold.Incident
	// folded is what was folded last of the log, and drawn what was drawn of the
	// charts.
	folded *foldedLog
	drawn  *drawnLatency
}

// A cursor is where on the axis the screen looks, and what is known there.
type cursor struct {
	// tl is the past, snap the state at the cursor; both are nil before the
	// first observation.
	tl   Timeline
	snap *fold.Snapshot
	// exact is whether everything is known of the cursor's instant.
	exact bool
	// now is the present (the end of a recording), at the cursor.
	now, at         time.Duration
	nowTime, atTime time.Time
	// live is whether the cursor follows the present, replay whether there is
	// none, and lite whether the present is that of the last change.
	live, replay, lite bool
}

// A choice is what the user chose to see.
type choice struct {
	focus    focus
	selected selection
	// target is the ID of the target that leads the chart, or "".
	target string
	// radio is the interface that the page of Wi-Fi shows, or "" for the first.
	radio path.ScopeName
	// hidden is whether interfaces are shown that are noise, raw whether the list is
	// that of all events instead of incidents, and notes whether it has the notes.
	hidden, raw, notes bool
	// logarithmic is whether round trips are drawn on a logarithmic scale.
	logarithmic bool
	// unfolded are the groups of events whose lines are seen, by the numbers of
	// their own line.
	unfolded map[int]bool
	// toggles counts how often any was folded or unfolded.
	toggles int
	// filter is which events the page of events lists, or "".
	filter string
	// stretch is the part of the time axis that was chosen.
	stretch stretch
}

// A focus is the panel that up and down belong to.
type focus uint8

// The panels.
const (
	focusList focus = iota
	focusTargets
	focusCount
)

// A selection is the item of the log that the user chose, if it is on, or the
// incident, if there is one.
type selection struct {
	on       bool
	item     timeline.Item
	incident *fold.Incident
}

// is reports whether an incident is the selected one. A recording that was read
// anew may number it otherwise.
func (s *selection) is(i *fold.Incident) bool {
	return i.ID == s.incident.ID || i.From.Mono == s.incident.From.Mono
}

// An axis is what the cols columns of the time axis show, each step wide.
type axis struct {
	span timeline.Span
	step time.Duration
	cols int
}

// column returns the column of an instant, which may lie outside the axis.
func (x axis) column(at time.Duration) int {
	d := at - x.span.From
	if d < 0 {
		return -1
	}
	return int(d / x.step)
}

// over returns the same stretch in another number of columns. Their edges are multiples
// of a column, so that they keep their contents while time goes on.
func (x axis) over(cols int) axis {
	step := max((x.span.To-x.span.From)/time.Duration(max(cols, 1)), 1)
	to := ((x.span.To-1)/step + 1) * step
	return axis{timeline.Span{From: to - step*time.Duration(cols), To: to}, step, cols}
}

// cutWords shortens text to at most width columns by whole words, never between a
// number and what it counts, and not after a word that joins what is missing.
func cutWords(text string, width int) string {
	if grid.Width(text) <= width {
		return text
	}
	const more = " …"
	kept := ""
	for i, r := range text {
		if r != ' ' {
			continue
		}
		head := text[:i]
		if grid.Width(head+more) > width {
			break
		}
		last := head[strings.LastIndexByte(head, ' ')+1:]
		if _, err := strconv.ParseFloat(strings.Trim(last, "(+±"), 64); err != nil {
			kept = strings.TrimRight(strings.TrimSuffix(head, " and"), ",;:")
		}
	}
	if kept == "" {
		return grid.Cut(text, width)
	}
	return kept + more
}

// wrap breaks text into lines of at most width columns, at blanks where there
// are any.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		for grid.Width(word) > width && width > 1 {
			if line != "" {
				lines, line = append(lines, line), ""
			}
			head := grid.Prefix(word, width)
			lines, word = append(lines, head), word[len(head):]
		}
		switch {
		case line == "":
			line = word
		case grid.Width(line)+1+grid.Width(word) <= width:
			line += " " + word
		default:
			lines, line = append(lines, line), word
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}
