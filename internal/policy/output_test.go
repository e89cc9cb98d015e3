package policy

import (
	"slices"
	"testing"
)

// What leaves the program as JSON is escaped by fact.AppendJSON: package
// encoding/json lets C1 controls and bidi overrides through to a terminal.
func TestOneJSONWriter(t *testing.T) {
	allowed := []string{
		"monitor/fact/escape.go",
		"internal/cli/state.go",   // indents, and escapes what it wrote
		"internal/cli/record.go",  // a part of a header, which AppendJSON writes
		"history/pattern/text.go", // a MarshalJSON, called by AppendJSON
	}
	for _, s := range code(t) {
		if slices.Contains(allowed, s.path) {
			continue
		}
		for _, use := range uses(s, "json", "Marshal", "MarshalIndent", "NewEncoder") {
			t.Errorf("%s: json.%s: use fact.AppendJSON", s.where(use), use.Sel.Name)
		}
	}
}
