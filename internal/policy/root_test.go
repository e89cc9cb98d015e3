package policy

import (
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// allowed are the entries of the root folder. A reader's first look is at this
// list, so that a new entry is a decision.
var allowed = []string{
	".ci", ".git", ".github", ".gitignore", ".golangci.yml",
	"CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "Makefile", "README.md",
	"go.mod", "go.sum", "main.go",
	"docs", "history", "internal", "monitor", "probes", "themes", "ui",
}

func TestRootFolder(t *testing.T) {
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	built := ignored(t)
	var present []string
	for _, e := range entries {
		present = append(present, e.Name())
		if !slices.Contains(allowed, e.Name()) && !built(e.Name()) {
			t.Errorf("%s: not an entry of the root folder; if it shall be one, list it here", e.Name())
		}
	}
	for _, name := range allowed {
		// The source of a release has no .git.
		if name != ".git" && !slices.Contains(present, name) {
			t.Errorf("%s is listed, but is not in the root folder", name)
		}
	}
}

// ignored returns a function that reports whether .gitignore names an entry of
// the root folder: those are results of make.
func ignored(t *testing.T) func(name string) bool {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root, ".gitignore"))
	if err != nil {
		t.Fatal(err)
	}
	patterns := strings.Fields(string(b))
	return func(name string) bool {
		return slices.ContainsFunc(patterns, func(p string) bool {
			ok, err := path.Match(strings.Trim(p, "/"), name)
			return err == nil && ok
		})
	}
}
