package ui

import (
	"time"

	"flapscope/history/timeline"
	"flapscope/monitor/fact"
	"flapscope/monitor/path"
	"flapscope/monitor/state"
	"flapscope/themes"
	"flapscope/ui/grid"
)

// A look is what all drawing needs whatever it draws: the styles, and the zone
// of the times.
type look struct {
	*themes.Styles
	loc *time.Location
}

// clock writes a time of day in the zone of the screen.
func (k look) clock(t time.Time, layout string) string { return t.In(k.loc).Format(layout) }

// head draws the head of a section: its name on a rule, with a remark at the
// right end. It returns the column after the name.
func (k look) head(a grid.Area, title, remark string, st themes.Style) int {
	for x := range a.Width() {
		a.Set(x, 0, '─', k.Rule)
	}
	x := a.Text(0, 0, title, st)
	x = a.Text(x, 0, " ", k.Text)
	if remark != "" && grid.Width(remark)+x+4 < a.Width() {
		a.Right(a.Width()-1, 0, " "+remark+" ", k.Muted)
	}
	return x
}

// titleStyle returns the style of a section's name.
func (k look) titleStyle(focused bool) themes.Style {
	if focused {
		return k.Focus
	}
	return k.Title
}

// markStyle returns the colour of an item: that of trouble when it is trouble,
// else that of its kind.
func (k look) markStyle(m timeline.Mark, severity timeline.Level) themes.Style {
	switch severity {
	case timeline.LevelBad:
		return k.Bad
	case timeline.LevelDegraded:
		return k.Warn
	}
	switch m {
	case timeline.MarkUp, timeline.MarkRecovery:
		return k.Good
	case timeline.MarkDown:
		return k.Bad
	case timeline.MarkProbe:
		return k.Warn
	case timeline.MarkRoute:
		return k.Accent
	case timeline.MarkAddress:
		return k.Info
	case timeline.MarkNote:
		return k.Replay
	}
	return k.Muted
}

// laneGlyph returns how a level looks on a strip.
func (k look) laneGlyph(l timeline.Level, shade themes.Shade) (rune, themes.Style) {
	switch l {
	case timeline.LevelIdle:
		return '·', k.LaneNone
	case timeline.LevelStandby:
		return '▂', k.LaneStandby
	case timeline.LevelGood:
		return '▇', k.Lanes[shade]
	case timeline.LevelGap:
		return '~', k.LaneNone
	case timeline.LevelWaiting:
		return '▃', k.LaneWarn
	case timeline.LevelDegraded:
		return '▄', k.LaneWarn
	case timeline.LevelBad:
		return '▁', k.LaneBad
	}
	return ' ', k.LaneNone
}

// statusStyle returns the colour of a status.
func (k look) statusStyle(s path.Status) themes.Style {
	switch s {
	case path.Satisfied:
		return k.Good.With(themes.Bold)
	case path.RequiresConnection:
		return k.Warn.With(themes.Bold)
	case path.Unsatisfied:
		return k.Bad.With(themes.Bold)
	}
	return k.Muted
}

// verdictMark returns a verdict as one character.
func (k look) verdictMark(v state.Verdict) span {
	switch v {
	case state.VerdictOK:
		return span{"✓", k.Good}
	case state.VerdictDegraded:
		return span{"!", k.Warn}
	case state.VerdictFiltered:
		return span{"~", k.Muted}
	case state.VerdictDown:
		return span{"×", k.Bad}
	}
	return span{"·", k.Dim}
}

// shadeOf returns the shade of a type of interface.
func shadeOf(t fact.LinkType) themes.Shade {
	switch t {
	case fact.TypeWifi:
		return themes.Wifi
	case fact.TypeCellular:
		return themes.Cellular
	case fact.TypeTunnel:
		return themes.Tunnel
	}
	return themes.Wired
}
