package ui

import (
	"slices"
	"time"

	"flapscope/history/timeline"
	"flapscope/monitor/fact"
)

// nearest goes to the next item in time.
func (p *scope) nearest(forward bool) {
	if p.tl == nil {
		return
	}
	item, ok := p.tl.Nearest(p.view.at(p.now), forward, timeline.LevelNone)
	switch {
	case ok && item.Mono <= p.bounds().To:
		p.selectItem(item)
	case forward:
		p.toEnd()
	}
}

// selectItem selects an item and puts the cursor to its instant.
func (p *scope) selectItem(item timeline.Item) {
	p.playing = false
	p.jump(item.Mono)
	p.selected = selection{on: true, item: item}
}

// upDown selects the neighbour in the focused panel; up is newer.
func (p *scope) upDown(up bool) {
	if p.tl == nil {
		return
	}
	if p.focus == focusTargets {
		p.selectTarget(up)
		return
	}
	if !p.raw {
		p.stepIncident(up)
		return
	}
	p.stepLine(up)
}

// stepLine selects the next line of the log, in which what repeats is folded.
func (p *scope) stepLine(up bool) {
	f := p.frame()
	lines := f.log(stepRows)
	i := f.currentIndex(lines)
	switch {
	case up && i < 0 && !f.live:
		i = len(lines) - 1 // the oldest of those that are to come
	case up:
		i--
	case i < 0 && f.live:
		i = 0
	case i >= 0 && f.selected.on:
		i++
	}
	switch {
	case i >= 0 && i < len(lines):
		p.selectItem(lines[i])
	case up:
		p.toEnd()
	}
}

// stepRows is how many lines are looked at for the next one.
const stepRows = 12

// neighbour returns the item next to the selected one in the log.
func (p *scope) neighbour(up bool) (timeline.Item, bool) {
	at := p.view.at(p.now)
	if !p.selected.on {
		if up {
			return p.oldestAfter(at)
		}
		items := p.tl.Items(timeline.Span{From: p.bounds().From, To: at + 1}, 1)
		if len(items) == 0 {
			return timeline.Item{}, false
		}
		return items[0], true
	}
	sel := p.selected.item
	same := p.tl.Items(timeline.Span{From: sel.Mono, To: sel.Mono + 1}, maxSame)
	i := slices.IndexFunc(same, func(it timeline.Item) bool { return it.Seq == sel.Seq })
	switch {
	case up && i > 0:
		return same[i-1], true
	case up:
		return p.oldestAfter(sel.Mono)
	case i >= 0 && i+1 < len(same):
		return same[i+1], true
	}
	items := p.tl.Items(timeline.Span{From: p.bounds().From, To: sel.Mono}, 1)
	if len(items) == 0 {
		return timeline.Item{}, false
	}
	return items[0], true
}

// oldestAfter returns the oldest item after an instant.
func (p *scope) oldestAfter(at time.Duration) (timeline.Item, bool) {
	next, ok := p.tl.Nearest(at, true, timeline.LevelNone)
	if !ok {
		return next, false
	}
	same := p.tl.Items(timeline.Span{From: next.Mono, To: next.Mono + 1}, maxSame)
	if len(same) > 0 {
		next = same[len(same)-1]
	}
	return next, true
}

// selectTarget moves the selection in the table of targets.
func (p *scope) selectTarget(up bool) {
	targets := p.frame().targets
	if len(targets) == 0 {
		return
	}
	i := slices.IndexFunc(targets, func(r targetRow) bool { return r.ID == p.target })
	if up {
		i = max(i-1, 0)
	} else {
		i = min(i+1, len(targets)-1)
	}
	p.target = targets[i].ID
}

// traced returns the target whose way is asked for: the selected one, else the
// first that fails beyond the gateway, else the one that leads the chart; nil is
// none.
func (p *scope) traced() *fact.Target {
	if p.tl == nil {
		return nil
	}
	f := p.frame()
	var best *fact.Target
	for i := range f.targets {
		switch r := &f.targets[i]; {
		case !r.Addr.IsValid() && r.Host == "" || r.Addr.IsLoopback():
		case r.ID == p.target:
			return r.Target
		case best == nil && r.state == targetFails && r.Role != fact.RoleGateway:
			best = r.Target
		}
	}
	if best == nil && len(f.charted) > 0 {
		best = f.charted[0]
	}
	return best
}
