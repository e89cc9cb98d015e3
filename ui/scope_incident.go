package ui

import (
	"slices"

	"flapscope/history/timeline"
	"flapscope/monitor/fold"
)

// troubles returns all incidents but the notes, as they are known now, oldest
// first.
func (p *scope) troubles() []*fold.Incident {
	b := p.bounds()
	all := p.tl.Incidents(timeline.Span{From: b.From, To: b.To + 1}, b.To)
	return slices.DeleteFunc(all, (*fold.Incident).Note)
}

// stepIncident selects the incident after the selected one, or after the
// cursor; or the one before.
func (p *scope) stepIncident(forward bool) {
	if p.tl == nil {
		return
	}
	all, at := p.troubles(), p.view.at(p.now)
	i := -1
	if p.selected.incident != nil {
		i = slices.IndexFunc(all, p.selected.is)
	}
	selected := i >= 0
	switch {
	case selected && forward:
		i++
	case selected:
		i--
	case forward:
		if i = slices.IndexFunc(all, func(k *fold.Incident) bool { return k.From.Mono > at }); i < 0 {
			i = len(all)
		}
	default:
		for i = len(all) - 1; i >= 0 && all[i].From.Mono > at; i-- {
		}
	}
	switch {
	case i >= 0 && i < len(all):
		p.selectIncident(all[i])
	case forward:
		p.toEnd()
	}
}

// selectIncident selects an incident and puts the cursor to its begin.
func (p *scope) selectIncident(i *fold.Incident) {
	p.playing = false
	p.jump(i.From.Mono)
	p.selected = selection{incident: i}
}

// allIncidents returns the incidents until the end of the window, as they are to
// be shown at the cursor. The selected one is shown with all that is known of
// it.
func (f *frame) allIncidents() []*fold.Incident {
	span := timeline.Span{From: f.tl.Bounds().From, To: max(f.span.To, f.at) + 1}
	all := f.tl.Incidents(span, f.at)
	if old := f.selected.incident; old != nil {
		now := f.tl.Incidents(timeline.Span{From: old.From.Mono, To: old.From.Mono + 1}, f.present())
		if i := slices.IndexFunc(now, f.selected.is); i >= 0 {
			f.selected.incident = now[i]
		}
	}
	return all
}

// nearestIncident returns the selected incident, else the newest that had begun at
// the cursor, or nil.
func (p *scope) nearestIncident() *fold.Incident {
	if p.tl == nil {
		return nil
	}
	f := p.frame()
	if f.selected.incident != nil {
		return f.selected.incident
	}
	for _, i := range slices.Backward(f.incidentsAt()) {
		if !i.Note() {
			return i
		}
	}
	return nil
}
