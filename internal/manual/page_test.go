package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Each page has its own name in its header and the sections that people look
// for; those with a screen have its keys.
func TestPages(t *testing.T) {
	dir := t.TempDir()
	if err := write(dir); err != nil {
		t.Fatal(err)
	}
	list, err := filepath.Glob(filepath.Join(dir, "man1", "*.1"))
	if err != nil || len(list) < 10 {
		t.Fatalf("%d pages, %v", len(list), err)
	}
	for _, f := range list {
		name := strings.TrimSuffix(filepath.Base(f), ".1")
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		text := string(b)
		for _, want := range []string{`.TH "` + strings.ToUpper(name) + `" "1"`, ".SH EXIT STATUS\n", ".SH FILES\n", ".SH ENVIRONMENT\n"} {
			if strings.Count(text, want) != 1 {
				t.Errorf("%s: %q is there %d times, want once", name, want, strings.Count(text, want))
			}
		}
		if strings.Contains(text, "[=false]") {
			t.Errorf("%s: a switch has a value", name)
		}
		screen := name == "flapscope" || name == "flapscope-replay"
		if strings.Contains(text, ".SH KEYS\n") != screen || screen && !strings.Contains(text, "zoom in") {
			t.Errorf("%s: keys of the screen: want %v", name, screen)
		}
		if strings.Contains(text, ".SH SEE ALSO") && strings.Index(text, ".SH SEE ALSO") < strings.Index(text, ".SH FILES") {
			t.Errorf("%s: FILES comes after SEE ALSO", name)
		}
	}
}
