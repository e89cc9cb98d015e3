package cli

import (
	"os"
	"strings"
	"testing"
)

// What the help recommends is what the README does.
func TestSetcapIsTheSameEverywhere(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for where, text := range map[string]string{"README": string(readme), "help": longHelp} {
		if got := strings.Count(text, "setcap "); got != 1 || !strings.Contains(text, "\n    sudo setcap cap_net_raw+ep $(which flapscope)") {
			t.Errorf("%s: setcap is there %d times, want once, for cap_net_raw alone", where, got)
		}
	}
}
