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
