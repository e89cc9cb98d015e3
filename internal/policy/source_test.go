package policy

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// root is the repository, seen from this package.
const root = "../.."

// A source is one Go file.
type source struct {
	// path is relative to the root, with slashes; dir is its directory.
	path, dir string
	test      bool
	lines     int
	ast       *ast.File
}

// where says where a node is, for a message.
func (s source) where(n ast.Node) string {
	return s.path + ":" + strconv.Itoa(positions().Position(n.Pos()).Line)
}

// imports returns the imported paths.
func (s source) imports() []string {
	var all []string
	for _, i := range s.ast.Imports {
		p, err := strconv.Unquote(i.Path.Value)
		if err != nil {
			continue
		}
		all = append(all, p)
	}
	return all
}

var positions = sync.OnceValue(token.NewFileSet)

// parsed is every Go file of the module, parsed once for all tests.
var parsed = sync.OnceValues(func() ([]source, error) {
	var all []source
	err := walk(func(name string) error {
		if path.Ext(name) != ".go" {
			return nil
		}
		b, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
		if err != nil {
			return err
		}
		f, err := parser.ParseFile(positions(), name, b, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		all = append(all, source{
			path: name, dir: path.Dir(name), test: strings.HasSuffix(name, "_test.go"),
			lines: strings.Count(string(b), "\n"), ast: f,
		})
		return nil
	})
	return all, err
})

// walk calls fn for each file that is ours: not of a hidden or ignored
// directory and not test data.
func walk(fn func(name string) error) error {
	return fs.WalkDir(os.DirFS(root), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || d.Name() == "dist") {
				return fs.SkipDir
			}
			return nil
		}
		return fn(name)
	})
}

// sources returns every Go file of the module.
func sources(t *testing.T) []source {
	t.Helper()
	all, err := parsed()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 50 {
		t.Fatalf("%d Go files in %s: this is not the repository", len(all), root)
	}
	return all
}

// code returns the files that are not tests.
func code(t *testing.T) []source {
	t.Helper()
	var all []source
	for _, s := range sources(t) {
		if !s.test {
			all = append(all, s)
		}
	}
	return all
}
