package path

import (
	"fmt"
	"testing"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/fact/facttest"
)

// TestExplainedAreBounded: of one candidate more than a path without a way rests
// on, the one that got least far is left out.
func TestExplainedAreBounded(t *testing.T) {
	var facts []fact.Fact
	for i := range maxExplained + 1 {
		// The third is down, and the others lack an address.
		facts = append(facts, facttest.LabLink(i+2, fmt.Sprint("e", i), i != 3, true))
	}
	e := Evaluate(stateOf(facts...), DefaultSettings(), time.Hour)
	for _, scope := range []ScopeName{ScopeMachine, ScopeIPv4, ScopeIPv6} {
		carriers := map[int]bool{}
		for _, g := range e.Supports[scope] {
			if g.Layer == fact.LayerCarrier {
				carriers[g.Index] = true
			}
		}
		if len(carriers) != maxExplained || carriers[5] {
			t.Errorf("%s of %d candidates: rests on %d, on the one that is down: %v, want %d without it",
				scope, maxExplained+1, len(carriers), carriers[5], maxExplained)
		}
	}
	tunnel := facttest.With(facttest.LabLink(500, "wg0", true, true), func(l *fact.Link) { l.Type = fact.TypeTunnel })
	source := facttest.LabAddress(500, facttest.LabSource, 24)
	e = Evaluate(stateOf(facttest.Flat(facts, []fact.Fact{tunnel, source}, facttest.LabAnswers(500, facttest.LabRouter, facttest.LabSource, 0))...), DefaultSettings(), time.Hour)
	n := 0
	for _, g := range e.Supports[ScopeIPv4] {
		if g.Layer == fact.LayerCarrier && g.Index != 500 {
			n++
		}
	}
	if e.Path.IPv4.Reason != ReasonTunnelDown || n > maxExplained {
		t.Errorf("a tunnel over none of %d: got %q, which rests on %d, want %q on at most %d",
			maxExplained+1, e.Path.IPv4.Reason, n, ReasonTunnelDown, maxExplained)
	}
}
