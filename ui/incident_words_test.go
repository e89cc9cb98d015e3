package ui

import (
	"testing"

	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
)

// TestClauses checks that a sentence is split where what is wrong ends, whichever of
// the others follow, and nowhere else.
func TestClauses(t *testing.T) {
	for text, want := range map[fact.Untrusted][3]string{
		"eth0 has no carrier":                                  {"eth0 has no carrier", "", ""},
		"eth0 lost its carrier; nothing worked":                {"eth0 lost its carrier", "nothing worked", ""},
		"resolver x was silent; the gateway and IPv6 worked":   {"resolver x was silent", "the gateway and IPv6 worked", ""},
		"a; b is silent; the gateway works":                    {"a; b is silent", "the gateway works", ""},
		"x is silent; wlan0 could carry it: its gateway works": {"x is silent", "", "wlan0 could carry it: its gateway works"},
		"x is silent; the gateway works; wlan0 could carry it: its gateway answers": {
			"x is silent", "the gateway works", "wlan0 could carry it: its gateway answers",
		},
		"x was silent; nothing worked; wlan0 could have carried it: its gateway answered; wwan0 stood by, but its gateway was silent": {
			"x was silent", "nothing worked", "wlan0 could have carried it: its gateway answered; wwan0 stood by, but its gateway was silent",
		},
		"no work; at all": {"no work; at all", "", ""},
	} {
		what, works, spare := clauses(&fold.Incident{Text: text})
		if got := [3]string{what, works, spare}; got != want {
			t.Errorf("%q is split into %q, want %q", text, got, want)
		}
	}
}
