package policy

import (
	"bytes"
	"go/ast"
	"go/printer"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// bounding matches the names of constants that bound what input can make grow.
var bounding = regexp.MustCompile(`^(max|Max|keep)[A-Z]`)

// limitRow matches a row of the table: the constant, with its directory, and
// its value as the code writes it.
var limitRow = regexp.MustCompile("^\\| `([a-z/]+\\.[A-Za-z]+)` \\| `([^`]+)` \\| [^|]+ \\| [^|]+ \\|$")

// Every limit is in docs/limits.md with its value, and nothing else is.
func TestLimits(t *testing.T) {
	const doc = "docs/limits.md"
	b, err := os.ReadFile(filepath.Join(root, doc))
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]string{}
	for line := range strings.Lines(string(b)) {
		if m := limitRow.FindStringSubmatch(strings.TrimSpace(line)); m != nil {
			told[m[1]] = m[2]
		} else if strings.HasPrefix(line, "| `") {
			t.Errorf("%s: not a row: %s", doc, line)
		}
	}
	if len(told) < 30 {
		t.Fatalf("%s has %d rows: this test looks at nothing", doc, len(told))
	}
	for _, s := range code(t) {
		if !below(s.dir, "monitor", "history", "probes", "ui", "internal/cli", "internal/config", "internal/replay", "internal/survey", "internal/watch") {
			continue
		}
		for name, value := range boundsOf(t, s) {
			name = s.dir + "." + name
			if told[name] == "" {
				t.Errorf("%s: `%s` is not in %s: add what it bounds, and what happens beyond", s.path, name, doc)
			} else if told[name] != value {
				t.Errorf("%s: `%s` is `%s`, in %s `%s`", s.path, name, value, doc, told[name])
			}
			delete(told, name)
		}
	}
	for name := range told {
		t.Errorf("%s: `%s` is not in the code", doc, name)
	}
}

// boundsOf returns the limits that a file declares, as it writes them.
func boundsOf(t *testing.T, s source) map[string]string {
	t.Helper()
	bounds := map[string]string{}
	for _, d := range s.ast.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.CONST {
			continue
		}
		for _, spec := range g.Specs {
			v, ok := spec.(*ast.ValueSpec)
			if !ok {
				continue
			}
			for i, name := range v.Names {
				if !bounding.MatchString(name.Name) || i >= len(v.Values) {
					continue
				}
				var b bytes.Buffer
				if err := printer.Fprint(&b, positions(), v.Values[i]); err != nil {
					t.Fatal(err)
				}
				bounds[name.Name] = b.String()
			}
		}
	}
	return bounds
}
