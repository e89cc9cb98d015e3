package ui

import (
	"time"

	"flapscope/history/timeline"
)

// A Beside is a second recording, which is shown below the first.
type Beside struct {
	Feed Feed
	// From, Location, Recording and Report are as in Options.
	From      time.Duration
	Location  *time.Location
	Recording func() Recording
	Report    func(span timeline.Span) ([]string, error)
}

// A side is what one feed is shown by: where it is looked at, and the pages that
// share that.
type side struct {
	opts  *Options
	feed  Feed
	scope *scope
	pages []page
}

// A pair is two recordings on one screen, one above the other. The keys move one of
// them, and while they are linked the other follows.
type pair struct {
	upper, lower *side
	// aligned is whether it was found out which instants of the two belong together.
	aligned bool
	linked  bool
	// offset is how far an instant of the lower one is from that of the upper one that
	// it belongs to, each on its own axis.
	offset time.Duration
}

// newPair returns the pair of a side and what is to be shown below it, with pages of
// its own of the same kinds.
func newPair(upper *side, k *keyMap, kinds []pageKind) *pair {
	o, b := *upper.opts, upper.opts.Beside
	o.From, o.Recording, o.Report = b.From, b.Recording, b.Report
	if b.Location != nil {
		o.Location = b.Location
	}
	lower := &side{opts: &o, feed: b.Feed, scope: newScope(&o, k, upper.scope.styles)}
	lower.make(kinds)
	p := &pair{upper: upper, lower: lower, linked: true}
	for _, s := range []*side{upper, lower} {
		s.pages[0] = besidePage{p, s}
	}
	return p
}

// make makes the pages.
func (s *side) make(kinds []pageKind) {
	for _, k := range kinds {
		s.pages = append(s.pages, k.make(s.scope))
	}
}

// other returns the other side.
func (p *pair) other(s *side) *side {
	if s == p.upper {
		return p.lower
	}
	return p.upper
}

// turn gives the keys to the other side, which is returned. What plays goes on.
func (p *pair) turn(from *side) *side {
	to := p.other(from)
	to.scope.speed, to.scope.lastTick = from.scope.speed, from.scope.lastTick
	to.scope.playing, from.scope.playing = from.scope.playing, false
	return to
}

// link lets the sides move together as they stand now, or each alone.
func (p *pair) link() {
	if p.linked = !p.linked; p.linked {
		p.offset = p.lower.scope.view.cursor - p.upper.scope.view.cursor
	}
}

// follow moves the other side to where the leading one is, if they are linked.
func (p *pair) follow(lead *side) {
	upper, lower := p.upper.scope, p.lower.scope
	if upper.tl == nil || lower.tl == nil {
		return
	}
	if !p.aligned {
		p.align()
	}
	upper.view.beyond, lower.view.beyond = 0, 0
	if p.linked {
		longer := lower.bounds().To - p.offset - upper.bounds().To
		upper.view.beyond, lower.view.beyond = max(longer, 0), max(-longer, 0)
	}
	switch {
	case !p.linked:
	case lead == p.upper:
		lower.follow(upper, p.offset)
	default:
		upper.follow(lower, -p.offset)
	}
}

// align finds out which instants belong together: recordings of the same time by
// their clocks, others by their beginnings. The axis is made to hold both.
func (p *pair) align() {
	p.aligned = true
	upper, lower := p.upper.scope, p.lower.scope
	a, b := upper.bounds(), lower.bounds()
	p.offset = b.From - a.From
	if upper.tl.Clock(a.From).Before(lower.tl.Clock(b.To)) && lower.tl.Clock(b.From).Before(upper.tl.Clock(a.To)) {
		p.offset = lower.mono(upper.tl.Clock(a.From)) - a.From
	}
	if upper.opts.Width == 0 {
		upper.view.width = 0
		upper.view.fit(timeline.Span{From: min(a.From, b.From-p.offset), To: max(a.To, b.To-p.offset)}, upper.view.cursor)
	}
}

// follow looks at what is so far from where another scope looks: the columns of both
// stand below each other. The cursor stays within what is known.
func (p *scope) follow(lead *scope, by time.Duration) {
	b, was, beyond := p.bounds(), p.view.cursor, p.view.beyond
	p.view = lead.view
	p.view.beyond = beyond
	p.view.cursor = min(max(lead.view.cursor+by, b.From), b.To)
	p.view.right += by
	p.view.phase += by
	if p.view.cursor != was {
		p.selected = selection{}
	}
	p.locate()
}
