package ui

import (
	"slices"
	"testing"

	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
)

// TestWayOf checks that the pane has the hops in their places, those that are silent
// at the end as one, of the family that has the trouble.
func TestWayOf(t *testing.T) {
	evidence := []string{
		"link eth0 wired: up",
		"way over IPv4: 192.0.2.1 0.9 ms, *, 203.0.113.14 3.8 ms, *, *, *",
		"way over IPv6: 2001:db8::1 1.1 ms",
		"way over nothing",
	}
	silent := []wayHop{{"192.0.2.1", "0.9 ms"}, {}, {"203.0.113.14", "3.8 ms"}, {}}
	for _, c := range []struct {
		family fact.Family
		lines  []string
		over   string
		want   []wayHop
	}{
		{fact.IPv4, evidence, "IPv4", silent},
		{0, evidence, "IPv4", silent},
		{fact.IPv6, evidence, "IPv6", []wayHop{{"2001:db8::1", "1.1 ms"}}},
		{fact.IPv4, evidence[:1], "", nil},
		{fact.IPv4, []string{"way over \x1b[2J: \x1b]0;x\a 1 ms"}, "\\x1b[2J", []wayHop{{"\\x1b]0;x\\a", "1 ms"}}},
	} {
		family, hops := wayOf(&fold.Incident{Root: path.Root{Family: c.family}}, c.lines)
		if family != c.over || !slices.Equal(hops, c.want) {
			t.Errorf("over %v of %q: %q %q, want %q %q", c.family, c.lines, family, hops, c.over, c.want)
		}
	}
}

// traced is a past in which each incident has a way to the gateway.
type traced struct{ Timeline }

func (traced) Evidence(*fold.Incident) []string {
	return []string{"way over IPv4: 192.0.2.1 0.9 ms"}
}

// TestWayPane checks that the pane says where a way ends beyond which nothing answers,
// and is not there where nothing is wrong.
func TestWayPane(t *testing.T) {
	for _, c := range []struct {
		leg      path.LegName
		severity fold.Severity
		rows     int
		last     string
	}{
		{path.LegInternet, fold.SeverityOutage, 2, "silent from here"},
		{path.LegInternet, fold.SeverityDegraded, 1, "192.0.2.1"},
		{path.LegDNS, fold.SeverityOutage, 1, "192.0.2.1"},
	} {
		f := startScope(sceneOf(t, "good"), Options{}, 120, 40).frame()
		f.tl = traced{f.tl}
		if p := f.wayPane(); len(p.rows) > 0 {
			t.Errorf("without an incident there is %v", p)
		}
		f.selected.incident = &fold.Incident{Root: path.Root{Leg: c.leg}, Severity: c.severity}
		p := f.wayPane()
		if len(p.rows) != c.rows || p.rows[len(p.rows)-1].parts[0].text != c.last {
			t.Errorf("%s, %s: %v, want %d hops, the last %q", c.leg, c.severity, p, c.rows, c.last)
		}
	}
}
