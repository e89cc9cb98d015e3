package survey

import (
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/state"
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

// connects reports whether a target stands for the internet and is not pinged.
func connects(t *state.TargetState) bool {
	return t.Role == fact.RoleInternet && t.Method == fact.MethodTCP
}
