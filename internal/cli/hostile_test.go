package cli

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"flapscope/internal/config"
	"flapscope/internal/hostile"
	"flapscope/internal/term"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
)

// hostileCommands are all that print what a recording holds; FILE is its name, NEW
// that of a file that is not there, STREAM what "events --all --json" printed of it. Those that this version does
// not have are left out.
var hostileCommands = []string{
	"events FILE", "events --all FILE", "events --json FILE", "events --all --json FILE",
	"state FILE", "state --json FILE", "state --diff -0s FILE", "state --json --diff -0s FILE", "state STREAM", "history stats FILE", "history stats --json FILE",
	"history", "history --json", "incidents", "incidents --json", "incidents FILE", "incidents --notes --json FILE", "incidents --notes --settle-down 2s FILE", "verify FILE", "verify --json FILE", "check FILE", "check --json FILE", "status FILE", "status --json FILE", "replay FILE --speed 0",
	"replay FILE", "replay FILE --beside FILE", "redact FILE -o NEW", "report FILE", "report --redact none FILE", "report --redact none --format html FILE", "report --redact none --format json FILE", "report --redact none --format csv FILE", "report --redact none --format trace FILE", "diff FILE FILE", "diff --marks FILE", "wifi FILE", "wifi --json FILE",
}

// TestHostileCommands: a command that is told a recording is one of those above.
func TestHostileCommands(t *testing.T) {
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		for _, sub := range c.Commands() {
			walk(sub)
		}
		line := strings.TrimPrefix(c.CommandPath(), "flapscope ")
		reads := strings.Contains(c.Use, "FILE") && line != "record" && line != "history save" // which write it
		listed := func(known string) bool { return strings.HasPrefix(known, line+" ") && strings.Contains(known, "FILE") }
		if reads && !slices.ContainsFunc(hostileCommands, listed) {
			t.Errorf("no hostile recording is given to %q", c.UseLine())
		}
	}
	walk((&App{Version: "test"}).Command())
}

// streamed is the command whose output is read as STREAM.
const streamed = "events --all --json FILE"

// thorough is whether every payload is planted by itself.
var thorough = os.Getenv("HOSTILE") == "all"

// TestHostileFields plants text that does something to a terminal into every
// field of a recording, a few at a time and then all at once, and runs every
// command over it. HOSTILE=all plants every payload in every field by itself.
func TestHostileFields(t *testing.T) {
	t.Parallel()
	s := newHostileStage(t)
	fields, err := hostile.Fields(s.lines, hostile.Text)
	if err != nil {
		t.Fatal(err)
	}
	if len(fields) < 100 {
		t.Fatalf("%d fields: this shows nothing: %q", len(fields), fields)
	}
	payloads := []hostile.Payload{hostile.Together}
	if thorough {
		payloads = append(payloads, hostile.Payloads...)
	}
	all := slices.DeleteFunc(slices.Clone(fields), hostile.Structural)
	groups := slices.Collect(slices.Chunk(all, 1))
	if !thorough {
		groups = slices.Collect(slices.Chunk(all, 4))
	}
	for _, field := range fields {
		if hostile.Structural(field) { // which may hide what is beside it
			groups = append(groups, []string{field})
		}
	}
	for _, group := range groups {
		for _, p := range payloads {
			s.plant = s.text(p)
			s.try(strings.Join(group, ", ")+" "+p.Name, group...)
		}
	}
	for _, p := range hostile.Payloads {
		s.plant = s.text(p)
		s.try("every field "+p.Name, all...)
	}
	t.Logf("%d fields, %d runs, %d of them showed what was planted", len(fields), s.runs, s.shown)
	if s.shown < len(groups) {
		t.Errorf("only %d of %d runs showed what was planted: this shows nothing", s.shown, s.runs)
	}
}

// absurd are numbers that nobody means.
var absurd = []string{"0", "-1", "1", "9223372036854775807", "-9223372036854775808", "4294967296", "1e30", "0.5"}

// TestHostileNumbers plants absurd numbers in every field: settings of the fold
// and what else the header says, instants, counts. No command takes long, or
// fails as only a mistake of its own makes it.
func TestHostileNumbers(t *testing.T) {
	t.Parallel()
	s := newHostileStage(t)
	fields, err := hostile.Fields(s.lines, hostile.Number)
	if err != nil {
		t.Fatal(err)
	}
	if len(fields) < 100 {
		t.Fatalf("%d fields: this shows nothing: %q", len(fields), fields)
	}
	slowest := time.Duration(0)
	for i, field := range fields {
		for k, n := range absurd {
			// In short one of them for each field, and half of them for settings.
			every := len(absurd)
			if strings.HasPrefix(field, "session.session.settings.") {
				every = 2
			}
			if !thorough && (i+k)%every != 0 {
				continue
			}
			s.plant = func(fields []string) ([][]byte, error) { return hostile.PlantNumber(s.lines, n, fields...) }
			start := time.Now()
			s.try(field+" "+n, field)
			slowest = max(slowest, time.Since(start))
		}
	}
	t.Logf("%d fields, %d runs; the slowest dozen took %v", len(fields), s.runs, slowest)
	if slowest > 2*time.Minute {
		t.Errorf("the commands over one recording took %v", slowest)
	}
}

// A hostileStage runs commands over recordings that are made in one place.
type hostileStage struct {
	*testing.T
	lines       [][]byte
	dir         string
	app         App
	runs, shown int
	// tries counts the recordings.
	tries int
	// plant returns the lines with something in the fields.
	plant func(fields []string) ([][]byte, error)
}

// text plants a payload.
func (s *hostileStage) text(p hostile.Payload) func(fields []string) ([][]byte, error) {
	return func(fields []string) ([][]byte, error) { return hostile.Plant(s.lines, p, fields...) }
}

func newHostileStage(t *testing.T) *hostileStage {
	t.Helper()
	s := &hostileStage{T: t, dir: t.TempDir()}
	var err error
	if s.lines, err = hostile.Lines(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	s.app = App{Version: "test", In: s.file("in"), Out: s.file("out"), Err: s.file("err"), Env: environment(map[string]string{
		"XDG_STATE_HOME": s.dir, "HOME": s.dir, "TERM": "xterm",
	})}
	return s
}

func (s *hostileStage) file(name string) *os.File {
	s.Helper()
	f, err := os.Create(filepath.Join(s.dir, name))
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { f.Close() })
	return f
}

// try plants a payload and runs every command.
func (s *hostileStage) try(what string, fields ...string) {
	s.Helper()
	dir := filepath.Join(s.dir, "flapscope")
	name, stream := filepath.Join(dir, "a.flap.gz"), filepath.Join(s.dir, "stream")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		s.Fatal(err)
	}
	lines, err := s.plant(fields)
	if err == nil {
		err = hostile.Write(name, lines)
	}
	if err != nil {
		s.Fatal(err)
	}
	fresh := filepath.Join(s.dir, "new")
	s.tries++
	for i, line := range hostileCommands {
		os.Remove(fresh)
		args := strings.Fields(strings.NewReplacer("FILE", name, "NEW", fresh, "STREAM", stream).Replace(line))
		if c, _, err := s.app.Command().Find(args); err != nil || !c.HasParent() {
			continue
		}
		few := len(fields) <= 4
		if few && !thorough && (occasional(line) || !strings.Contains(line, " ")) {
			continue // they print the name of the file, and what all print that is wrong with it
		}
		if few && !thorough && line != streamed && (i+s.tries)%2 != 0 {
			continue // its turn is at the next field: all fields at once are for every command
		}
		out := s.run(what+": "+line, strings.Contains(line, "--json"), args)
		if line == streamed {
			if err := os.WriteFile(stream, out, 0o600); err != nil {
				s.Fatal(err)
			}
		}
	}
	s.status(what, name)
}

// occasional reports whether a command is run over all fields at once alone: it
// prints what others do, or takes long.
func occasional(line string) bool {
	return strings.HasPrefix(line, "replay") || strings.HasPrefix(line, "redact") || strings.HasPrefix(line, "diff") ||
		strings.HasPrefix(line, "report") && line != "report --redact none --format html FILE"
}

// run runs one command in this process, and returns what it printed.
func (s *hostileStage) run(what string, isJSON bool, args []string) []byte {
	s.Helper()
	app := s.app
	app.flags = globalFlags{}
	code := app.Main(args)
	var all []byte
	for _, f := range []*os.File{s.app.Out, s.app.Err} {
		b, err := os.ReadFile(f.Name())
		if err != nil {
			s.Fatal(err)
		}
		s.check(what, string(b))
		if f == s.app.Err && strings.Contains(string(b), "panic: ") {
			s.Errorf("%s: %s", what, b)
		}
		if isJSON && f == s.app.Out && code <= exitNegative {
			s.checkJSON(what, string(b))
		}
		if all == nil {
			all = b
		}
		if err := f.Truncate(0); err != nil {
			s.Fatal(err)
		}
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			s.Fatal(err)
		}
	}
	return all
}

func (s *hostileStage) check(what, out string) {
	s.Helper()
	s.runs++
	if strings.Contains(out, hostile.Token) {
		s.shown++
	}
	if trouble := hostile.Trouble(out); trouble != "" {
		s.Errorf("%s: %s", what, trouble)
	}
}

func (s *hostileStage) checkJSON(what, out string) {
	s.Helper()
	dec := json.NewDecoder(strings.NewReader(out))
	for dec.More() {
		var v json.RawMessage
		if err := dec.Decode(&v); err != nil {
			s.Errorf("%s: no JSON: %v", what, err)
			return
		}
	}
}

// status prints what a status says of a recording in the history, and events
// in colour: the machine that it is about is the one of the recording.
func (s *hostileStage) status(what, name string) {
	s.Helper()
	r, err := openRecording(name)
	if err != nil {
		return
	}
	defer r.Close()
	_, end := r.Bounds()
	d := fold.NewDriver(path.DefaultSettings())
	for o, err := range r.All() {
		if err != nil {
			return
		}
		d.Observe(o)
	}
	d.Finish(end)
	snap := d.Snapshot()
	if snap.Raw == nil {
		return
	}
	set := config.Default()
	set.History.Dir = filepath.Dir(name)
	view := statusView{Snapshot: snap}
	view.open, view.last = s.app.past(set)
	var text, doc strings.Builder
	if err := printStatus(term.NewWriter(&text), &view, paint{on: true}); err != nil {
		s.Fatal(err)
	}
	s.check(what+": status", text.String())
	if err := writeJSON(&doc, describeStatus(&view, hostile.Together.Text, "test")); err != nil {
		s.Fatal(err)
	}
	s.check(what+": status --json", doc.String())
	s.checkJSON(what+": status --json", doc.String())
}
