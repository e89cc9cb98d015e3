package path

import (
	"net/netip"
	"slices"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// checkedNames are what the findings of a diagnosis are about, and what is wrong
// with it: the questions for them are not asked all the time.
var checkedNames = map[What][2]string{
	ResolverLies:    {"resolver", "lies"},
	ResolverMissing: {"name server", "none configured"},
	ResolverFailed:  {"resolver", "answers for IPv4 alone"},
	Latency:         {"resolver", "slow"},
	TLSIntercepted:  {"TLS", "intercepted"},
	ClockWrong:      {"the clock of this machine", "wrong"},
	DNSIntercepted:  {"DNS", "intercepted"},
	HTTPProxy:       {"plain HTTP", "rewritten"},
	NAT64:           {"IPv4", "by NAT64"},
	NAT64Silent:     {"NAT64", "silent"},

	CertificateInvalid: {"certificates", "not valid"},
	HTTPSBlocked:       {"HTTPS", "blocked"},
	OwnQueue:           {"this machine's own queue", "full"},
}

// checked takes in what the newest diagnosis found, as long as the path goes by the
// interface that it asked by. It holds until the next one.
func (e *healthEvaluator) checked() {
	c := e.state.Check()
	if c == nil || c.Index != e.path.Index {
		return
	}
	for i := range c.Findings {
		x := &c.Findings[i]
		names, known := checkedNames[What(x.What)]
		if !known {
			continue
		}
		f := Finding{
			Root: Root{
				What: What(x.What), Leg: LegName(x.Leg), Interface: e.state.Name(x.Index), Index: x.Index,
				Family: x.Family, Entity: AddressEntity(x.Addr),
			},
			Note: x.Note, Since: x.Since, Before: x.Before, Detail: x.Detail.Display(),
			Name: names[0], Words: names[1], Checked: c.Begun,
		}
		if f.Leg == LegDNS && f.Entity != "" {
			f.Name += " " + string(f.Entity)
		}
		asked := slices.IndexFunc(e.findings, func(o Finding) bool { return o.Leg == f.Leg && o.Entity == f.Entity })
		switch {
		case asked >= 0:
			// What is asked all the time says that something is wrong with it.
			e.findings[asked].sharpen(&f)
		case (f.What == ResolverFailed || f.What == Latency) && e.answersAgain(x.Addr, c.Begun):
		case x.Note:
			e.Notes = append(e.Notes, f)
		default:
			e.found(f)
		}
	}
}

// sharpen takes over why a name server does not answer, or not as it should, which a
// diagnosis made since has found: it waits for an answer longer than probes do.
func (f *Finding) sharpen(by *Finding) {
	silent := f.What == ResolverSilent
	failing := silent || f.What == ResolverFailed && by.Detail != ""
	switch {
	case by.Checked < f.Since:
	case by.What == ResolverFailed && failing:
		f.What, f.Detail = by.What, by.Detail
	case by.What == Latency && silent:
		f.What, f.Detail, f.Words = by.What, by.Detail, by.Words+" "+by.Detail
	}
}

// answersAgain reports whether a name server was well again after an instant.
func (e *healthEvaluator) answersAgain(at netip.Addr, since time.Duration) bool {
	return slices.ContainsFunc(e.targets, func(t *state.TargetState) bool {
		return t.Role == fact.RoleResolver && t.Addr.WithZone("") == at.WithZone("") && t.Well > since
	})
}

// rechecked returns when what a diagnosis found was over, and when it was found
// last: the next one did not find it, or the path went elsewhere.
func (f *Finding) rechecked(s *state.State) (at, last time.Duration) {
	if f.Leg == LegPortal {
		if c := s.Capports[f.Index]; c != nil && c.Asked > f.Checked && !c.Captive {
			return c.Asked, f.Checked
		}
		return s.Mono, f.Checked
	}
	if c := s.Check(); c != nil && c.Begun > f.Checked {
		return c.Begun, f.Checked
	}
	return s.Mono, f.Checked
}
