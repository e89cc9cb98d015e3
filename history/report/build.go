package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"flapscope/history/pattern"
	"flapscope/history/session"
	"flapscope/history/stats"
	"flapscope/history/timeline"
	"flapscope/internal/text"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
	"flapscope/monitor/state"
)

// An Input is a stretch of a recording, folded again: all that a report is made
// of.
type Input struct {
	// File is what the recording is called where the report tells how to open it,
	// or empty.
	File      string
	Header    session.Header
	Redaction string
	Complete  bool
	Span      timeline.Span
	View      *timeline.View
	Snapshot  *fold.Snapshot
	Collector *Collector
	Online    *stats.OnlineFinder
	Episodes  []fold.Episode
	Incidents []*fold.Incident
	Patterns  []pattern.Pattern
}

// Build makes a report.
func Build(in *Input) *Report {
	span := in.Span
	r := &Report{
		Schema: Schema, Redaction: cmp.Or(in.Redaction, "none"), From: in.View.Clock(span.From), To: in.View.Clock(span.To),
		Legs: []Leg{}, Incidents: []Incident{}, Notes: []Incident{}, Gaps: []Gap{}, Marks: []Mark{}, Patterns: []fact.Untrusted{}, Checks: []Check{},
		span: span, view: in.View, transitions: in.Collector.transitions, file: in.File,
	}
	r.machine(in)
	r.signals = in.Collector.radios.signals
	r.AccessPoints = in.Collector.radios.accessPoints(in.Collector.name)
	r.blind = in.Collector.gapSpans()
	for _, g := range in.Collector.gaps {
		r.Gaps = append(r.Gaps, Gap{in.View.Clock(g.From), g.To - g.From, fact.Untrusted(g.Reason), g.Text})
	}
	r.Marks = append(r.Marks, in.Collector.marks...)
	for _, p := range in.Patterns {
		r.Patterns = append(r.Patterns, fact.Untrusted(p.Text()))
	}
	r.Patterns = append(r.Patterns, in.Collector.scans.rhythms(span, in.Collector.name)...)
	r.incidents(in)
	r.shares(in)
	r.legs()
	r.checks(in)
	r.verdict()
	return r
}

// machine gathers what is known of the machine.
func (r *Report) machine(in *Input) {
	h := in.Header
	r.Machine = Machine{
		Host: h.Host.Name, OS: h.Host.OS, Kernel: h.Host.Kernel, Arch: fact.Untrusted(h.Host.Arch), Version: fact.Untrusted(h.Version),
		Synced: h.Synced, Complete: in.Complete, Note: h.Note, Interfaces: []Interface{}, Resolvers: []fact.Untrusted{}, VPN: []fact.Untrusted{}, Notices: []fact.Untrusted{},
	}
	for _, name := range slices.Sorted(maps.Keys(in.Collector.managers)) {
		r.Machine.Managers = append(r.Machine.Managers, in.Collector.managers[name].Words())
	}
	r.Machine.VPN = append(r.Machine.VPN, in.Collector.vpn()...)
	r.Machine.kinds = map[fact.Untrusted]fact.Untrusted{}
	for _, name := range r.Machine.VPN {
		if l := in.Collector.links[name]; l != nil {
			r.Machine.kinds[name] = l.LinkKind
		}
	}
	for _, l := range in.View.Lanes(in.Span) {
		if !l.Hidden && len(r.Machine.Interfaces) < mostInterfaces {
			r.Machine.Interfaces = append(r.Machine.Interfaces, r.networkInterface(in, l))
		}
	}
	if in.Snapshot == nil {
		return
	}
	for _, s := range state.EffectiveResolvers(&state.State{Resolvers: in.Snapshot.Resolvers}) {
		if len(r.Machine.Resolvers) < mostInterfaces {
			r.Machine.Resolvers = append(r.Machine.Resolvers, fact.Untrusted(s.Addr.String()))
		}
	}
	for _, n := range in.Snapshot.Notices {
		r.Machine.Notices = append(r.Machine.Notices, n.Text)
	}
	slices.Sort(r.Machine.Notices)
}

// mostInterfaces is how many interfaces a report shows.
const mostInterfaces = 12

func (r *Report) networkInterface(in *Input, l timeline.Lane) Interface {
	k := Interface{Name: l.Name, Type: fact.Untrusted(l.Type), scope: l.Scope, index: l.Index}
	for _, h := range in.Header.Host.Interfaces {
		if h.Name == l.Name {
			k.Driver, k.Firmware = h.Driver, h.Firmware
		}
	}
	if link := in.Collector.links[l.Name]; link != nil {
		k.Counters = in.Collector.counted[link.Index].within()
		k.Settings = in.Collector.settings(link)
		k.Kind, k.MTU, k.CarrierChanges = link.LinkKind, link.MTU, link.CarrierChanges-in.Collector.carrier[l.Name]
	}
	for _, s := range within(in.View.Segments(l.Scope, in.Span, 0), in.Span) {
		switch s.Level {
		case timeline.LevelGood, timeline.LevelDegraded:
			k.InUse += s.To - s.From
		case timeline.LevelStandby:
			k.Ready += s.To - s.From
		}
	}
	if in.Snapshot != nil {
		for _, a := range in.Snapshot.Addresses {
			if a.Index == l.Index && a.Scope < fact.ScopeLink && len(k.Addresses) < mostInterfaces {
				k.Addresses = append(k.Addresses, a.Words())
			}
		}
		slices.Sort(k.Addresses)
	}
	return k
}

// within cuts segments to a span.
func within(list []timeline.Segment, span timeline.Span) (out []timeline.Segment) {
	for _, s := range list {
		s.From, s.To = max(s.From, span.From), min(s.To, span.To)
		if s.From < s.To {
			out = append(out, s)
		}
	}
	return out
}

// incidents sorts the incidents of the span by what they took.
func (r *Report) incidents(in *Input) {
	for _, i := range in.Incidents {
		end := i.To.Mono
		if i.Open() {
			end = r.span.To
		}
		if end < r.span.From || i.From.Mono > r.span.To {
			continue
		}
		k := incidentOf(i)
		k.Evidence = append(k.Evidence, in.View.Evidence(i)...)
		k.span = timeline.Span{From: max(i.From.Mono, r.span.From), To: min(end, r.span.To)}
		// What lies before or after is another report's.
		k.Lost = min(k.Lost, k.span.To-k.span.From)
		if k.Class == ClassNote {
			r.Notes = append(r.Notes, k)
			continue
		}
		r.Incidents = append(r.Incidents, k)
	}
	slices.SortStableFunc(r.Incidents, func(a, b Incident) int {
		return cmp.Or(cmp.Compare(a.Class.rank(), b.Class.rank()), cmp.Compare(b.Lost, a.Lost))
	})
}

// classOf says how much an incident took.
func classOf(i *fold.Incident) Class {
	switch {
	case i.Note():
		return ClassNote
	case i.Root.What == path.Loss, i.Root.What == path.Latency:
		return ClassSlow
	case i.Severity != fold.SeverityOutage, i.Root.Family != 0, slices.Contains(i.Works, "ipv4"), slices.Contains(i.Works, "ipv6"):
		return ClassPart
	}
	return ClassDead
}

func (c Class) rank() int {
	return slices.Index([]Class{ClassDead, ClassPart, ClassSlow, ClassNote}, c)
}

// shares finds out how much of the time was well, in three ways.
func (r *Report) shares(in *Input) {
	machine := within(in.View.Segments(path.ScopeMachine, r.span, 0), r.span)
	var without, observed []timeline.Span
	for _, s := range machine {
		switch timeline.ConditionOf(s.Level) {
		case timeline.ConditionDown:
			without = append(without, s.Span)
			observed = append(observed, s.Span)
		case timeline.ConditionUp:
			observed = append(observed, s.Span)
		}
	}
	// One loss can have several levels: no carrier, and then no address yet.
	without, observed = timeline.Union(without), timeline.Union(observed)
	for _, s := range observed {
		r.Observed += s.To - s.From
	}
	t := stats.ScopeTimeline{Scope: path.ScopeMachine, Segments: machine, Settled: in.View.Settled(path.ScopeMachine, r.span)}
	t.Offline, t.Probed = in.Online.Of(in.View, path.ScopeMachine, r.span)
	sum := stats.Summarize([]stats.ScopeTimeline{t}, nil, nil)
	r.Losses, r.Recovery = sum.Scopes[0].Losses, sum.Scopes[0].Recovery
	r.Satisfied = share(observed, without)
	r.dead = without
	if t.Probed {
		r.dead = timeline.Union(append(slices.Clone(without), clip(t.Offline, r.span)...))
		r.Reachable = share(observed, r.dead)
	}
	for _, i := range r.Incidents {
		// When one that came and went took everything is known exactly.
		if i.Class != ClassDead || i.Count <= 1 {
			r.hurt = append(r.hurt, i.span)
		}
	}
	r.hurt = timeline.Union(append(r.hurt, r.dead...))
	r.Untroubled = share(observed, r.hurt)
}

func clip(list []timeline.Span, span timeline.Span) (out []timeline.Span) {
	for _, s := range list {
		if s = (timeline.Span{From: max(s.From, span.From), To: min(s.To, span.To)}); s.From < s.To {
			out = append(out, s)
		}
	}
	return out
}

// legNames are the legs in the order of the way from this machine outwards.
var legNames = []path.LegName{path.LegRadio, path.LegLink, path.LegAddress, path.LegRoute, path.LegTunnel, path.LegGateway, path.LegDNS, path.LegInternet, path.LegPortal}

func (r *Report) legs() {
	for _, name := range legNames {
		l := Leg{Leg: name, Worst: ClassNote}
		for _, i := range r.Incidents {
			if i.Root.Leg == name {
				l.Incidents, l.Lost = l.Incidents+1, l.Lost+i.Lost
				if i.Class.rank() < l.Worst.rank() {
					l.Worst = i.Class
				}
			}
		}
		if l.Incidents > 0 {
			r.Legs = append(r.Legs, l)
		}
	}
}

// checks sums up what was probed.
func (r *Report) checks(in *Input) {
	for _, t := range in.View.Targets(r.span) {
		s := in.Collector.checks[t.ID]
		if s == nil || len(r.Checks) >= mostChecks {
			continue
		}
		c := Check{Name: t.Name, Role: t.Role, Method: t.Method, id: t.ID}
		if t.Family != 0 {
			c.Family = t.Family.Scope()
		}
		r.Checks = append(r.Checks, s.summed(c))
	}
	for i := range r.Incidents {
		k := &r.Incidents[i]
		for _, row := range r.rows() {
			c := IncidentCheck{Name: row.name}
			for _, b := range row.columns(r.view, k.span, 1) {
				c.N, c.Failed = c.N+int(b.Answered+b.Lost), c.Failed+int(b.Lost)
			}
			if c.N > 0 {
				k.Checks = append(k.Checks, c)
			}
		}
	}
}

// mostChecks is how many targets a report has figures of.
const mostChecks = 40

// howAdded says why the incidents do not add up to what the headline has: some
// are at the same time, and some are not over as soon as something answers.
const howAdded = " An incident counts from the first failure until all of it works again, so they can add up to another time than that above."

// verdict says it all in a sentence, and what cost most in another.
func (r *Report) verdict() {
	var lost time.Duration
	for _, s := range r.dead {
		lost += s.To - s.From
	}
	observed := text.Duration(r.Observed)
	switch {
	case r.Observed == 0:
		r.Headline = "Nothing was observed"
	case lost > 0 && r.Reachable != nil:
		r.Headline = "For " + text.Duration(lost) + " of " + observed + " nothing on this machine reached the internet"
	case lost > 0:
		r.Headline = "For " + text.Duration(lost) + " of " + observed + " this machine had no path"
	case len(r.Incidents) == 0:
		r.Headline = "Nothing went wrong in " + observed
	default:
		r.Headline = text.Count(len(r.Incidents), "incident") + " in " + observed + ", and never was everything lost"
	}
	if len(r.Incidents) == 0 {
		return
	}
	most := &r.Incidents[0]
	type key struct {
		what path.What
		name fact.Untrusted
	}
	sums := map[key]time.Duration{}
	times := map[key]int{}
	for i := range r.Incidents {
		k := key{r.Incidents[i].Root.What, r.Incidents[i].Root.Interface}
		sums[k] += r.Incidents[i].Lost
		times[k] += max(r.Incidents[i].Count, 1)
		if sums[k] > sums[key{most.Root.What, most.Root.Interface}] {
			most = &r.Incidents[i]
		}
	}
	k := key{most.Root.What, most.Root.Interface}
	head, _ := most.sentence()
	head = strings.TrimSuffix(head, fmt.Sprintf(" %d ×", most.Count))
	var b strings.Builder
	b.WriteString(text.Count(len(r.Incidents), "incident") + ". What cost most: " + head + " (")
	if times[k] > 1 {
		b.WriteString(text.Number(times[k]) + " times, ")
	}
	b.WriteString(text.Duration(sums[k]) + " in all).")
	if list, sum := r.of(ClassDead); lost > 0 && len(list) > 0 && text.Duration(sum) != text.Duration(lost) {
		b.WriteString(howAdded)
	}
	r.Summary = b.String()
}
