package path

import (
	"slices"

	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// promote decides what waits for a check where something else says it: a gateway
// that is silent lets nothing through, and two families that fall silent together
// do not have their pings filtered.
func (e *healthEvaluator) promote() {
	for _, f := range e.judged[:e.known] {
		if e.undecidedSince[f] == 0 || !e.cutOff(f) {
			continue
		}
		e.found(e.undecidedLoss[f])
		*e.verdictOf(f), e.undecidedSince[f], e.waiting = state.VerdictDown, 0, ""
	}
}

// cutOff reports whether the gateway of a family is silent, or another family is
// down and none is up.
func (e *healthEvaluator) cutOff(f fact.Family) bool {
	if slices.ContainsFunc(e.findings, func(x Finding) bool { return x.Leg == LegGateway && x.Down && x.Family == f }) {
		return true
	}
	down := false
	for _, other := range e.judged[:e.known] {
		switch v := *e.verdictOf(other); {
		case v == state.VerdictDown:
			down = true
		case e.undecidedSince[other] == 0:
			return false
		}
	}
	return down
}

// verdictOf is the verdict on the internet of a family that is judged.
func (e *healthEvaluator) verdictOf(f fact.Family) *state.Verdict {
	if f == 0 {
		return &e.named
	}
	return e.out.family(f)
}

// together is the internet verdict of the machine: down only if every family
// is, degraded if some is.
func (e *healthEvaluator) together() state.Verdict {
	verdicts := make([]state.Verdict, 0, 3)
	for _, f := range e.judged[:e.known] {
		verdicts = append(verdicts, *e.verdictOf(f))
	}
	some := func(v state.Verdict) bool { return slices.Contains(verdicts, v) }
	up := some(state.VerdictOK) || some(state.VerdictFiltered)
	switch {
	case some(state.VerdictDegraded), some(state.VerdictDown) && (up || some(state.VerdictUnknown)):
		return state.VerdictDegraded
	case some(state.VerdictDown):
		return state.VerdictDown
	case some(state.VerdictOK):
		return state.VerdictOK
	case some(state.VerdictFiltered):
		return state.VerdictFiltered
	}
	return state.VerdictUnknown
}
