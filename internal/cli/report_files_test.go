package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"flapscope/history/session"
	"flapscope/history/timeline"
)

// The key writes a report and the recording that it is of, with the same
// pseudonyms, and nothing of what was recorded.
func TestReportFiles(t *testing.T) {
	const secret = "Zaphods call froze"
	b, err := os.ReadFile(plantedRecording(t, secret, "mark.mark.text", "wifi.wifi.ssid"))
	if err != nil {
		t.Fatal(err)
	}
	store := session.NewStore(t.TempDir())
	if err := os.WriteFile(filepath.Join(store.Dir, "20261120T140000Z"+session.Suffix), b, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	app := &App{Version: "test", Err: os.Stderr, Env: func(string) string { return "" }}
	app.Command()
	lines, err := app.reportFiles(t.Context(), store, timeline.Span{})
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(".")
	if err != nil || len(entries) != 2 {
		t.Fatalf("%v: %v", entries, err)
	}
	said := strings.Join(lines, "\n")
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || info.Mode().Perm() != 0o600 || info.Size() == 0 || !strings.Contains(said, e.Name()) {
			t.Errorf("%s: %v %v; said %s", e.Name(), info, err, said)
		}
	}
	md, recording := entries[0].Name(), entries[1].Name()
	page, err := os.ReadFile(md)
	if err != nil {
		t.Fatal(err)
	}
	code, all, errs := runIn(t, t.TempDir(), "events", "--all", "--json", recording)
	if code != 0 || !strings.Contains(all, `"mark-1"`) || !strings.Contains(string(page), "mark-1") {
		t.Errorf("exit code %d: %s; no mark-1 in both", code, errs)
	}
	for what, text := range map[string]string{"report": string(page), "recording": all, "words": said} {
		if strings.Contains(text, "Zaphod") {
			t.Errorf("the %s tells", what)
		}
	}
	if !strings.Contains(string(page), "redaction public") && !strings.Contains(string(page), "public") || !strings.Contains(string(page), recording) {
		t.Errorf("the report does not say what it is of:\n%s", page)
	}
	empty := session.NewStore(t.TempDir())
	if _, err := app.reportFiles(t.Context(), empty, timeline.Span{From: 1, To: 2}); err == nil {
		t.Error("a report of no history")
	}
	if entries, _ := os.ReadDir("."); len(entries) != 2 {
		t.Errorf("what failed left %v", entries)
	}
}

// In a replay the key writes into the directory that is left to it, and without one
// says the command, which is one for any name.
func TestReportReplayed(t *testing.T) {
	name := filepath.Join(t.TempDir(), "it's $(x) \x1b.flap.gz")
	b, err := os.ReadFile(recorded(t))
	if err == nil {
		err = os.WriteFile(name, b, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	chain, err := session.OpenChain([]string{name})
	if err != nil {
		t.Fatal(err)
	}
	defer chain.Close()
	app := &App{Version: "test", Err: os.Stderr, Env: func(string) string { return "" }}
	app.Command()
	from, _ := chain.Bounds()
	span := timeline.Span{From: from + time.Minute, To: from + 2*time.Minute}
	lines, err := app.replayedFiles(t.Context(), chain, span, "")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(lines, "\n")
	for _, want := range []string{`it'\''s $(x) \x1b.flap.gz' \`, "--from 2026-11-20T14:01:00Z \\\n", "--to 2026-11-20T14:02:00Z\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	if strings.ContainsRune(text, 0x1b) || quoted("/a/b-1.flap.gz") != "/a/b-1.flap.gz" {
		t.Errorf("written as %s", text)
	}
	for _, span := range []timeline.Span{span, {}} {
		dir := t.TempDir()
		if lines, err = app.replayedFiles(t.Context(), chain, span, dir); err != nil {
			t.Fatal(err)
		}
		pages, _ := filepath.Glob(filepath.Join(dir, "flapscope-*.md"))
		copies, _ := filepath.Glob(filepath.Join(dir, "flapscope-*.public"+session.Suffix))
		if len(pages) != 1 || len(copies) != 1 || lines[0] != "In "+dir+":" {
			t.Errorf("%v, %v, %q", pages, copies, lines)
		}
	}
}

// Of several recordings the report is of the newest that has something in the span.
func TestReportReplayedOfSeveral(t *testing.T) {
	names := []string{"../../docs/sample.flap.gz", "../../docs/sample-wifi.flap.gz"}
	chain, err := session.OpenChain(names)
	if err != nil {
		t.Fatal(err)
	}
	defer chain.Close()
	if len(chain.Runs) != 2 {
		t.Fatalf("%d runs", len(chain.Runs))
	}
	app := &App{Version: "test", Err: os.Stderr, Env: func(string) string { return "" }}
	app.Command()
	for i, run := range chain.Runs {
		within := timeline.Span{From: run.Span.From + time.Second, To: run.Span.From + time.Minute}
		if got, want := newestIn(chain, within), run.Links[0].Name; got != want {
			t.Errorf("run %d: %s, want %s", i, got, want)
		}
		dir := t.TempDir()
		if _, err := app.replayedFiles(t.Context(), chain, within, dir); err != nil {
			t.Errorf("run %d: %v", i, err)
		}
		if made, _ := os.ReadDir(dir); len(made) != 2 {
			t.Errorf("run %d: made %v", i, made)
		}
	}
	from, to := chain.Bounds()
	for _, all := range []timeline.Span{{}, {From: from, To: to}} {
		if got, want := newestIn(chain, all), chain.Runs[1].Links[0].Name; got != want {
			t.Errorf("all: %s, want %s", got, want)
		}
	}
}
