package ui

import (
	"testing"

	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
)

// TestClauses checks that a sentence is split where what is wrong ends, whichever of
// the others follow, and nowhere else.
func TestClauses(t *testing.T) {
	standby := []fold.Standby{{Interface: "wlan0", Answered: true}, {Interface: "wwan0; x works"}}
	const spare = "wlan0 could have carried it: its gateway answered; wwan0; x works stood by, but its gateway was silent"
	for text, want := range map[fact.Untrusted][2]string{
		"eth0 has no carrier":                                {"eth0 has no carrier", ""},
		"eth0 lost its carrier; nothing worked":              {"eth0 lost its carrier", "nothing worked"},
		"resolver x was silent; the gateway and IPv6 worked": {"resolver x was silent", "the gateway and IPv6 worked"},
		"a; b is silent; the gateway works":                  {"a; b is silent", "the gateway works"},
		"no work; at all":                                    {"no work; at all", ""},
	} {
		for _, stood := range [][]fold.Standby{nil, standby} {
			i := &fold.Incident{To: fact.Instant{Mono: 1}, Standby: stood}
			i.Text = text + fact.Untrusted(i.StoodBy())
			all := [3]string{want[0], want[1], ""}
			if stood != nil {
				all[2] = spare
			}
			what, works, spare := clauses(i)
			if got := [3]string{what, works, spare}; got != all {
				t.Errorf("%q is split into %q, want %q", i.Text, got, all)
			}
		}
	}
}
