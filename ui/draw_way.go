package ui

import (
	"strings"

	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
	"flapscope/themes"
)

// A wayHop is a router on a way, and how fast it answered; one that did not has no
// address.
type wayHop struct{ addr, took string }

// mostHops is how many hops the pane shows: of a longer way those where it ends.
const mostHops = 6

// wayPane shows the way of the incident at the cursor as it was traced at the onset:
// the routers that answered, and where no answer came any more.
func (f *frame) wayPane() pane {
	i := f.selected.incident
	if i == nil && f.tl != nil && !f.unread() {
		if open := going(f.incidentsAt()); len(open) > 0 {
			i = open[0]
		}
	}
	if i == nil || f.tl == nil {
		return pane{}
	}
	family, hops := wayOf(i, f.tl.Evidence(i))
	if len(hops) == 0 {
		return pane{}
	}
	if i.Root.Leg == path.LegInternet && i.Severity == fold.SeverityOutage && hops[len(hops)-1].addr != "" {
		hops = append(hops, wayHop{}) // what is traced is silent, too
	}
	p := pane{title: "WAY OVER " + family, remark: "at the onset", least: 2}
	for n := max(0, len(hops)-mostHops); n < len(hops); n++ {
		p.rows = append(p.rows, f.hopRow(n+1, hops[n], n == len(hops)-1))
	}
	return p
}

// hopRow shows a hop; last is whether the way ends there.
func (f *frame) hopRow(number int, h wayHop, last bool) paneRow {
	r := paneRow{key: num(int64(number)), keyStyle: f.Muted, at: 3, right: f.muted(h.took)}
	switch {
	case h.addr != "":
		r.parts = spans{{h.addr, f.Text}}
	case last:
		r.keyStyle, r.parts = f.Bad, spans{{"silent from here", f.Bad.With(themes.Bold)}}
	default:
		r.parts = spans{{"no answer", f.Dim}}
	}
	return r
}

// wayOf finds in the evidence of an incident the way over the family that it is of,
// else the first: "way over IPv4: 192.0.2.1 0.9 ms, *, *". What did not answer at its
// end is one hop.
func wayOf(i *fold.Incident, evidence []string) (family string, hops []wayHop) {
	for _, line := range evidence {
		rest, ok := strings.CutPrefix(line, "way over ")
		name, list, both := strings.Cut(rest, ": ")
		if !ok || !both || hops != nil && name != i.Root.Family.Title() {
			continue
		}
		family, hops = fact.Untrusted(name).Display(), nil
		for said := range strings.SplitSeq(list, ", ") {
			addr, took, _ := strings.Cut(said, " ")
			if addr == "*" {
				addr, took = "", ""
			}
			hops = append(hops, wayHop{fact.Untrusted(addr).Display(), fact.Untrusted(took).Display()})
		}
		for n := len(hops); n > 1 && hops[n-1].addr == "" && hops[n-2].addr == ""; n-- {
			hops = hops[:n-1]
		}
	}
	return family, hops
}
