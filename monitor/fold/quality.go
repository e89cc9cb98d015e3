package fold

import (
	"flapscope/monitor/fact"
)

// count adds a gap to the books of data quality.
func (q *Quality) count(g *fact.Gap) {
	switch g.Reason {
	case fact.GapSuspend:
		q.Suspends++
	case fact.GapStopped:
		q.Stops++
	case fact.GapOverrun:
		q.Overruns++
	case fact.GapResync:
		q.Resyncs++
	case fact.GapAudit:
		q.Audits++
		q.Repairs += g.Count
	case fact.GapUndecodable:
		q.Undecodable += max(1, g.Count)
	case fact.GapClockStep:
		q.ClockSteps++
	case fact.GapRouterMode:
		q.RouterMode = true
	}
}

// Quality counts what went wrong with the data since the start.
type Quality struct {
	Overruns    int `json:"overruns"`
	Resyncs     int `json:"resyncs"`
	Audits      int `json:"audits"`
	Repairs     int `json:"repairs"`
	Undecodable int `json:"undecodable"`
	Suspends    int `json:"suspends"`
	ClockSteps  int `json:"clock_steps"`
	Stops       int `json:"stops"`
	// Unexplained counts transitions whose cause was not in the supports: a
	// bug of this program, shown so that it is found.
	Unexplained int `json:"unexplained"`
	// RouterMode is whether the route mirror is narrowed.
	RouterMode bool `json:"router_mode"`
}
