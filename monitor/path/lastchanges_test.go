package path

import (
	"testing"

	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// TestChangesEscapeOnce: what a rule says of an interface is escaped when it is
// printed, and not before.
func TestChangesEscapeOnce(t *testing.T) {
	const hostile = fact.Untrusted("a\x1b[2J\u202e")
	rule := &fact.Rule{Priority: 1, IIF: hostile, Action: fact.RuleToTable, Table: 254, SuppressPrefixLen: -1}
	l := NewLastChanges()
	l.Note(fact.Observation{Op: fact.Put, Fact: rule}, state.NewState())
	want := `rule 1: from all iif a\x1b[2J\u202e lookup 254 added`
	if text := l.entries[ruleFacet(rule)].Text.Display(); text != want {
		t.Errorf("got %s, want %s", text, want)
	}
}
