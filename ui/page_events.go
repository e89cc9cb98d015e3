package ui

import (
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"flapscope/history/timeline"
	"flapscope/internal/text"
	"flapscope/ui/grid"
)

// An eventsPage is the log of everything, with all about one event below.
type eventsPage struct{ *scope }

// maxFiltered is how many events are looked at for those of a filter.
const maxFiltered = 20000

// update implements page: up and down go from event to event, enter says all about
// one, and the key that leads here leads back.
func (p eventsPage) update(msg tea.Msg) tea.Cmd {
	k, ok := msg.(tea.KeyPressMsg)
	switch {
	case !ok:
	case key.Matches(k, p.keys.Up, p.keys.Down) && p.tl != nil:
		p.stepEvent(key.Matches(k, p.keys.Up))
		return nil
	case key.Matches(k, p.keys.Enter) && p.tl != nil && !p.selected.on:
		p.stepEvent(false)
		return p.inspect()
	case key.Matches(k, p.keys.List):
		return turnTo(pathTitle)
	}
	return p.overall(msg)
}

// stepEvent selects the next event of the filter; up is newer.
func (p *scope) stepEvent(up bool) {
	if p.filter == "" {
		p.stepLine(up)
		return
	}
	before := p.selected
	if before.incident != nil {
		p.selected = selection{}
	}
	for range maxFiltered {
		item, ok := p.neighbour(up)
		switch {
		case !ok && up:
			p.toEnd()
			return
		case !ok:
			p.selected = before
			return
		case p.matches(&item):
			p.selectItem(item)
			return
		}
		p.selected = selection{on: true, item: item}
	}
	p.selected = before
}

// matches reports whether an event is one of the filter: whether each word of
// that is in its kind or its text.
func (c *choice) matches(item *timeline.Item) bool {
	if c.filter == "" {
		return true
	}
	all := strings.ToLower(item.Kind + " " + item.Text)
	for word := range strings.FieldsSeq(strings.ToLower(c.filter)) {
		if !strings.Contains(all, word) {
			return false
		}
	}
	return true
}

// draw implements page.
func (p eventsPage) draw(a grid.Area, bar barView) {
	bar.own = []key.Binding{bind("↑↓", "event", "up", "down"), p.keys.Filter}
	f, body := p.shell(a, bar)
	f.raw = true
	f.focus = focusList
	v := f.eventsView()
	if f.filter != "" && f.tl != nil {
		v = f.filteredView(v)
	}
	if f.selected.on && isFold(f.selected.item) && f.tl != nil {
		// A group may have grown since.
		for _, line := range f.log(stepRows) {
			if line.Seq == f.selected.item.Seq {
				f.selected.item = line
			}
		}
	}
	about := 0
	if f.selected.on && body.Height() >= 20 {
		about = min(body.Height()*2/5, len(f.selected.item.Detail)+4)
	}
	list := body.Sub(0, 0, body.Width(), body.Height()-about)
	if f.tl != nil && !f.unread() {
		list = f.drawWhole(list)
	}
	drawEvents(list, v)
	if about > 0 {
		f.drawEventDetail(body.Sub(0, body.Height()-about+1, body.Width(), about-1))
	}
}

// filteredView is the view of the events of the filter alone.
func (f *frame) filteredView(v eventsView) eventsView {
	bounds := f.tl.Bounds()
	span := timeline.Span{From: bounds.From, To: bounds.To + 1}
	var all []timeline.Item
	looked := f.tl.Items(span, maxFiltered)
	for i := range looked {
		if f.matches(&looked[i]) {
			all = append(all, looked[i])
		}
	}
	v.remark = num(int64(len(all))) + " of " + text.Count(f.tl.Count(span), "event") + " · filter: " + f.filter
	v.empty = ""
	if len(all) == 0 {
		v.empty = "none has " + f.filter + " in it"
	}
	current := -1
	for i := range all {
		if f.selected.on && all[i].Seq == f.selected.item.Seq || !f.selected.on && !f.live && all[i].Mono <= f.at {
			current = i
			break
		}
	}
	v.items = func(rows int) ([]timeline.Item, int) {
		first := max(0, min(current-rows/3, len(all)-rows))
		return all[first:min(first+rows, len(all))], current - first
	}
	return v
}

// drawEventDetail draws all about the selected event.
func (f *frame) drawEventDetail(a grid.Area) {
	item := f.selected.item
	f.head(a.Row(0), f.clock(item.Time, "Mon 2 Jan 15:04:05.000")+"  "+item.Kind, "", f.Accent)
	for y, line := range detailLines(item.Text, item.Detail, a.Width()-2) {
		st := f.Text
		if line.first {
			st = f.Strong
		}
		if y+1 < a.Height() {
			a.Text(0, y+1, line.text, st)
		}
	}
}
