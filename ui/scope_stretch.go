package ui

import (
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"flapscope/history/timeline"
	"flapscope/internal/text"
	"flapscope/themes"
	"flapscope/ui/grid"
)

// A stretch is a range of the time axis that the user chose, to zoom to it or to
// save it. One that was begun with a key goes from there to the cursor; when it is
// used it stays as it is.
type stretch struct {
	on       bool
	from, to time.Duration
	// follows is whether one end is the cursor's.
	follows bool
}

// span returns the range, or none.
func (s *stretch) span() timeline.Span {
	if !s.on {
		return timeline.Span{}
	}
	return timeline.Span{From: min(s.from, s.to), To: max(s.from, s.to)}
}

// leastStretch is the shortest range that can be zoomed to: no probe is more
// frequent, and fewer milliseconds are a column then than a transition takes.
const leastStretch = time.Second

// stretchKey handles the keys of a range, on every page; the others it leaves.
func (p *scope) stretchKey(msg tea.KeyPressMsg) bool {
	k := p.keys
	switch {
	case p.tl == nil:
		return false
	case key.Matches(msg, k.Range):
		p.begin()
	case !p.stretch.on:
		return false
	case key.Matches(msg, k.ZoomTo, k.Enter):
		p.zoomTo(p.stretch.span())
		p.stretch = stretch{}
	case key.Matches(msg, k.Clear):
		p.stretch = stretch{}
	default:
		return false
	}
	p.locate()
	return true
}

// begin begins a range at the cursor, or ends the one that follows it.
func (p *scope) begin() {
	if p.stretch.follows {
		p.stretch.follows = false
		return
	}
	p.view.freeze(p.now)
	at := p.view.at(p.now)
	p.stretch = stretch{on: true, from: at, to: at, follows: true}
}

// stretchTo lets the range follow the cursor.
func (p *scope) stretchTo() {
	if p.stretch.follows {
		p.stretch.to = p.view.at(p.now)
	}
}

// zoomTo shows a range from edge to edge.
func (p *scope) zoomTo(s timeline.Span) {
	if missing := leastStretch - (s.To - s.From); missing > 0 {
		s.From, s.To = s.From-missing/2, s.To+missing/2
	}
	p.view.freeze(p.now)
	p.view.width, p.view.auto, p.view.right = s.To-s.From, false, s.To
	p.jump(min(max(p.view.cursor, s.From), s.To))
}

// stretchText says from when to when the range is, and how long it is.
func (p *scope) stretchText() string {
	s := p.stretch.span()
	k := look{p.styles, p.opts.Location}
	const layout = "15:04:05"
	return k.clock(p.tl.Clock(s.From), layout) + "–" + k.clock(p.tl.Clock(s.To), layout) + "  " + stretchLength(s)
}

func stretchLength(s timeline.Span) string { return text.Duration(s.To - s.From) }

// drawStretches draws the range over every part of the picture that has the time
// axis of its recording, and how long it is over the topmost of each.
func drawStretches(g *grid.Grid, k look, s timeline.Span, own func(y int) bool) {
	named := false
	g.Marked(func(a grid.Area, what any) {
		part, ok := what.(timePart)
		if _, y := a.Corner(); !ok || !own(y) {
			return
		}
		from, to := max(part.column(s.From), 0), min(part.column(max(s.To-1, s.From))+1, part.cols)
		if from >= to {
			return
		}
		band := a.Sub(from, 0, to-from, a.Height())
		for x := range band.Width() {
			// Without colours the line alone shows the range. The time of the cursor stays.
			if _, st := band.At(x, 0); !named && st.Bg == 0 {
				band.Set(x, 0, '━', k.Accent)
			}
		}
		band.Restyle(func(st themes.Style) themes.Style {
			if st.Bg != 0 {
				return st // the path, whose background says how it is
			}
			return st.On(k.CursorBg)
		})
		if label := " " + stretchLength(s) + " "; !named {
			// The time of the cursor stands at one of the ends.
			const half = 6
			n := grid.Width(label)
			x := (from + to - n) / 2
			if to-from < n+2*half {
				x = from - n - half
			}
			if x < 0 {
				x = min(to+half, a.Width()-n)
			}
			a.Text(x, 0, label, k.CursorLabel)
			named = true
		}
	})
}
