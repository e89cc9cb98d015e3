package report

import "testing"

// TestJoined: a figure and its unit stay on one line, and nothing else is joined.
func TestJoined(t *testing.T) {
	for in, want := range map[string]string{
		"For 3 min 14 s of 1 h": "For 3&nbsp;min 14&nbsp;s of 1&nbsp;h", "528 ms instead of 11 ms": "528&nbsp;ms instead of 11&nbsp;ms",
		"eth0 silent": "eth0 silent", "2 minutes, 3 incidents": "2 minutes, 3 incidents", "": "",
	} {
		if got := joined(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}
