package cli_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"flapscope/monitor/fold"
)

var update = flag.Bool("update", false, "write the tables of docs/incidents.md")

// TestIncidentsDocument keeps the tables of docs/incidents.md as the scenarios
// have them, which are made for real.
func TestIncidentsDocument(t *testing.T) {
	const name = "../../docs/incidents.md"
	old, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	want := old
	for _, part := range []struct {
		title     string
		scenarios []scenario
	}{
		{"path", pathScenarios},
		{"gateway", gatewayScenarios},
		{"machine", machineScenarios},
		{"resolver", resolverScenarios},
		{"tunnel", tunnelScenarios},
		{"several", severalScenarios},
		{"well", wellScenarios},
	} {
		begin, end := []byte("<!-- "+part.title+" -->\n"), []byte("<!-- end -->\n")
		before, rest, ok := bytes.Cut(want, begin)
		_, after, closed := bytes.Cut(rest, end)
		if !ok || !closed {
			t.Fatalf("%s has no place for the table %q", name, part.title)
		}
		want = bytes.Join([][]byte{before, begin, []byte(table(part.scenarios)), end, after}, nil)
	}
	switch {
	case bytes.Equal(old, want):
	case *update:
		if err := os.WriteFile(name, want, 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("%s is not what the scenarios tell; write it again with -update", name)
	}
}

// table is a table of scenarios in Markdown.
func table(all []scenario) string {
	var b strings.Builder
	b.WriteString("| done | what | told |\n|---|---|---|\n")
	for _, s := range all {
		done := s.story
		for _, w := range s.want {
			fmt.Fprintf(&b, "| %s | `%s`, %s | %s |\n", done, w.what, w.severity, w.text)
			done = ""
		}
		for _, note := range s.notes {
			fmt.Fprintf(&b, "| %s | `%s`, %s | no trouble |\n", done, note, fold.SeverityNote)
			done = ""
		}
		if done != "" {
			fmt.Fprintf(&b, "| %s | | nothing |\n", done)
		}
	}
	return b.String()
}
