package cli

import (
	"encoding/json"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"flapscope/history/session"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
	"flapscope/monitor/state"
)

// hourOf writes a recording of an hour in which eth0 lacks its carrier for
// stretches, given by begin and end in seconds, to a directory.
func hourOf(t *testing.T, dir, name string, at time.Time, lost ...[2]int) string {
	t.Helper()
	set := path.DefaultSettings()
	mono := time.Duration(at.Unix()-1_700_000_000) * time.Second
	w, err := session.Create(filepath.Join(dir, name+session.Suffix), at, mono, session.Header{Settings: set, Host: session.Host{BootID: "b"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	d := fold.NewDriver(set, &eventWriter{w})
	up := func(second int, up bool) {
		when := time.Duration(second)*time.Second + time.Millisecond
		for _, f := range wired(up) {
			o := fact.Observation{Time: at.Add(when), Mono: mono + when, Op: fact.Put, Fact: f}
			d.Advance(o.Mono)
			if err := w.Append(&o); err != nil {
				t.Fatal(err)
			}
			d.Observe(o)
		}
	}
	up(0, true)
	for _, l := range lost {
		up(l[0], false)
		if l[1] < 3600 {
			up(l[1], true)
		}
	}
	d.Finish(mono + time.Hour)
	if err := w.Close(at.Add(time.Hour), mono+time.Hour, "stop"); err != nil {
		t.Fatal(err)
	}
	return w.Name()
}

// An eventWriter writes the events that it hears to a recording.
type eventWriter struct{ *session.Writer }

func (*eventWriter) Observed(fact.Observation, *state.State) {}

func (w *eventWriter) Happened(e fold.Event, _ func() *fold.Snapshot) { w.AppendEvent(&e) }

func TestIncidentsCommand(t *testing.T) {
	home := t.TempDir()
	at := time.Date(2026, 11, 20, 22, 30, 0, 0, time.UTC)
	dir := t.TempDir()
	quiet := hourOf(t, t.TempDir(), "quiet", at)
	first := hourOf(t, dir, "a", at, [2]int{60, 68}, [2]int{5390 - 1800, 3600})
	second := hourOf(t, dir, "b", at.Add(time.Hour), [2]int{600, 605})
	const (
		head   = "FROM TO LASTED SEVERITY WHAT HAPPENED\n"
		short  = "2026-11-20 22:31:00 22:31:08 8.0 s outage eth0 lost its carrier; nothing worked\n"
		open   = "2026-11-20 23:29:50 still 10.0 s outage eth0 has no carrier; nothing works\n"
		short2 = "2026-11-20 23:40:00 23:40:05 5.0 s outage eth0 lost its carrier; nothing worked\n"
	)
	for name, tt := range map[string]struct {
		args string
		code int
		want string
	}{
		"none":       {quiet, 0, "no incident: 2026-11-20 22:30:00-23:30:00\n"},
		"none-json":  {"--json " + quiet, 0, ""},
		"file":       {first, 1, head + short + open},
		"since":      {"--since 30m " + first, 1, head + open},
		"since-time": {"--since 22:31:05 " + first, 1, head + short + open},
		"since-none": {"--since 1s " + second, 0, "no incident: 2026-11-21 00:29:59-00:30:00\n"},
		"directory":  {dir, 1, head + short + open + short2},
		"files":      {second + " " + first, 1, head + short + open + short2},
		"what-if":    {"--settle-down 9s " + first, 1, head + open},
		"what-if-2":  {"--settle-down 6s " + second, 0, "no incident: 2026-11-20 23:30:00 - 2026-11-21 00:30:00\n"},
		"missing":    {quiet + ".not", 3, ""},
		"since-what": {"--since yesterday " + quiet, 2, ""},
		"since-late": {"--since 2030-01-01T00:00:00Z " + quiet, 2, ""},
		"misuse":     {"--nosuch", 2, ""},
		"no-history": {"", 3, ""},
	} {
		t.Run(name, func(t *testing.T) {
			out, bad, code := runMain(t, map[string]string{"XDG_STATE_HOME": home}, append([]string{"incidents"}, strings.Fields(tt.args)...)...)
			if code != tt.code || (code >= 2) != (bad != "") {
				t.Errorf("exit code %d, want %d; %s", code, tt.code, bad)
			}
			if got := regexp.MustCompile(" +").ReplaceAllString(out, " "); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", out, tt.want)
			}
		})
	}
	out, _, _ := runMain(t, nil, "incidents", "--json", first)
	events, _, _ := runMain(t, nil, "events", "--json", first)
	for line := range strings.Lines(out) {
		var k struct{ Phase string }
		if err := json.Unmarshal([]byte(line), &k); err != nil {
			t.Fatal(err)
		}
		if k.Phase == "closed" && !strings.Contains(events, line) {
			t.Errorf("not as events has it: %s", line)
		}
	}
	if n := strings.Count(out, "\n"); n != 2 {
		t.Errorf("%d lines of JSON, want 2", n)
	}
}
