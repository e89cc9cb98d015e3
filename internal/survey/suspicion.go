package survey

import (
	"slices"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/state"
	"flapscope/monitor/verdict"
)

const (
	// longQueue is how long a packet waits in this machine's own queue where that is
	// looked into, at most every queueEvery.
	longQueue  = 200 * time.Millisecond
	queueEvery = 30 * time.Second
)

// suspicious reports whether a result, of a probe in the state before it, calls for a
// diagnosis though it makes no incident: connections are lost at everybody who
// stands for the internet, whose pings may be answered, packets wait before they
// leave, or somebody else answers the portal check, who may be a proxy.
func (s *Survey) suspicious(now time.Duration, r *fact.ProbeResult, st *state.State) bool {
	if r.Queue >= longQueue && (s.queued == 0 || now-s.queued >= queueEvery) {
		s.queued = now
		return true
	}
	t := st.Targets[r.Target]
	if t != nil && t.Role == fact.RolePortal && t.Captive == nil && r.Outcome == fact.OutcomePortal {
		return true
	}
	if t == nil || !connects(t) || t.Lost > 0 || !r.Outcome.Lost() {
		return false
	}
	others := 0
	for _, x := range st.AllTargets() {
		if x.ID == t.ID || !connects(x) || x.Family != t.Family {
			continue
		}
		if others++; x.Lost == 0 {
			return false
		}
	}
	return others > 0
}

// reconnects reports whether a result, of a probe in the state before it, is the first
// connection that was made again since a diagnosis found that none are: it may be over,
// long before it would be looked at again.
func reconnects(r *fact.ProbeResult, st *state.State) bool {
	t, c := st.Targets[r.Target], st.Check()
	return t != nil && c != nil && connects(t) && t.Lost > 0 && !r.Outcome.Lost() && r.Outcome != fact.OutcomeNoData &&
		slices.ContainsFunc(c.Findings, func(x fact.CheckFinding) bool { return x.What == string(verdict.HTTPSBlocked) })
}

// connects reports whether a target stands for the internet and is not pinged.
func connects(t *state.TargetState) bool {
	return t.Role == fact.RoleInternet && t.Method == fact.MethodTCP
}
