package fold

import (
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/path"
)

// The kinds of events that no source observes: the fold finds them.
const (
	KindPath    fact.Kind = "path"
	KindEpisode fact.Kind = "episode"
)

// An Event is something worth a line: a transition, an episode, an incident, what becomes
// of a connection, a gap, a mark, or an observation passed on. Exactly one of the pointers is set.
type Event struct {
	Time time.Time
	Mono time.Duration
	// Transition is set for kind path.
	Transition *Transition
	// Episode is set for kind episode.
	Episode *Episode
	// Incident is set for kind incident.
	Incident *Incident
	// Connection is set for kinds viability and better_path.
	Connection *ConnectionEvent
	// Evidence is what the machine looked like when the incident opened: lines in
	// ip(8)'s words.
	Evidence []string
	// Observation is set for every other kind.
	Observation *fact.Observation
}

// Kind returns the kind of the event.
func (e *Event) Kind() fact.Kind {
	switch {
	case e.Transition != nil:
		return KindPath
	case e.Episode != nil:
		return KindEpisode
	case e.Incident != nil:
		return KindIncident
	case e.Connection != nil:
		return e.Connection.Kind()
	case e.Observation != nil:
		return e.Observation.Fact.Kind()
	}
	return ""
}

// A Phase tells raw transitions from settled ones.
type Phase string

// The phases.
const (
	PhaseRaw     Phase = "raw"
	PhaseSettled Phase = "settled"
)

// A Transition is a change of a path between two evaluations. A settled one
// carries the time of the raw one that began it (the event's Time) and when it
// was declared.
type Transition struct {
	Phase Phase `json:"phase"`
	// Initial is whether this is the first evaluation, with no state before.
	Initial bool           `json:"initial"`
	Scope   path.ScopeName `json:"scope"`
	From    path.Status    `json:"from,omitempty"`
	To      path.Status    `json:"to"`
	// FromReason and Reason are the reasons before and after, in this scope.
	FromReason path.Reason `json:"from_reason,omitempty"`
	Reason     path.Reason `json:"reason"`
	// Declared is when a settled transition was declared; zero for raw ones.
	Declared time.Time `json:"declared,omitzero"`
	// DeclaredMono is Declared on the CLOCK_BOOTTIME axis.
	DeclaredMono time.Duration `json:"declared_mono_ns,omitzero"`
	Flapping     bool          `json:"flapping"`
	Path         *path.Path    `json:"path"`
	// Cause is the chain of facts that made the transition, oldest first.
	Cause []path.Step `json:"cause"`
}

// An Episode is a stretch of settled non-satisfied, flapping or unhealthy time.
type Episode struct {
	// ID counts episodes from 1 within a session.
	ID int `json:"id"`
	// What is "outage", "ipv4_lost", "ipv6_lost", "degraded", "portal", "dns",
	// "no_internet" or "flapping".
	What  string         `json:"what"`
	Scope path.ScopeName `json:"scope"`
	// Reason is the worst reason seen, for outages.
	Reason path.Reason `json:"reason,omitempty"`
	// Open is whether the episode goes on.
	Open      bool          `json:"open"`
	Start     time.Time     `json:"start"`
	StartMono time.Duration `json:"start_mono_ns"`
	End       time.Time     `json:"end,omitzero"`
	EndMono   time.Duration `json:"end_mono_ns,omitempty"`
	// Duration is End less Start (or the time so far), without gaps.
	Duration time.Duration `json:"duration_ns"`
	// Gaps is the blind time inside, excluded from Duration.
	Gaps time.Duration `json:"gaps_ns,omitempty"`
	// RawFlaps counts the raw losses inside.
	RawFlaps   int              `json:"raw_flaps"`
	Interfaces []fact.Untrusted `json:"interfaces,omitempty"`
	Cause      []path.Step      `json:"cause"`
	Recovery   []path.Step      `json:"recovery,omitempty"`
	// Flap is the evidence of flapping.
	Flap *FlapEvidence `json:"flap,omitempty"`
	// Evidence is what the machine looked like at the onset: lines in ip(8)'s
	// words.
	Evidence []string `json:"evidence,omitempty"`
}
