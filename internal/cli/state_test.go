package cli

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"flapscope/history/session"
	"flapscope/monitor/fact"
	"flapscope/monitor/path"
	"flapscope/monitor/state"
)

// What a dead carrier does to a route is in the route's own flags.
func TestPrintState(t *testing.T) {
	s := state.NewState()
	put := func(f fact.Fact) { s.Apply(fact.Observation{Op: fact.Put, Fact: f}) }
	put(&fact.Link{Index: 2, Name: "wlan0"})
	put(&fact.Route{
		Family: fact.IPv4, Table: 254, Type: fact.RouteUnicast, Dst: netip.MustParsePrefix("0.0.0.0/0"),
		Gateway: netip.MustParseAddr("192.0.2.1"), Index: 2, Metric: 100, Flags: fact.RouteDead | fact.RouteLinkdown,
	})
	put(&fact.Rule{Family: fact.IPv4, Priority: 32766, Table: 254})
	var b strings.Builder
	if err := printState(&b, s, time.Date(2026, 11, 21, 9, 43, 50, 0, time.FixedZone("", 3600)), false); err != nil {
		t.Fatal(err)
	}
	if first, _, _ := strings.Cut(b.String(), "\n"); first != "2026-11-21 09:43:50.000 +01:00" {
		t.Errorf("the first line is %q", first)
	}
	for _, want := range []string{"dead linkdown", "  table main  unicast default  192.0.2.1  wlan0  metric 100"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("got\n%s\nwant in it %q", b.String(), want)
		}
	}
	if strings.Contains(b.String(), "254") {
		t.Errorf("table 254 is called main:\n%s", b.String())
	}
}

// The recording is of 14:00:00 to 17:30:00.
func TestStateAt(t *testing.T) {
	name := recorded(t)
	for at, want := range map[string]string{
		"2026-11-20T14:10:00Z": "2026-11-20 14:10:00.000 +00:00",
		"14:00:00":             "2026-11-20 14:00:00.000 +00:00",
		"17:30":                "2026-11-20 17:30:00.000 +00:00",
		"+1h":                  "2026-11-20 15:00:00.000 +00:00",
		"-30m":                 "2026-11-20 17:00:00.000 +00:00",
	} {
		out, bad, code := runMain(t, nil, "state", name, "--at", at)
		if first, _, _ := strings.Cut(out, "\n"); code != 0 || first != want {
			t.Errorf("--at %s: exit code %d, %q %s, want %q", at, code, first, bad, want)
		}
	}
	for _, at := range []string{"2030-01-01T00:00:00Z", "+1000h", "-1000h", "2020-01-01T00:00:00Z", "13:59:59", "17:30:01"} {
		want := "flapscope: " + at + " is outside the recording (2026-11-20 14:00:00-17:30:00)\n"
		for _, args := range [][]string{{"state", name, "--at=" + at}, {"state", name, "--json", "--at=" + at}, {"replay", name, "--at=" + at}} {
			if out, bad, code := runMain(t, nil, args...); code != 2 || bad != want || out != "" {
				t.Errorf("%s: exit code %d, %q %q, want 2 and %q", args[0], code, out, bad, want)
			}
		}
	}
}

// The clock of a screen is known to within some milliseconds. Whoever asks for
// a second must not see the one before.
func TestReplayShowsTheSecondAskedFor(t *testing.T) {
	const boot = 100 * time.Hour
	at := time.Date(2026, 11, 20, 14, 0, 0, 7e8, time.UTC)
	name := t.TempDir() + "/a" + session.Suffix
	w, err := session.Create(name, at, boot, session.Header{Settings: path.DefaultSettings()}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		since := time.Duration(i) * time.Second
		for _, f := range wired(i%2 == 0) {
			// The wall clock of the observations is behind that of the header.
			if err := w.Append(&fact.Observation{Time: at.Add(since - 3*time.Millisecond), Mono: boot + since, Op: fact.Put, Fact: f}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(at.Add(20*time.Second), boot+20*time.Second, "stop"); err != nil {
		t.Fatal(err)
	}
	r, c := readAll(t, name)
	_, from, err := replayOptions{at: "14:00:10"}.bounds(c)
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Timeline().At(from).Time; got.Format(time.TimeOnly) != "14:00:10" {
		t.Errorf("--at 14:00:10 shows %v", got)
	}
}

func TestStateDifference(t *testing.T) {
	name := hourOf(t, t.TempDir(), "a", time.Date(2026, 11, 20, 14, 0, 0, 0, time.UTC), [2]int{600, 660})
	for args, want := range map[string]string{
		"--at +5s --diff +10s":        "2026-11-20 14:00:05-14:00:10\nnothing changed\n",
		"--at 14:09:00 --diff +630s":  "2026-11-20 14:09:00-14:10:30\nchanged  link  eth0  flags UP LOWER_UP → UP, lower_up true → false, operstate UP → DOWN\n",
		"--diff +700s":                "2026-11-20 14:00:00-14:11:40\n",
		"--json --at +5s --diff +10s": `"changes": []`,
	} {
		out, bad, code := runMain(t, nil, append(append([]string{"state"}, strings.Fields(args)...), name)...)
		if code != 0 || bad != "" || !strings.Contains(out, want) {
			t.Errorf("%s: exit code %d, %s\n%s\nwant\n%s", args, code, bad, out, want)
		}
	}
	for _, args := range []string{"--diff +5s", "--diff +2h " + name, "--diff +5s -"} {
		if _, bad, code := runMain(t, nil, append([]string{"state"}, strings.Fields(args)...)...); code != exitUsage || bad == "" {
			t.Errorf("%s: exit code %d, %s", args, code, bad)
		}
	}
}
