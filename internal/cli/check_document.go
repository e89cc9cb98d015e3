package cli

import (
	"net/netip"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/path"
	"flapscope/monitor/verdict"
)

// A checkDocument is the output of "check --json". Its form is a stable contract:
// additions only.
type checkDocument struct {
	Time     string          `json:"time"`
	Host     fact.Untrusted  `json:"host"`
	Version  string          `json:"version"`
	Verdict  verdictDocument `json:"verdict"`
	Duration int64           `json:"duration_ns"`
	Probes   int             `json:"probes"`
	Bytes    int             `json:"bytes"`
	Legs     []legDocument   `json:"legs"`
	// Interfaces are the diagnoses of single interfaces, where they were asked
	// for.
	Interfaces []checkedInterface `json:"interfaces,omitempty"`
}

type checkedInterface struct {
	Interface fact.Untrusted  `json:"interface"`
	Verdict   verdictDocument `json:"verdict"`
	Legs      []legDocument   `json:"legs"`
}

type verdictDocument struct {
	State  path.HealthState `json:"state"`
	Root   *path.Root       `json:"root"`
	Text   fact.Untrusted   `json:"text"`
	Advice []fact.Untrusted `json:"advice"`
	Notes  []noteDocument   `json:"notes"`
	// Since is when it began, where a recording knows.
	Since string `json:"since,omitempty"`
}

type noteDocument struct {
	path.Root
	Text fact.Untrusted
}

// MarshalJSON adds the sentence to the root.
func (n noteDocument) MarshalJSON() ([]byte, error) {
	return fact.AppendJSON(nil, struct {
		What path.What      `json:"what"`
		Root path.Root      `json:"root"`
		Text fact.Untrusted `json:"text"`
	}{n.What, n.Root, n.Text})
}

type legDocument struct {
	Leg       path.LegName     `json:"leg"`
	Family    string           `json:"family"`
	Interface fact.Untrusted   `json:"interface"`
	Entity    fact.Untrusted   `json:"entity"`
	State     verdict.LegState `json:"state"`
	Ms        float64          `json:"ms,omitempty"`
	MTU       int              `json:"mtu,omitempty"`
	Domain    fact.Untrusted   `json:"domain,omitempty"`
	DoT       fact.Outcome     `json:"dot,omitempty"`
	What      path.What        `json:"what,omitempty"`
	Text      fact.Untrusted   `json:"text"`
}

// describeCheck describes what was found out: the first is what the command was
// asked for.
func describeCheck(all []*checked, began time.Time, host, version string) checkDocument {
	first := all[0]
	d := checkDocument{
		Time: fact.FormatTime(began), Host: fact.Untrusted(host), Version: version,
		Verdict: describeVerdict(&first.report), Legs: describeLegs(first.report.Legs),
	}
	if !first.since.IsZero() {
		d.Verdict.Since = fact.FormatTime(first.since)
	}
	for _, x := range all {
		d.Duration = max(d.Duration, int64(x.stats.Took))
		d.Probes += x.stats.Probes
		d.Bytes += x.stats.Bytes
	}
	for _, x := range all[1:] {
		d.Interfaces = append(d.Interfaces, checkedInterface{x.iface, describeVerdict(&x.report), describeLegs(x.report.Legs)})
	}
	return d
}

func describeVerdict(r *verdict.Report) verdictDocument {
	d := verdictDocument{State: r.State, Text: fact.Untrusted(r.Text()), Advice: []fact.Untrusted{}, Notes: []noteDocument{}}
	if r.Root.What != "" {
		root := r.Root.Root()
		d.Root = &root
	}
	for _, s := range r.Advice() {
		d.Advice = append(d.Advice, fact.Untrusted(s))
	}
	for i := range r.Notes {
		n := &r.Notes[i]
		d.Notes = append(d.Notes, noteDocument{n.Root(), fact.Untrusted(n.Text())})
	}
	return d
}

func describeLegs(legs []verdict.Leg) []legDocument {
	out := make([]legDocument, 0, len(legs))
	for i := range legs {
		l := &legs[i]
		d := legDocument{
			Leg: l.Name, Family: l.Family.Scope(), Interface: l.Interface, State: l.State,
			Ms: float64(l.RTT.Microseconds()) / 1000, MTU: l.Finding.MTU, Domain: l.Domain, DoT: l.Sealed, Text: fact.Untrusted(l.Short()),
		}
		if l.State != verdict.LegOK {
			d.What = l.Finding.What
		}
		if l.Addr != (netip.Addr{}) {
			d.Entity = path.AddressEntity(l.Addr)
		}
		out = append(out, d)
	}
	return out
}
