package fact

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestEveryFactHasAKind: a fact whose type is missing from kinds
// would be written to recordings and lost by their readers.
func TestEveryFactHasAKind(t *testing.T) {
	var listed []string
	seen := map[Kind]bool{}
	for _, k := range kinds {
		f := k.new()
		if f.Kind() != k.kind || seen[k.kind] {
			t.Errorf("%s: gives a fact of kind %s, seen before: %v", k.kind, f.Kind(), seen[k.kind])
		}
		seen[k.kind] = true
		listed = append(listed, reflect.TypeOf(f).Elem().Name())
	}
	var declared []string
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if !strings.HasSuffix(name, "_test.go") {
			declared = append(declared, factsOf(t, name)...)
		}
	}
	slices.Sort(listed)
	slices.Sort(declared)
	if diff := cmp.Diff(declared, listed); diff != "" {
		t.Errorf("types that implement Fact (-) and those in kinds (+):\n%s", diff)
	}
}

// factsOf returns the types of a file that implement Fact.
func factsOf(t *testing.T, name string) (types []string) {
	t.Helper()
	src, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	file, err := parser.ParseFile(token.NewFileSet(), name, src, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range file.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || fn.Recv == nil || fn.Name.Name != "Interface" {
			continue
		}
		star, ok := fn.Recv.List[0].Type.(*ast.StarExpr)
		if !ok {
			continue
		}
		if id, ok := star.X.(*ast.Ident); ok {
			types = append(types, id.Name)
		}
	}
	return types
}

// TestObservationsHaveEveryKind keeps the examples of the other tests complete.
func TestObservationsHaveEveryKind(t *testing.T) {
	seen := map[Kind]bool{}
	for _, o := range observations() {
		seen[o.Fact.Kind()] = true
	}
	for _, k := range Kinds() {
		if !seen[k] {
			t.Errorf("no example of kind %s", k)
		}
	}
}
