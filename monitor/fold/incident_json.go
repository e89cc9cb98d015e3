package fold

import (
	"encoding/json"
	"fmt"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/path"
)

// incidentJSON is the part of an incident that follows the stamp of its event.
// The begin lies between FromEarliest and FromLatest and the end between
// ToEarliest and ToLatest, where they are not known exactly.
type incidentJSON struct {
	Phase        Phase          `json:"phase"`
	ID           int            `json:"id"`
	From         string         `json:"from"`
	FromMono     time.Duration  `json:"from_mono_ns"`
	FromEarliest string         `json:"from_earliest,omitempty"`
	FromLatest   string         `json:"from_latest,omitempty"`
	To           string         `json:"to,omitempty"`
	ToMono       time.Duration  `json:"to_mono_ns,omitempty"`
	ToEarliest   string         `json:"to_earliest,omitempty"`
	ToLatest     string         `json:"to_latest,omitempty"`
	Duration     time.Duration  `json:"duration_ns"`
	Severity     Severity       `json:"severity"`
	Root         path.Root      `json:"root"`
	Count        int            `json:"count"`
	Shortest     time.Duration  `json:"shortest_ns"`
	Longest      time.Duration  `json:"longest_ns"`
	Down         time.Duration  `json:"down_ns"`
	Works        []string       `json:"works"`
	Standby      []Standby      `json:"standby,omitempty"`
	Pattern      *Recurrence    `json:"pattern"`
	Cause        []path.Step    `json:"cause"`
	Recovery     []path.Step    `json:"recovery,omitempty"`
	Cells        []Cell         `json:"access_points,omitempty"`
	Episodes     []int          `json:"episodes"`
	Text         fact.Untrusted `json:"text"`
}

// document is the incident as JSON has it.
func (i *Incident) document() *incidentJSON {
	out := &incidentJSON{
		Phase: i.Phase, ID: i.ID, From: fact.FormatTime(writable(i.From.Time)), FromMono: i.From.Mono, Duration: i.Duration,
		Severity: i.Severity, Root: i.Root, Count: i.Count, Shortest: i.Shortest, Longest: i.Longest, Down: i.Down,
		Works: i.Works, Standby: i.Standby, Pattern: i.Pattern, Cause: writableSteps(i.Cause), Recovery: writableSteps(i.Recovery),
		Cells: i.Cells, Episodes: i.Episodes, Text: i.Text,
	}
	if out.Works == nil {
		out.Works = []string{}
	}
	if out.Cause == nil {
		out.Cause = []path.Step{}
	}
	if out.Episodes == nil {
		out.Episodes = []int{}
	}
	if i.Earliest.Mono != 0 {
		out.FromEarliest, out.FromLatest = fact.FormatTime(writable(i.Earliest.Time)), out.From
	}
	if i.Open() {
		return out
	}
	out.To, out.ToMono = fact.FormatTime(writable(i.To.Time)), i.To.Mono
	if i.EndEarliest.Mono != 0 {
		out.ToEarliest, out.ToLatest = fact.FormatTime(writable(i.EndEarliest.Time)), out.To
	}
	return out
}

// ParseIncident reads the incident of a line of JSON that AppendEvent wrote, with
// the evidence if it has some.
func ParseIncident(line []byte) (out *Incident, evidence []string, err error) {
	var in struct {
		incidentJSON
		Evidence []string `json:"evidence"`
	}
	if err := json.Unmarshal(line, &in); err != nil {
		return nil, nil, fmt.Errorf("incident: %w", err)
	}
	out = &Incident{
		ID: in.ID, Phase: in.Phase, Duration: in.Duration, Severity: in.Severity, Root: in.Root,
		Count: in.Count, Shortest: in.Shortest, Longest: in.Longest, Down: in.Down, Works: in.Works, Standby: in.Standby, Pattern: in.Pattern,
		Cause: in.Cause, Recovery: in.Recovery, Cells: in.Cells, Episodes: in.Episodes, Text: in.Text,
	}
	if out.From, err = parseInstant(in.From, in.FromMono); err != nil {
		return nil, nil, err
	}
	if in.To != "" {
		if out.To, err = parseInstant(in.To, in.ToMono); err != nil {
			return nil, nil, err
		}
	}
	if in.FromEarliest != "" {
		if out.Earliest, err = parseBound(in.FromEarliest, out.From); err != nil {
			return nil, nil, err
		}
	}
	if in.ToEarliest != "" {
		if out.EndEarliest, err = parseBound(in.ToEarliest, out.To); err != nil {
			return nil, nil, err
		}
	}
	return out, in.Evidence, nil
}

func parseInstant(s string, mono time.Duration) (fact.Instant, error) {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return fact.Instant{}, fmt.Errorf("incident: %w", err)
	}
	return fact.Instant{Time: t, Mono: mono}, nil
}

// parseBound reads an instant that only has a wall time, beside one that has
// both.
func parseBound(s string, near fact.Instant) (fact.Instant, error) {
	i, err := parseInstant(s, 0)
	i.Mono = near.Mono - near.Time.Sub(i.Time)
	return i, err
}
