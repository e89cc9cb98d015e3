package policy

import (
	"go/ast"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Every package says what it is for, in exactly one file.
func TestPackageDocs(t *testing.T) {
	docs := map[string][]string{}
	for _, s := range code(t) {
		docs[s.dir] = append(docs[s.dir], "")
		if s.ast.Doc == nil {
			continue
		}
		docs[s.dir] = append(docs[s.dir], s.path)
		want := "Package " + s.ast.Name.Name + " "
		if s.ast.Name.Name == "main" {
			want = "Command "
		}
		if text := s.ast.Doc.Text(); !strings.HasPrefix(text, want) {
			t.Errorf("%s: the package comment begins %q, want %q", s.path, firstWords(text), want)
		}
	}
	for dir, files := range docs {
		files = slices.DeleteFunc(files, func(f string) bool { return f == "" })
		if len(files) != 1 {
			t.Errorf("package %s has comments in %d files %v, want 1", dir, len(files), files)
		}
	}
}

func firstWords(s string) string { return s[:min(len(s), 30)] }

// A file that does not fit a reader's head is two files.
func TestFileLength(t *testing.T) {
	for _, s := range sources(t) {
		if s.lines > 500 {
			t.Errorf("%s has %d lines, want at most 500", s.path, s.lines)
		}
	}
}

// Everything exported has a comment that begins with its name, or with an
// article and its name, and is a sentence.
func TestExportedDocs(t *testing.T) {
	for _, s := range code(t) {
		for _, d := range s.ast.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Name.IsExported() && exportedReceiver(d) {
					checkDoc(t, s, d.Name, d.Doc)
				}
			case *ast.GenDecl:
				checkSpecs(t, s, d)
			}
		}
	}
}

// checkSpecs checks types by themselves; constants and variables may share the
// comment of their group.
func checkSpecs(t *testing.T, s source, d *ast.GenDecl) {
	t.Helper()
	for _, spec := range d.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			doc := spec.Doc
			if doc == nil && !d.Lparen.IsValid() {
				doc = d.Doc
			}
			if spec.Name.IsExported() {
				checkDoc(t, s, spec.Name, doc)
			}
		case *ast.ValueSpec:
			for _, n := range spec.Names {
				if n.IsExported() && spec.Doc == nil && spec.Comment == nil && d.Doc == nil {
					t.Errorf("%s: %s has no comment", s.where(n), n.Name)
				}
			}
		}
	}
}

// exportedReceiver reports whether d is a function, or a method of an exported
// type.
func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil || len(d.Recv.List) == 0 {
		return true
	}
	e := d.Recv.List[0].Type
	for {
		switch x := e.(type) {
		case *ast.StarExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.IndexListExpr:
			e = x.X
		case *ast.Ident:
			return x.IsExported()
		default:
			return false
		}
	}
}

func checkDoc(t *testing.T, s source, name *ast.Ident, doc *ast.CommentGroup) {
	t.Helper()
	if doc == nil {
		t.Errorf("%s: %s has no comment", s.where(name), name.Name)
		return
	}
	text := strings.TrimSpace(doc.Text())
	words := strings.Fields(text)
	if len(words) > 0 && slices.Contains([]string{"A", "An", "The"}, words[0]) {
		words = words[1:]
	}
	if len(words) == 0 || strings.TrimRight(words[0], ",.:") != name.Name {
		t.Errorf("%s: the comment of %s begins %q", s.where(name), name.Name, firstWords(text))
	}
	last := text[strings.LastIndexByte(text, '\n')+1:]
	if !strings.HasPrefix(last, "\t") && !strings.HasSuffix(text, ".") && !strings.HasSuffix(text, ":") {
		t.Errorf("%s: the comment of %s does not end with a full stop", s.where(name), name.Name)
	}
}

// No Get prefix: the noun says it.
func TestNoGet(t *testing.T) {
	get := regexp.MustCompile(`^Get[A-Z]`)
	for _, s := range code(t) {
		for _, d := range s.ast.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && get.MatchString(f.Name.Name) && exportedReceiver(f) {
				t.Errorf("%s: %s", s.where(f), f.Name.Name)
			}
		}
	}
}

// What happens before main can't be tested, nor left out.
func TestNoInit(t *testing.T) {
	for _, s := range sources(t) {
		for _, d := range s.ast.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
				t.Errorf("%s: func init", s.where(f))
			}
		}
	}
}

// A sub-test can be run again by copying its name: nothing in it is escaped by
// package testing, the shell or a regular expression.
func TestSubtestNames(t *testing.T) {
	good := regexp.MustCompile(`^[A-Za-z0-9_.,:=%@-]+$`)
	check := func(s source, n ast.Node) {
		lit, ok := n.(*ast.BasicLit)
		if !ok || lit.Kind != token.STRING {
			return
		}
		if name, err := strconv.Unquote(lit.Value); err == nil && !good.MatchString(name) {
			t.Errorf("%s: sub-test name %q", s.where(n), name)
		}
	}
	names := 0
	for _, s := range sources(t) {
		if !s.test {
			continue
		}
		ast.Inspect(s.ast, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				if f, ok := n.Fun.(*ast.SelectorExpr); ok && len(n.Args) == 2 && f.Sel.Name == "Run" {
					names++
					check(s, n.Args[0])
				}
			case *ast.CompositeLit:
				for _, name := range tableNames(n) {
					names++
					check(s, name)
				}
			}
			return true
		})
	}
	if names < 50 {
		t.Errorf("found %d names: this test looks at nothing", names)
	}
}

// tableNames returns the expressions for the field "name" in a table of tests:
// a slice of an anonymous struct.
func tableNames(table *ast.CompositeLit) []ast.Expr {
	array, ok := table.Type.(*ast.ArrayType)
	if !ok {
		return nil
	}
	row, ok := array.Elt.(*ast.StructType)
	if !ok {
		return nil
	}
	at, column := -1, 0
	for _, f := range row.Fields.List {
		for _, n := range f.Names {
			if n.Name == "name" {
				at = column
			}
			column++
		}
	}
	var names []ast.Expr
	for _, e := range table.Elts {
		lit, ok := e.(*ast.CompositeLit)
		if !ok || at < 0 {
			continue
		}
		for i, v := range lit.Elts {
			kv, keyed := v.(*ast.KeyValueExpr)
			switch {
			case keyed && isIdent(kv.Key, "name"):
				names = append(names, kv.Value)
			case !keyed && i == at:
				names = append(names, v)
			}
		}
	}
	return names
}

// Unfinished work is an issue, not a comment.
func TestNothingUnfinished(t *testing.T) {
	marks := regexp.MustCompile(`\b(` + "TO" + "DO|FIX" + "ME|XX" + "X|HA" + `CK)\b`)
	text := []string{".go", ".md", ".sh", ".yml", ".toml", ".1", ""}
	err := walk(func(name string) error {
		if !slices.Contains(text, path.Ext(name)) {
			return nil
		}
		b, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
		if err != nil {
			return err
		}
		n := 0
		for line := range strings.Lines(string(b)) {
			n++
			if m := marks.FindString(line); m != "" && len(line) < 1000 {
				t.Errorf("%s:%d: %s", name, n, m)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func isIdent(e ast.Expr, name string) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == name
}

// uses returns where a file uses the names of a package that it imports under
// its own name.
func uses(s source, pkg string, names ...string) []*ast.SelectorExpr {
	var all []*ast.SelectorExpr
	ast.Inspect(s.ast, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok && isIdent(sel.X, pkg) && slices.Contains(names, sel.Sel.Name) {
			all = append(all, sel)
		}
		return true
	})
	return all
}

func goroutines(s source) []ast.Node {
	var all []ast.Node
	ast.Inspect(s.ast, func(n ast.Node) bool {
		if g, ok := n.(*ast.GoStmt); ok {
			all = append(all, g)
		}
		return true
	})
	return all
}
