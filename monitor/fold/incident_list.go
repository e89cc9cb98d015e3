package fold

import (
	"cmp"
	"slices"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/path"
	"flapscope/monitor/state"
)

// maxIncidents bounds the incidents that a list holds; up to twice as many are
// there before the oldest are left out.
const maxIncidents = 1 << 13

// An IncidentList holds incidents, each as the newest event of it says. The
// zero IncidentList is empty and ready; it is a Listener.
type IncidentList struct {
	// Evidence is whether the newest event of an incident has what was seen at its
	// beginning too, which only the first events of it have.
	Evidence bool

	events []Event
	// place is where each ID is, counted from the first one ever, and dropped
	// how many were left out since.
	place   map[int]int
	dropped int
}

// Add takes in an event of an incident. Beyond the bound the oldest is left
// out.
func (l *IncidentList) Add(e Event) {
	if i, ok := l.place[e.Incident.ID]; ok {
		if l.Evidence {
			e.Evidence = withEvidence(&l.events[i-l.dropped], &e)
		}
		l.events[i-l.dropped] = e
		return
	}
	if len(l.events) >= 2*maxIncidents {
		for i := range maxIncidents {
			delete(l.place, l.events[i].Incident.ID)
		}
		l.dropped += maxIncidents
		l.events = slices.Delete(l.events, 0, maxIncidents)
	}
	if l.place == nil {
		l.place = map[int]int{}
	}
	l.place[e.Incident.ID] = l.dropped + len(l.events)
	l.events = append(l.events, e)
}

// Delete leaves out the incidents of which the newest event is unwanted.
func (l *IncidentList) Delete(unwanted func(Event) bool) {
	kept := l.events
	*l = IncidentList{Evidence: l.Evidence}
	for _, e := range kept {
		if !unwanted(e) {
			l.Add(e)
		}
	}
}

// withEvidence returns what was seen at the onset of an incident, and was found out
// about it just after, of the newest event of it and the next one.
func withEvidence(old, next *Event) []string {
	if len(next.Evidence) == 0 || len(old.Evidence) > 0 && next.Incident.Phase == PhaseOpen {
		return old.Evidence // Of one that comes again the first time speaks.
	}
	return slices.Concat(next.Evidence, old.Evidence)
}

// Observed implements Listener.
func (*IncidentList) Observed(fact.Observation, *state.State) {}

// Happened implements Listener.
func (l *IncidentList) Happened(e Event, _ func() *Snapshot) {
	if e.Incident != nil {
		l.Add(e)
	}
}

// Snapshot takes in what is open, as of the instant of a snapshot.
func (l *IncidentList) Snapshot(s *Snapshot) {
	for _, i := range s.Incidents {
		l.Add(Event{Time: s.Time, Mono: s.Mono, Incident: i})
	}
}

// Events returns the newest event of each incident until an instant, in the
// order in which they began. What is open lasts until then, without the time
// that was not watched.
func (l *IncidentList) Events(until fact.Instant) []Event {
	out := slices.Clone(l.events)
	for k := range out {
		e := &out[k]
		if e.Incident.Open() && e.Mono <= until.Mono {
			e.Incident = e.Incident.Lasts(until.Mono - e.Mono - l.blind(e.Mono, until.Mono))
			e.Time, e.Mono = until.Time, until.Mono
		}
	}
	slices.SortStableFunc(out, func(a, b Event) int { return cmp.Compare(a.Incident.From.Mono, b.Incident.From.Mono) })
	return out
}

// blind is the time between two instants that was not watched.
func (l *IncidentList) blind(from, to time.Duration) (d time.Duration) {
	for k := range l.events {
		if i := l.events[k].Incident; i.Root.What == path.NotWatched {
			d += max(0, min(i.To.Mono, to)-max(i.From.Mono, from))
		}
	}
	return d
}

// Reported returns the newest event of each incident, in the order in which they
// were reported first.
func (l *IncidentList) Reported() []Event { return slices.Clone(l.events) }
