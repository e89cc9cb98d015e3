package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"flapscope/history/session"
	"flapscope/internal/hostile"
)

// runIn runs a command in this process, in a directory of its own, and returns
// the exit code and what it printed.
func runIn(t *testing.T, dir string, args ...string) (code int, out, errs string) {
	t.Helper()
	file := func(name string) *os.File {
		f, err := os.CreateTemp(t.TempDir(), name)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		return f
	}
	read := func(f *os.File) string {
		b, err := os.ReadFile(f.Name())
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	app := App{Version: "test", In: file("in"), Out: file("out"), Err: file("err"), Env: environment(map[string]string{
		"XDG_STATE_HOME": dir, "HOME": dir, "TERM": "dumb",
	})}
	code = app.Main(args)
	return code, read(app.Out), read(app.Err)
}

// plantedRecording writes a recording with text in one field.
func plantedRecording(t *testing.T, text string, fields ...string) string {
	t.Helper()
	lines, err := hostile.Lines(t.TempDir())
	if err == nil {
		lines, err = hostile.Plant(lines, hostile.Payload{Text: text}, fields...)
	}
	name := filepath.Join(t.TempDir(), "night"+session.Suffix)
	if err == nil {
		err = hostile.Write(name, lines)
	}
	if err != nil {
		t.Fatal(err)
	}
	return name
}

func TestRedactCommand(t *testing.T) {
	name := plantedRecording(t, "zaphod-laptop", "session.session.host.name")
	dir := t.TempDir()
	copied, pseudonyms := filepath.Join(dir, "b"+session.Suffix), filepath.Join(dir, "map")
	code, out, errs := runIn(t, dir, "redact", name, "-o", copied, "--map", pseudonyms)
	if code != 0 || strings.TrimSpace(out) != copied {
		t.Fatalf("exit code %d, printed %q %q", code, out, errs)
	}
	for _, f := range []string{copied, pseudonyms} {
		info, err := os.Stat(f)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v, want mode 0600", f, info.Mode(), err)
		}
	}
	if b, err := os.ReadFile(pseudonyms); err != nil || !strings.Contains(string(b), "zaphod-laptop") {
		t.Errorf("the map does not say whose pseudonym is whose: %v\n%s", err, b)
	}
	if code, out, _ := runIn(t, dir, "verify", copied); code != 0 {
		t.Errorf("the copy is not whole: %s", out)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 2 {
		t.Errorf("%d files beside the map, %v: want the copy alone", len(left)-1, err)
	}
	if code, _, errs := runIn(t, dir, "redact", name, "-o", copied); code != exitUsage || !strings.Contains(errs, "exists") {
		t.Errorf("over a file that exists: exit code %d, %q", code, errs)
	}
	second := filepath.Join(dir, "c"+session.Suffix)
	if code, _, errs := runIn(t, dir, "redact", name, "-o", second, "--map", pseudonyms, "--shift-times"); code != 0 {
		t.Errorf("with the map again: %q", errs)
	}
}

// What fails leaves no file, and what is pointed elsewhere is not followed.
func TestRedactLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	target := filepath.Join(dir, "target")
	link := filepath.Join(dir, "link"+session.Suffix)
	if err := os.Symlink(target, link); err != nil {
		t.Fatal(err)
	}
	notes := filepath.Join(dir, "notes")
	if err := os.WriteFile(notes, []byte("no recording"), 0o600); err != nil {
		t.Fatal(err)
	}
	loose := filepath.Join(dir, "loose")
	if err := os.WriteFile(loose, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	good := plantedRecording(t, "x", "session.session.host.name")
	leaked := plantedRecording(t, "0badcafe", "session.session.host.name", "session.session.version")
	for _, args := range [][]string{
		{"redact", good, "-o", link},
		{"redact", notes, "-o", filepath.Join(dir, "a")},
		{"redact", leaked, "-o", filepath.Join(dir, "a")},
		{"redact", filepath.Join(dir, "nothing"), "-o", filepath.Join(dir, "a")},
		{"redact", good, "-o", filepath.Join(dir, "a"), "--redact", "some"},
		{"redact", good, "-o", filepath.Join(dir, "a"), "--map", loose},
		{"redact", good, "-o", filepath.Join(dir, "a"), "--map", notes},
		{"redact"},
		{"redact", good, good},
	} {
		if code, out, errs := runIn(t, dir, args...); code < exitUsage || strings.Count(errs, "\n") != 1 {
			t.Errorf("%q: exit code %d, %q, want one line and a failure: %q", args, code, out, errs)
		}
		for _, f := range []string{target, filepath.Join(dir, "a")} {
			if _, err := os.Lstat(f); err == nil {
				t.Errorf("%q left %s", args, f)
				os.Remove(f)
			}
		}
	}
}
