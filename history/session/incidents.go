package session

import (
	"encoding/json"
	"slices"

	"flapscope/monitor/fold"
)

// rolledIncidents are the incidents that a rollup reports: those of which
// anything was said within it, and those that went on at its end, each in the
// form of its newest line.
type rolledIncidents struct {
	Incidents []rolledIncident `json:"incidents,omitempty"`
	// More is whether there were more than a rollup has room for: all of them
	// are in the lines.
	More bool `json:"more_incidents,omitempty"`
}

// A rolledIncident is the newest line of an incident.
type rolledIncident struct {
	json.RawMessage
	id   int
	open bool
}

// maxIncidents bounds the incidents that one rollup lists, and maxIncidentLine
// the line of each.
const (
	maxIncidents    = 128
	maxIncidentLine = 16 << 10
)

// note takes in what a line says of an incident.
func (r *rolledIncidents) note(i *fold.Incident, line []byte) {
	next := rolledIncident{slices.Clone(line), i.ID, i.Open()}
	at := slices.IndexFunc(r.Incidents, func(x rolledIncident) bool { return x.id == i.ID })
	switch {
	case len(line) > maxIncidentLine:
		r.More = true
		if at >= 0 {
			// What was said of it before must not outlive this.
			r.Incidents = slices.Delete(r.Incidents, at, at+1)
		}
	case at >= 0:
		r.Incidents[at] = next
	case len(r.Incidents) < maxIncidents:
		r.Incidents = append(r.Incidents, next)
	default:
		r.More = true
	}
}

// events returns their events, as far as they are of incidents.
func (r *rolledIncidents) events() []fold.Event {
	var out []fold.Event
	for _, i := range r.Incidents {
		if e, ok := parseIncident(i.RawMessage); ok {
			out = append(out, e)
		}
	}
	return out
}

// rolledUp leaves those that go on for the next rollup.
func (r *rolledIncidents) rolledUp() {
	r.Incidents = slices.DeleteFunc(r.Incidents, func(x rolledIncident) bool { return !x.open })
	r.More = false
}

// Incidents returns the newest event of each incident of the recording, oldest
// first, as it was found live, and whether the recording has them at all: those
// of older programs must be folded again. Rollups report most; only of the time
// since the newest of them the lines are read.
func (r *Reader) Incidents() (list *fold.IncidentList, ok bool) {
	if !r.header.Incidents {
		return nil, false
	}
	list = &fold.IncidentList{}
	add := func(line []byte) bool {
		if e, ok := parseIncident(line); ok {
			list.Add(e)
		}
		return true
	}
	from := 0
	var zip inflater
	for _, k := range r.rollups() {
		for _, e := range k.incidents {
			list.Add(e)
		}
		if k.err != nil || k.Rollup.More {
			r.scanLines(from, k.member, &zip, incidentKind, add)
		}
		from = k.member + 1
	}
	r.scanLines(from, len(r.members), &zip, incidentKind, add)
	list.Delete(func(e fold.Event) bool { return r.over(e.Incident.To.Mono) })
	return list, true
}

var incidentKind = []byte(`,"kind":"incident",`)

// parseIncident returns the event of a line, or false where it is none of an
// incident.
func parseIncident(line []byte) (e fold.Event, ok bool) {
	kind, mono := peek(line)
	if kind != string(fold.KindIncident) || len(line) > maxLine {
		return e, false
	}
	i, evidence, err := fold.ParseIncident(line)
	return fold.Event{Time: lineTime(line), Mono: mono, Incident: i, Evidence: evidence}, err == nil
}
