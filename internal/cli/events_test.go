package cli

import (
	"bytes"
	"net/netip"
	"strings"
	"testing"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
)

// printed returns what is printed of events.
func printed(t *testing.T, o eventsOptions, events ...fold.Event) string {
	t.Helper()
	var out bytes.Buffer
	p := newEventPrinter(&out, o, paint{})
	for _, e := range events {
		p.Happened(e, nil)
	}
	if err := p.lines.close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// uses is a transition to a path by an interface.
func uses(at time.Time, from path.Status, name fact.Untrusted, gateway string) fold.Event {
	on := &path.Path{Status: path.Satisfied}
	on.IPv4 = path.FamilyPath{Status: path.Satisfied, Interface: name, Gateway: netip.MustParseAddr(gateway)}
	on.IPv6 = path.FamilyPath{Status: path.Unsatisfied}
	return fold.Event{Time: at, Transition: &fold.Transition{
		Scope: path.ScopeMachine, Phase: fold.PhaseSettled, Initial: from == "", From: from, To: path.Satisfied, Path: on,
	}}
}

// The date and the zone are said once, and again when they change, and a switch
// says from where to where.
func TestEventsForPeople(t *testing.T) {
	at := time.Date(2026, 11, 20, 23, 59, 58, 0, time.FixedZone("", 3600))
	got := printed(t, eventsOptions{},
		uses(at, "", "eth0", "192.0.2.1"),
		uses(at.Add(time.Second), path.Satisfied, "wlan0", "198.51.100.1"),
		uses(at.Add(2*time.Second), path.Satisfied, "wlan0", "198.51.100.2"),
		uses(at.Add(3*time.Second), path.Unsatisfied, "wlan0", "198.51.100.2"),
	)
	want := `2026-11-20 +01:00
23:59:58.000  machine  settled is satisfied  eth0 via 192.0.2.1
23:59:59.000  machine  settled eth0 → wlan0 via 198.51.100.1
2026-11-21 +01:00
00:00:00.000  machine  settled wlan0 via 198.51.100.1 → wlan0 via 198.51.100.2
00:00:01.000  machine  settled unsatisfied → satisfied  wlan0 via 198.51.100.2
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestEventFilters(t *testing.T) {
	name := recorded(t)
	all, _, _ := runMain(t, nil, "events", "--verbose", name)
	if !strings.Contains(all, " raw ") || !strings.Contains(all, "\n14:20:01.000  ipv4 ") || !strings.Contains(all, " episode ") {
		t.Fatalf("this shows nothing:\n%s", all)
	}
	for args, unwanted := range map[string][]string{
		"--settled":                             {" raw "},
		"--scope machine":                       {"ipv4 ", "interface:"},
		"--scope eth0":                          {"  machine  raw", "  machine  settled", "ipv4 "},
		"--episodes":                            {" raw ", " settled "},
		"--since 16:00 --verbose":               {"\n14:", "\n15:"},
		"--settled --scope machine --since=-1h": {" raw ", "ipv4 ", "\n14:", "\n15:"},
	} {
		out, bad, code := runMain(t, nil, append([]string{"events", name}, strings.Fields(args)...)...)
		if code != 0 || strings.Count(out, "\n") < 4 {
			t.Errorf("%s: exit code %d, %s\n%s", args, code, bad, out)
		}
		for _, u := range unwanted {
			if strings.Contains(out, u) {
				t.Errorf("%s: %q in\n%s", args, u, out)
			}
		}
	}
	for _, args := range []string{"--since 16:00", name + " --episodes --all", name + " --since 18:00"} {
		if _, bad, code := runMain(t, nil, append([]string{"events"}, strings.Fields(args)...)...); code != 2 {
			t.Errorf("%s: exit code %d, %s, want 2", args, code, bad)
		}
	}
}
