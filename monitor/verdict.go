package monitor

// A Verdict is what probes say of one thing: "unknown", "ok", "degraded",
// "down", or "filtered" where ICMP is silent while other methods answer.
type Verdict string

// The verdicts.
const (
	VerdictUnknown  Verdict = "unknown"
	VerdictOK       Verdict = "ok"
	VerdictDegraded Verdict = "degraded"
	VerdictFiltered Verdict = "filtered"
	VerdictDown     Verdict = "down"
)
