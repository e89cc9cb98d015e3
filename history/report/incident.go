package report

import (
	"time"

	"flapscope/monitor/fold"
	"flapscope/monitor/path"
)

// IncidentMarkdown writes one incident for an issue, in the times of a zone: its
// sentence, what brought it and what ended it, and how the machine was then. It is
// not redacted: addresses and names are those that it has.
func IncidentMarkdown(i *fold.Incident, evidence []string, zone *time.Location) string {
	k := incidentOf(i)
	k.Evidence = evidence
	k.From, k.To, k.Earliest, k.EndEarliest = inZone(k.From, zone), inZone(k.To, zone), inZone(k.Earliest, zone), inZone(k.EndEarliest, zone)
	for _, chain := range [][]path.Step{k.Cause, k.Recovery} {
		for n := range chain {
			chain[n].Time = inZone(chain[n].Time, zone)
		}
	}
	var m markdown
	r := &Report{From: k.From.AddDate(0, 0, -1), To: k.From} // of two days, so that the date is written
	head, rest := k.sentence()
	m.line("**%s**%s\n", inert(head), inert(rest))
	r.markdownChains(&m, &k)
	return m.String()
}

// inZone returns a time in a zone; none stays none.
func inZone(t time.Time, zone *time.Location) time.Time {
	if t.IsZero() {
		return t
	}
	return t.In(zone)
}

// incidentOf says in the words of a report what is known of an incident by itself.
func incidentOf(i *fold.Incident) Incident {
	k := Incident{
		Number: i.ID, Class: classOf(i), Open: i.Open(), Count: i.Count, Text: i.Text.Display(), From: i.From.Time, To: i.To.Time,
		Earliest: i.Earliest.Time, EndEarliest: i.EndEarliest.Time, Duration: i.Duration, Lost: i.Down, Longest: i.Longest,
		Works: append([]string{}, i.Works...), Cause: append([]path.Step{}, i.Cause...), Recovery: append([]path.Step{}, i.Recovery...),
		Checks: []IncidentCheck{}, Evidence: []string{},
		Root: Root{What: i.Root.What, Leg: i.Root.Leg, Interface: i.Root.Interface, Entity: i.Root.Entity},
	}
	if i.Root.Family != 0 {
		k.Root.Family = i.Root.Family.Scope()
	}
	if i.Pattern != nil {
		k.Pattern = i.Pattern.Text()
	}
	return k
}
