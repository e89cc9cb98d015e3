package ui

import (
	"slices"
	"strings"
	"time"

	"flapscope/history/timeline"
	"flapscope/internal/text"
	"flapscope/monitor/path"
	"flapscope/ui/grid"
)

// How the rows of the pane of the interfaces are divided, from the right: the rates,
// and as many bars of the seconds before as there is room for.
const (
	rateWidth  = 8
	mostBars   = 8
	longestKey = 11
)

// mostInterfaces bounds the rows of the pane: a host of containers has thousands of
// interfaces, and no screen room for a hundred. Page 3 has all.
const mostInterfaces = 100

// interfacePane lists the interfaces with what each alone could do, and what those
// that can carry now.
func (f *frame) interfacePane(width int) pane {
	p := pane{title: "INTERFACES", least: 2}
	if f.path() == nil {
		return p
	}
	shown, hidden := f.candidates()
	more := max(0, len(shown)-mostInterfaces)
	shown = shown[:len(shown)-more]
	slices.SortStableFunc(shown, f.byLane)
	name := 0
	for _, ifi := range shown {
		name = max(name, min(grid.Width(ifi.Name.Display()), longestKey))
	}
	counted := false
	for _, ifi := range shown {
		r := f.interfaceRow(ifi)
		if lane := f.laneOf(ifi.Index); lane != nil && ifi.Status == path.Satisfied {
			if now := f.rateAt(*lane); now.Known {
				counted = true
				r.at = name + 3
				r.parts = spans{f.bars(*lane, min(mostBars, width-2*rateWidth-r.at-1))}
				r.right = spans{{rate(now.Rx), f.Text}, {rate(now.Tx), f.Text}}
			}
		}
		p.rows = append(p.rows, r)
	}
	if more > 0 {
		p.rows = append(p.rows, paneRow{key: num(int64(more)) + " more, on page 3", keyStyle: f.Muted})
	}
	if hidden > 0 {
		p.remark = num(int64(hidden)) + " hidden (i)"
	}
	if counted {
		p.remark = "rx/s " + pad("", rateWidth-5) + "tx/s"
	}
	if len(p.rows) == 0 {
		p.rows = []paneRow{{key: "none that could carry a path", keyStyle: f.Muted}}
	}
	return p
}

// rate writes bytes a second, right aligned.
func rate(v float64) string {
	said := text.Size(int64(v))
	return strings.Repeat(" ", max(rateWidth-len(said), 0)) + said
}

// bars draws what an interface carried in the seconds before the cursor, the larger
// of both directions, in so many cells.
func (f *frame) bars(lane timeline.Lane, n int) span {
	if n <= 0 {
		return span{"", f.Text}
	}
	to := f.at/sparkStep*sparkStep + sparkStep
	all := f.tl.Rates(lane.Scope, timeline.Span{From: to - sparkStep*time.Duration(n), To: to}, n)
	top := 0.0
	for _, r := range all {
		top = max(top, r.Rx, r.Tx)
	}
	var b strings.Builder
	for _, r := range all {
		switch {
		case !r.Known:
			b.WriteByte(' ')
		case top <= 0:
			b.WriteRune(eighth(1))
		default:
			b.WriteRune(eighth(int(max(r.Rx, r.Tx)/top*8 + 0.5)))
		}
	}
	return span{b.String(), f.Lanes[shadeOf(lane.Type)]}
}

// laneOf returns the lane of an interface, or nil.
func (f *frame) laneOf(index int) *timeline.Lane {
	if i := slices.IndexFunc(f.lanes, func(l timeline.Lane) bool { return l.Index == index }); i >= 0 {
		return &f.lanes[i]
	}
	return nil
}

func (f *frame) interfaceRow(ifi *path.InterfacePath) paneRow {
	r := paneRow{mark: '○', markStyle: f.Dim, key: grid.Cut(ifi.Name.Display(), longestKey), keyStyle: f.Dim}
	why, st := text.Words(ifi.Reason), f.Dim
	switch {
	case ifi.InUse:
		r.mark, r.markStyle, r.keyStyle, st = '●', f.Good, f.Strong, f.Text
		why = f.interfaceAddress(ifi)
	case ifi.Status == path.Satisfied:
		r.mark, r.markStyle, r.keyStyle, st = '◐', f.Info, f.Text, f.Muted
		why = "standby"
	case ifi.Status == path.RequiresConnection:
		r.mark, r.markStyle, r.keyStyle, st = '◐', f.Warn, f.Text, f.Warn
	}
	kind := typeName(ifi.Type)
	r.at = 13
	r.parts = spans{{pad(kind, 9), f.Muted}, {why, st}}
	return r
}

// interfaceAddress returns the source address of an interface in use.
func (f *frame) interfaceAddress(ifi *path.InterfacePath) string {
	for _, p := range []*path.FamilyPath{&ifi.IPv4, &ifi.IPv6} {
		if p.Source.IsValid() {
			return p.Source.WithZone("").String()
		}
	}
	return "in use"
}
