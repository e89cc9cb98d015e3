package ui

import (
	"strings"
	"time"

	"flapscope/history"
	"flapscope/monitor"
	"flapscope/themes"
	"flapscope/ui/grid"
)

// A frame is everything that one picture of the screen is made of. Drawing is
// a function of a frame and an area, nothing else.
type frame struct {
	*themes.Styles
	keys *keyMap

	// tl is the past, snap the state at the cursor; both are nil before the
	// first observation.
	tl   Timeline
	snap *monitor.Snapshot
	// exact is whether everything is known of the cursor's instant; summed is
	// whether of some of the span only sums are.
	exact, summed bool
	// now is the present (the end of a recording), at the cursor.
	now, at         time.Duration
	nowTime, atTime time.Time
	loc             *time.Location

	// span is what the cols columns of the time axis show, each step wide.
	span history.Span
	step time.Duration
	cols int

	live, replay, playing bool
	speed                 float64

	lanes   []history.Lane
	targets []*monitor.Target
	// charted are the targets of the chart, in the order of the series.
	charted []*monitor.Target

	focus    focus
	selected selection
	target   string
	hidden   bool

	flash     string
	recording Recording
}

// A focus is the panel that up and down belong to.
type focus uint8

// The panels.
const (
	focusEvents focus = iota
	focusTargets
	focusCount
)

// A selection is the item of the log that the user chose, if any.
type selection struct {
	on   bool
	item history.Item
}

// column returns the column of an instant, which may lie outside the axis.
func (f *frame) column(at time.Duration) int {
	d := at - f.span.From
	if d < 0 {
		return -1
	}
	return int(d / f.step)
}

// clock writes a time of day in the zone of the screen.
func (f *frame) clock(t time.Time, layout string) string { return t.In(f.loc).Format(layout) }

// head draws the head of a section: its name on a rule, with a remark at the
// right end. It returns the column after the name.
func (f *frame) head(a grid.Area, title, remark string, st themes.Style) int {
	for x := range a.Width() {
		a.Set(x, 0, '─', f.Rule)
	}
	x := a.Text(0, 0, title, st)
	x = a.Text(x, 0, " ", f.Text)
	if remark != "" && grid.Width(remark)+x+4 < a.Width() {
		a.Right(a.Width()-1, 0, " "+remark+" ", f.Muted)
	}
	return x
}

// titleStyle returns the style of a section's name.
func (f *frame) titleStyle(focused bool) themes.Style {
	if focused {
		return f.Focus
	}
	return f.Title
}

// markStyle returns the colour of an item: that of trouble when it is trouble,
// else that of its kind.
func (f *frame) markStyle(m history.Mark, severity history.Level) themes.Style {
	switch severity {
	case history.LevelBad:
		return f.Bad
	case history.LevelDegraded:
		return f.Warn
	}
	switch m {
	case history.MarkUp, history.MarkRecovery:
		return f.Good
	case history.MarkDown:
		return f.Bad
	case history.MarkProbe:
		return f.Warn
	case history.MarkRoute:
		return f.Accent
	case history.MarkAddress:
		return f.Info
	case history.MarkNote:
		return f.Replay
	}
	return f.Muted
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
