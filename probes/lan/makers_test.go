package lan

import (
	"strings"
	"testing"

	"flapscope/monitor/fact"
)

// TestReadMakers reads the forms in which distributions have the registry.
func TestReadMakers(t *testing.T) {
	for _, list := range []string{
		"OUI/MA-L\n\n00-00-5E   (hex)\t\tICANN, IANA Department\n00005E     (base 16)\t\tICANN, IANA Department\n\t\t\t\tLos Angeles\n",
		"# $Id$\n00005E ICANN, IANA Department\n",
		"OUI:00005E*\n ID_OUI_FROM_DATABASE=ICANN, IANA Department\n\nOUI:00005F*\n ID_OUI_FROM_DATABASE=Other\n",
	} {
		got := readMakers(strings.NewReader(list), map[string]bool{"00005E": true})
		if len(got) != 1 || got["00005E"] != "ICANN, IANA Department" {
			t.Errorf("%q: got %q", list, got)
		}
	}
	for _, hostile := range []string{"", "OUI:", " ID_OUI_FROM_DATABASE=x\n", strings.Repeat("A", 100_000), "00005E"} {
		readMakers(strings.NewReader(hostile), map[string]bool{"": true, "00005E": true})
	}
}

func TestMadeUp(t *testing.T) {
	for hardware, want := range map[fact.Untrusted]bool{
		"00:00:5e:00:53:01": false, "d6:3b:c4:16:c5:0d": true, "02:42:ac:11:00:02": true, "": false, "80:00:00:01:fe:80": false, "00:00:00:00": false,
	} {
		if got := (&Host{Hardware: hardware}).MadeUp(); got != want {
			t.Errorf("%s: %v, want %v", hardware, got, want)
		}
	}
}
