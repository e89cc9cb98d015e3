package monitor

import "testing"

// TestChangesEscapeOnce: what a rule says of an interface is escaped when it is
// printed, and not before.
func TestChangesEscapeOnce(t *testing.T) {
	const hostile = Untrusted("a\x1b[2J\u202e")
	rule := &Rule{Priority: 1, IIF: hostile, Action: RuleToTable, Table: 254, SuppressPrefixLen: -1}
	l := NewLastChanges()
	l.Note(Observation{Op: Put, Fact: rule}, NewState())
	want := `rule 1: from all iif a\x1b[2J\u202e lookup 254 added`
	if text := l.entries[ruleFacet(rule)].Text.Display(); text != want {
		t.Errorf("got %s, want %s", text, want)
	}
}
