package state

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

// Rank orders verdicts by how much works.
func (v Verdict) Rank() int {
	switch v {
	case VerdictDown:
		return 1
	case VerdictDegraded:
		return 2
	case VerdictFiltered:
		return 3
	case VerdictOK:
		return 4
	}
	return 0
}
