package cli

import (
	"bytes"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"flapscope/internal/term"
	"flapscope/monitor/fact"
	"flapscope/monitor/path"
	"flapscope/monitor/verdict"
	"flapscope/probes/checkup"
)

var (
	// sgr are the sequences that colour words.
	sgr       = regexp.MustCompile("\x1b\\[[0-9;]*m")
	fixedTime = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
)

// portalled is a diagnosis behind a portal that says evil things.
func portalled() *checked {
	e := &verdict.Evidence{Operators: []string{"one", "two"}}
	e.Ways[0] = verdict.Way{
		Status: path.Satisfied, Interface: "wlan\x1b[31m0", Index: 2, MTU: 1500, Neighbour: verdict.NeighbourAlive,
		Gateway: netip.MustParseAddr("192.0.2.1"), Source: netip.MustParsePrefix("192.0.2.7/24"),
	}
	e.Ways[1] = verdict.Way{Status: path.Unsatisfied, Reason: path.ReasonNoAddress, Interface: "wlan\x1b[31m0", Index: 2}
	for n, a := range []string{"1.1.1.1", "8.8.8.8"} {
		o := verdict.Outcome{Role: fact.RoleInternet, Family: fact.IPv4, Operator: uint8(n), Addr: netip.MustParseAddr(a), Sent: 2, Result: fact.OutcomeTimeout}
		e.Outcomes = append(e.Outcomes, o)
		o.Ask = verdict.Connect
		e.Outcomes = append(e.Outcomes, o)
	}
	e.Outcomes = append(e.Outcomes, verdict.Outcome{
		Ask: verdict.Page, Role: fact.RolePortal, Family: fact.IPv4, Addr: netip.MustParseAddr("203.0.113.80"),
		Result: fact.OutcomePortal, Answered: 1, Said: "http://login.example/\x1b]0;evil\x07\n" + fact.Untrusted(strings.Repeat("x", 300)),
	})
	x := &checked{operators: 2, scope: checkup.Scope{Ways: e.Ways}, stats: checkup.Stats{Hops: [2][]checkup.Hop{{{Addr: netip.MustParseAddr("192.0.2.1"), RTT: 1}, {}}}}}
	verdict.Judge(e, &x.report)
	return x
}

// No line is longer than the terminal but for a word that can't be broken, and
// nothing of others is taken for a control sequence.
func TestCheckPage(t *testing.T) {
	for _, width := range []int{100, 80, 60, 40} {
		p := &checkPage{paint: paint{on: true}, width: width}
		p.page(portalled())
		var out bytes.Buffer
		if _, err := term.NewWriter(&out).Write([]byte(p.b.String())); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(out.String()) {
			plain := sgr.ReplaceAllString(strings.TrimSuffix(line, "\n"), "")
			if strings.ContainsAny(plain, "\x1b\x07") {
				t.Errorf("width %d: control in %q", width, plain)
			}
			if n := utf8.RuneCountInString(plain); n > width && !strings.Contains(plain, "xxx") {
				t.Errorf("width %d: %d cells in %q", width, n, plain)
			}
		}
		for _, want := range []string{"PORTAL", "A captive portal wants a login first", "where it ends", "Try"} {
			if !strings.Contains(strings.Join(strings.Fields(out.String()), " "), want) && width > 40 {
				t.Errorf("width %d: no %q in\n%s", width, want, out.String())
			}
		}
	}
}

// The document has what its contract says.
func TestCheckDocument(t *testing.T) {
	x := portalled()
	d := describeCheck([]*checked{x, x}, fixedTime, "host", "test")
	if d.Verdict.State != path.HealthPortal || d.Verdict.Root == nil || d.Verdict.Root.What != path.CaptivePortal || len(d.Interfaces) != 1 {
		t.Errorf("%+v", d.Verdict)
	}
	for _, l := range d.Legs {
		if l.Leg == path.LegGateway && l.Family == "ipv4" && (l.State != verdict.LegOK || l.Entity != "192.0.2.1") {
			t.Errorf("%+v", l)
		}
	}
	var b bytes.Buffer
	if err := writeJSON(&b, d); err != nil || strings.ContainsAny(b.String(), "\x1b\x07") {
		t.Errorf("%v %q", err, b.String())
	}
}

// TestCheckPageNames: where there is no column for whom a line is about, the cells of
// those of which there may be several say it.
func TestCheckPageNames(t *testing.T) {
	x := portalled()
	x.report.Legs = append(x.report.Legs,
		verdict.Leg{Name: path.LegDNS, Family: fact.IPv4, State: verdict.LegOK, Addr: netip.MustParseAddr("192.0.2.53")},
		verdict.Leg{Name: verdict.LegStandby, Family: fact.IPv4, Interface: "wwan0", State: verdict.LegOK})
	for _, width := range []int{100, 80, 60} {
		p := &checkPage{width: width}
		p.page(x)
		for _, want := range []string{"192.0.2.53", "wwan0"} {
			if strings.Count(p.b.String(), want) != 1 {
				t.Errorf("width %d does not say %s once:\n%s", width, want, p.b.String())
			}
		}
	}
}
