package cli

import (
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"flapscope/history/session"
	"flapscope/internal/crash"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/state"
)

// environment looks up variables, and GOGC, with which a command leaves alone how
// seldom memory is collected: that is set for a process, and so for all tests.
func environment(variables map[string]string) func(string) string {
	return func(name string) string {
		if name == "GOGC" {
			return "400"
		}
		return variables[name]
	}
}

// runMain runs a command in this process, with an environment of its own, and
// returns what it printed and its exit code.
func runMain(t *testing.T, env map[string]string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	file := func(name string) *os.File {
		f, err := os.Create(filepath.Join(t.TempDir(), name))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		return f
	}
	app := &App{Version: "test", In: file("in"), Out: file("out"), Err: file("err"), Env: environment(env)}
	code = app.Main(args)
	read := func(f *os.File) string {
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(f)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	return read(app.Out), read(app.Err), code
}

// write writes a file of a test and returns its name; one of a recording's name
// is compressed.
func write(t *testing.T, name, content string) string {
	t.Helper()
	name = filepath.Join(t.TempDir(), name)
	var b strings.Builder
	if strings.HasSuffix(name, session.Suffix) {
		z := gzip.NewWriter(&b)
		io.WriteString(z, content)
		z.Close()
	} else {
		b.WriteString(content)
	}
	if err := os.WriteFile(name, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// headerOnly is a recording in which nothing was observed: one copied in its
// first minute without its journal.
const headerOnly = `{"time":"2026-11-21T09:00:00Z","mono_ns":1,"kind":"session","session":{"schema":1}}` + "\n"

// What can't be read is one line that names it once, and the exit code says
// whose mistake it is.
func TestFailuresAreOneLine(t *testing.T) {
	dir := t.TempDir()
	missing := filepath.Join(dir, "nosuch")
	corrupt, foreign := write(t, "x", "foo\n"), write(t, "y.flap.gz", "foo\n")
	plain := filepath.Join(dir, "z.flap.gz")
	if err := os.WriteFile(plain, []byte("foo\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	empty := write(t, "e.flap.gz", headerOnly+`{"time":"2026-11-21T09:00:01Z","mono_ns":2,"kind":"end","end":{"reason":"stop"}}`+"\n")
	for name, tt := range map[string]struct {
		args string
		code int
		want string
	}{
		"missing-stream":    {"state " + missing, 3, missing + ": no such file or directory"},
		"missing-recording": {"events " + missing, 3, missing + ": no such file or directory"},
		"directory":         {"events " + dir, 3, dir + ": is a directory"},
		"corrupt":           {"events " + corrupt, 3, corrupt + ": not a flapscope recording"},
		"foreign":           {"history stats " + foreign, 3, foreign + ": not a flapscope recording"},
		"no-gzip":           {"state " + plain, 3, plain + ": not a flapscope recording"},
		"replay":            {"replay " + plain, 3, plain + ": not a flapscope recording"},
		"empty":             {"history stats " + empty, 3, empty + ": nothing is observed in it"},
		"help":              {"help nosuch", 2, `no help on "nosuch": there is no such command; see flapscope --help`},
		"record-nowhere":    {"record --no-probes " + missing + "/x.flap.gz", 3, "create journal of the recording: open " + missing + "/x.flap.gz.open: no such file or directory"},
		"no-home":           {"record --no-probes", 3, "where to keep the history: neither XDG directory nor HOME is set to an absolute path; set history.dir, or use --no-history"},
	} {
		t.Run(name, func(t *testing.T) {
			out, bad, code := runMain(t, nil, strings.Fields(tt.args)...)
			if code != tt.code || bad != "flapscope: "+tt.want+"\n" || out != "" {
				t.Errorf("exit code %d, %q, %q on standard error; want %d and\n%s", code, out, bad, tt.code, tt.want)
			}
		})
	}
}

func TestPanicIsOneLine(t *testing.T) {
	err := crash.Survive(func() error { panic("boom") })
	if got := exitCode(err); got != exitFailure {
		t.Errorf("exit code %d, want %d", got, exitFailure)
	}
	if line := oneLine(err); !strings.HasPrefix(line, "panic: boom in flapscope/internal/cli.") {
		t.Errorf("got %q", line)
	}
}

// A recording without an end lacks what was in its journal, if that was not
// copied too.
func TestMissingJournal(t *testing.T) {
	name := write(t, "x.flap.gz", headerOnly+`{"time":"2026-11-21T09:00:01Z","mono_ns":2,"kind":"mark","mark":{"text":"here"}}`+"\n")
	want := "flapscope: " + name + " has no end, and its journal " + name + ".open is missing: the last minute may be\n"
	ended := recorded(t)
	for _, command := range []string{"events", "state", "history stats"} {
		args := strings.Fields(command)
		if _, bad, code := runMain(t, nil, append(args, name)...); code != 0 || bad != want {
			t.Errorf("%s: exit code %d, %q, want %q", command, code, bad, want)
		}
		if _, bad, _ := runMain(t, map[string]string{"XDG_STATE_HOME": "/nonexistent"}, append(args, ended)...); bad != "" {
			t.Errorf("%s of what has its end: %q", command, bad)
		}
	}
	home := t.TempDir()
	dir := filepath.Join(home, "flapscope")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	kept := filepath.Join(dir, "x.flap.gz")
	if err := os.Rename(name, kept); err != nil {
		t.Fatal(err)
	}
	if _, bad, _ := runMain(t, map[string]string{"XDG_STATE_HOME": home}, "events", kept); bad != "" {
		t.Errorf("in the history: %q", bad)
	}
}

func TestMistakesAreOneLineEach(t *testing.T) {
	file := write(t, "config.toml", "theme = \"Pink!\"\n[history]\nmax_age = \"7x\"\n")
	_, bad, code := runMain(t, nil, "--config", file, "config")
	lines := strings.Split(strings.TrimSuffix(bad, "\n"), "\n")
	if code != 2 || len(lines) != 2 || !strings.HasPrefix(lines[0], "flapscope: "+file+":1: theme: ") || !strings.HasPrefix(lines[1], "flapscope: "+file+":3: history.max_age: ") {
		t.Errorf("exit code %d, %s", code, bad)
	}
}

// TestOwnTheme takes a theme from a file beside the configuration.
func TestOwnTheme(t *testing.T) {
	home := t.TempDir()
	file := filepath.Join(home, "flapscope", "themes", "mine.toml")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		content, want string
		code          int
	}{
		{"", `theme "mine": want auto, dark, light, contrast, `, 2},
		{"red = \"#12\"\n", `theme "mine": red = "#12": want a colour`, 2},
		{"red = \"#ff2020\"\n", "", 0},
	} {
		if c.content != "" {
			if err := os.WriteFile(file, []byte(c.content), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		_, bad, code := runMain(t, map[string]string{"XDG_CONFIG_HOME": home}, "--theme", "mine", "config")
		if code != c.code || !strings.Contains(bad, c.want) || strings.Count(bad, "\n") > 1 {
			t.Errorf("%q: exit code %d, %s", c.content, code, bad)
		}
	}
}

func TestCompletions(t *testing.T) {
	for args, want := range map[string]string{
		"status --wait":      "satisfied\nunsatisfied\nrequires_connection\n",
		"status --theme":     "auto\ndark\nlight\ncontrast\n",
		"record --glyphs":    "auto\nunicode\ncp437\nascii\n",
		"events --interface": "lo\n",
		"events --scope":     "machine\nipv4\nipv6\n",
		"--config":           "toml\n",
	} {
		out, bad, code := runMain(t, nil, append(append([]string{"__complete"}, strings.Fields(args)...), "")...)
		if code != 0 || !strings.Contains(out, want) {
			t.Errorf("%s: exit code %d, %q, %s; want %q in it", args, code, out, bad, want)
		}
	}
}

// endedEpisodes are those that a listener saw end, in that order.
type endedEpisodes []fold.Episode

// Observed implements fold.Listener.
func (*endedEpisodes) Observed(fact.Observation, *state.State) {}

// Happened implements fold.Listener.
func (l *endedEpisodes) Happened(e fold.Event, _ func() *fold.Snapshot) {
	if e.Episode != nil && !e.Episode.Open {
		*l = append(*l, *e.Episode)
	}
}
