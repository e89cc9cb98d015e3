package report

import (
	"strings"
	"testing"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
)

// An incident is written with its date, in a zone, and what others wrote into it
// does nothing where it is rendered.
func TestIncidentMarkdown(t *testing.T) {
	at := func(s int) fact.Instant {
		return fact.Instant{Time: time.Date(2026, 11, 20, 23, 59, s, 0, time.UTC), Mono: time.Duration(s) * time.Second}
	}
	step := path.Step{Layer: fact.LayerRadio, Text: "kicked by `x`\n```\n<script>"}
	step.Time, step.Mono = at(10).Time, at(10).Mono
	i := &fold.Incident{
		ID: 3, From: at(10), To: at(22), Duration: 12 * time.Second, Down: 12 * time.Second, Count: 1, Severity: fold.SeverityOutage,
		Root: path.Root{What: path.CarrierLost, Leg: path.LegLink}, Cause: []path.Step{step},
		Text: "wlan0 ([link](http://evil.example) @you <img src=x>\x1b]52;c;AAAA\a) went; nothing worked",
	}
	got := IncidentMarkdown(i, []string{"route ![x](http://evil.example)"}, time.FixedZone("", 3600))
	for _, want := range []string{"11-21 00:59:10", "root `carrier_lost`", "12.0 s", "Still worked: nothing."} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	for _, bad := range []string{"[link](", "http://", "@you", "<img", "\x1b", "\a"} {
		if strings.Contains(got, bad) {
			t.Errorf("%q in\n%s", bad, got)
		}
	}
	if n := strings.Count(got, "```"); n != 2 {
		t.Errorf("%d fences in\n%s", n, got)
	}
	if i.Cause[0].Time.Location() != time.UTC {
		t.Error("writing it changed the incident")
	}
}
