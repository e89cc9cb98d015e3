package cli

import (
	"regexp"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
)

// The elements and comments that a report has in Markdown.
var markdownElements = regexp.MustCompile(`^(\s*(</?details>|</?summary>|</?b>|<!-- flapscope report, schema 1, redaction [a-z]+ -->|[^<>]*))*$`)

// renderedMarkdown reads Markdown as whoever shows it does (CommonMark, with the
// tables and the links of GitHub): every row of a table that was written is one,
// with as many cells as its head, and nothing is a link, a picture or an element
// that reports have not.
func renderedMarkdown(t *testing.T, what, md string) {
	t.Helper()
	source := []byte(md)
	root := goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser().Parse(text.NewReader(source))
	written, fence := 0, false
	for line := range strings.Lines(md) {
		if strings.HasPrefix(line, "```") {
			fence = !fence
		}
		if !fence && strings.HasPrefix(line, "|") && !strings.HasPrefix(line, "|-") && !strings.HasPrefix(line, "|:-") {
			written++
		}
	}
	rows := 0
	err := ast.Walk(root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *extast.TableHeader, *extast.TableRow:
			rows++
			if head := n.Parent().FirstChild(); n.ChildCount() != head.ChildCount() {
				t.Errorf("%q: a row of %d cells in a table of %d", what, n.ChildCount(), head.ChildCount())
			}
		case *ast.Link, *ast.Image, *ast.AutoLink:
			t.Errorf("%q: a %s", what, n.Kind())
		case *ast.RawHTML:
			if raw := string(n.Segments.Value(source)); !markdownElements.MatchString(raw) {
				t.Errorf("%q: an element %q", what, raw)
			}
		case *ast.HTMLBlock:
			if raw := string(n.Lines().Value(source)); !markdownElements.MatchString(raw) {
				t.Errorf("%q: elements %q", what, raw)
			}
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if rows != written || rows == 0 {
		t.Errorf("%q: %d rows of tables were written, and %d are shown", what, written, rows)
	}
}
