package monitor

// count adds a gap to the books of data quality.
func (q *Quality) count(g *Gap) {
	switch g.Reason {
	case GapSuspend:
		q.Suspends++
	case GapStopped:
		q.Stops++
	case GapOverrun:
		q.Overruns++
	case GapResync:
		q.Resyncs++
	case GapAudit:
		q.Audits++
		q.Repairs += g.Count
	case GapUndecodable:
		q.Undecodable += max(1, g.Count)
	case GapClockStep:
		q.ClockSteps++
	case GapRouterMode:
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
