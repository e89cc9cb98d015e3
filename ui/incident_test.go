package ui

import (
	"net/netip"
	"strings"
	"testing"
	"time"
	"unicode"

	tea "charm.land/bubbletea/v2"

	"flapscope/history/timeline"
	"flapscope/internal/scene"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
	"flapscope/themes"
	"flapscope/ui/grid"
)

// TestHeadlineNeverGivesWay: at every width the header has the state, what is
// wrong in whole words and for how long.
func TestHeadlineNeverGivesWay(t *testing.T) {
	for story, want := range map[string][]string{
		"outage": {"UNSATISFIED", "eth0", "8 s"},
		"silent": {"NO INTERNET", "gateway", "18 s"},
		"portal": {"PORTAL", "portal", "eth0", " s"},
		"dns":    {"DEGRADED", "192.0.2.53", "1 min 29 s"},
	} {
		m := staged(t, story, Options{}, 80, 24)
		for w := minWidth; w <= 200; w++ {
			m.Update(tea.WindowSizeMsg{Width: w, Height: 24})
			head := m.grid.Plain()[0]
			for _, word := range want {
				if !strings.Contains(head, word) {
					t.Errorf("%s, %d columns: no %q in %q", story, w, word, head)
				}
			}
			if strings.Contains(head, "…") {
				t.Errorf("%s, %d columns: cut: %q", story, w, head)
			}
		}
	}
}

// TestIncidentsFollowTheCursor: in the past the list says what was known then,
// and counts what went on.
func TestIncidentsFollowTheCursor(t *testing.T) {
	feed := sceneOf(t, "failover")
	p := startScope(feed, Options{Replay: true, From: feed.End - 10*time.Minute - 10*time.Second}, 120, 40)
	rows := func() []string {
		g := grid.New(120, 20, themes.Unicode)
		drawIncidents(g.Area(), p.frame().incidentsView())
		return g.Plain()[1:]
	}
	at := rows()
	for y, want := range []string{
		"14:28:47      15.0 s ! resolver 192.168.1.1 answered SERVFAIL",
		"14:21:29        28 s × wlan0 was deauthenticated",
		"14:20:41",
	} {
		if !strings.HasPrefix(strings.TrimLeft(at[y], "▸ "), want) {
			t.Errorf("row %d is %q, want %q", y, at[y], want)
		}
	}
	if open := strings.HasSuffix(strings.TrimSpace(at[1]), "● open"); !open {
		t.Errorf("it is not marked as open: %q", at[1])
	}
	if p.frame().incidentsView().current != 1 {
		t.Error("the cursor is not at the incident that goes on")
	}
	tap(t, p, "end")
	if got := rows()[1]; !strings.Contains(got, "48.0 s × wlan0 was deauthenticated") || strings.Contains(got, "open") {
		t.Errorf("after it %q", got)
	}
	tap(t, p, "home")
	if got := p.frame().incidentsView(); got.current >= 0 || got.remarks[len(got.remarks)-1] != "0" {
		t.Errorf("before all the cursor is at %d, and %q are known", got.current, got.remarks)
	}
}

// TestEventsRowHasNoDigits: a column has one mark, the worst of what happened.
func TestEventsRowHasNoDigits(t *testing.T) {
	for _, name := range scene.Names() {
		f := startScope(sceneOf(t, name), Options{}, 120, 40).frame()
		g := grid.New(f.cols, 1, themes.Unicode)
		drawMarks(g.Area(), f)
		if row := g.Plain()[0]; strings.ContainsFunc(row, unicode.IsDigit) {
			t.Errorf("%s: %q", name, row)
		}
	}
}

// TestSpans: the graver of two incidents has the columns that they share, and
// they are told apart without colours.
func TestSpans(t *testing.T) {
	incident := func(from, to time.Duration, s fold.Severity, what path.What, leg path.LegName) *fold.Incident {
		i := &fold.Incident{Severity: s, Phase: fold.PhaseOpen, Root: path.Root{What: what, Leg: leg, Interface: "eth0"}}
		i.From.Mono, i.To.Mono = from, to
		return i
	}
	const s = time.Second
	slow := incident(2*s, 20*s, fold.SeverityDegraded, path.Latency, path.LegGateway)
	down := incident(8*s, 10*s+1, fold.SeverityOutage, path.CarrierLost, path.LegLink)
	dns := incident(25*s, 25*s, fold.SeverityDegraded, path.ResolverSilent, path.LegDNS)
	open := incident(36*s, 0, fold.SeverityOutage, path.GatewaySilent, path.LegGateway)
	far := incident(0, time.Nanosecond, fold.SeverityOutage, path.GatewaySilent, path.LegGateway)
	for _, c := range []struct {
		all  []*fold.Incident
		want string
	}{
		{[]*fold.Incident{slow, down, dns, open}, "  ──────━━━─ slow ──     ─ dns      ━━━▶"},
		{[]*fold.Incident{down}, "        ━━━ eth0                        "},
		{[]*fold.Incident{far}, "━ gateway                               "},
		{nil, strings.Repeat(" ", 40)},
	} {
		v := spansView{
			look: look{Styles: &themes.Styles{}}, axis: axis{timeline.Span{To: 40 * s}, s, 40},
			incidents: c.all, present: 39*s + 1,
		}
		g := grid.New(40, 1, themes.Unicode)
		drawSpans(g.Area(), v)
		if got := g.Plain()[0]; got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

// TestNewestEventCounts: what happened at the newest instant has happened.
func TestNewestEventCounts(t *testing.T) {
	tl := timeline.NewTimeline(timeline.DefaultLimits())
	now := time.Unix(1e9, 0)
	tl.Observed(fact.Observation{Time: now, Mono: time.Hour, Op: fact.Put, Fact: &fact.Notice{Key: "x", Text: "x"}}, nil)
	p := startScope(&swapping{stage: sceneOf(t, "empty"), tl: tl.View()}, Options{}, 80, 24)
	if v := p.frame().eventsView(); v.empty != "" || v.remark != "1 event" {
		t.Errorf("%q, %q", v.empty, v.remark)
	}
}

// TestLadder: the popup says when, why, what worked and what ended it.
func TestLadder(t *testing.T) {
	for _, s := range []screen{{80, 24}, {120, 40}, {200, 60}} {
		m := staged(t, "failover", Options{}, s.w, s.h)
		press(t, m, "P", "P", "enter")
		shown := written(m)
		for _, want := range []string{
			"× outage", "Fri 20 Nov 14:21:29", "wlan0 was deauthenticated by AP (reason 4: it heard nothing); nothing", "48.0 s, until 14:22:17.000",
			"wlan0 deauthenticated by AP (reason 4: ", "wlan0 carrier lost", "+3.0 ms", "wwan0 10.64.3.17/30 added", "+48.0 s", "EVIDENCE",
		} {
			if !strings.Contains(shown, want) {
				t.Errorf("%dx%d: no %q in\n%s", s.w, s.h, want, shown)
			}
		}
		press(t, m, "up")
		expect(t, m, "resolver 192.168.1.1 answered SERVFAIL")
		if press(t, m, "x"); len(m.popups) != 0 {
			t.Error("another key does not close it")
		}
	}
}

// TestLadderOfWhatGoesOn has no end yet.
func TestLadderOfWhatGoesOn(t *testing.T) {
	m := staged(t, "outage", Options{}, 120, 40)
	press(t, m, "enter")
	expect(t, m, "eth0 has no carrier; nothing works")
	expect(t, m, "since 14:31:59.000, for 8 s")
	expect(t, m, "not yet")
}

// TestGatewayOfItsInterface: IPv6 goes out by eth0 and IPv4 by wlan0.
func TestGatewayOfItsInterface(t *testing.T) {
	p := &path.Path{Interface: "eth0"}
	p.IPv4.Interface, p.IPv4.Gateway = "wlan0", netip.MustParseAddr("192.168.1.1")
	p.IPv6.Interface, p.IPv6.Gateway = "eth0", netip.MustParseAddr("fe80::1")
	if got := gatewayOf(p).String(); got != "fe80::1" {
		t.Errorf("beside eth0 stands %s", got)
	}
	p.IPv6.Gateway = netip.Addr{}
	if got := gatewayOf(p); got.IsValid() {
		t.Errorf("beside eth0 stands %s, the gateway of wlan0", got)
	}
}

// TestStretchOfAnOpenIncident checks that what is open at the cursor is shown until
// then, not to the end of the recording.
func TestStretchOfAnOpenIncident(t *testing.T) {
	m := start(sceneOf(t, "outage"), Options{Replay: true, Width: 5 * time.Minute}, 120, 40)
	press(t, m, "P", "right", "2")
	if screenHas(m, "14:32:08") || screenHas(m, "14:32:10") || !screenHas(m, "since 14:31:59.000, for 4 s") {
		t.Errorf("four seconds after the onset the stretch goes on to the end:\n%s", onScreen(m))
	}
}

// With outages the longest is one of these, since their sum stands before it; an
// incident that waits whether it comes again is marked so.
func TestRemarksOfIncidents(t *testing.T) {
	f := startScope(sceneOf(t, "outage"), Options{}, 120, 40).frame()
	outage := &fold.Incident{Severity: fold.SeverityOutage, Duration: 20 * time.Second, Longest: 20 * time.Second, Down: 20 * time.Second}
	slow := &fold.Incident{Severity: fold.SeverityDegraded, Duration: time.Minute, Longest: time.Minute}
	if got := f.incidentRemarks([]*fold.Incident{slow, outage})[0]; !strings.HasSuffix(got, "longest 20 s") {
		t.Errorf("got %q", got)
	}
	if got := f.incidentRemarks([]*fold.Incident{slow})[0]; !strings.HasSuffix(got, "longest 1 min") {
		t.Errorf("got %q", got)
	}
	v := f.incidentsView()
	over := *v.rows[0]
	over.To, over.Phase = fact.Instant{Mono: f.at, Time: f.atTime}, fold.PhaseUpdate
	for phase, want := range map[fold.Phase]bool{fold.PhaseUpdate: true, fold.PhaseClosed: false} {
		g := grid.New(110, 1, themes.Unicode)
		over.Phase = phase
		drawIncident(g.Area(), v, &over, false)
		if got := strings.Contains(g.Plain()[0], mayReturn); got != want {
			t.Errorf("%s: %q", phase, g.Plain()[0])
		}
	}
}
