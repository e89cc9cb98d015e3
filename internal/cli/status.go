package cli

import (
	"cmp"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"
	"time"

	"flapscope/internal/text"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
	"flapscope/monitor/verdict"
)

// A statusDocument is the output of "status --json". Its form is a stable
// contract: additions only.
type statusDocument struct {
	Time     string           `json:"time"`
	Host     fact.Untrusted   `json:"host"`
	Version  string           `json:"version"`
	Path     *path.Path       `json:"path"`
	Health   path.Health      `json:"health"`
	Flapping bool             `json:"flapping"`
	Episode  *fold.Episode    `json:"episode"`
	Last     []*fold.Episode  `json:"last_episodes"`
	Notices  []fact.Untrusted `json:"notices,omitempty"`
	// Incidents are those that go on by the recording that is being written.
	Incidents []statusIncident `json:"incidents,omitempty"`
	Quality   fold.Quality     `json:"quality"`
	// Verdict and Legs are what a diagnosis says, in the words of "check", and Undecided
	// are those of the legs of which it could tell nothing.
	Verdict   *verdictDocument `json:"verdict,omitempty"`
	Legs      []legDocument    `json:"legs,omitempty"`
	Undecided []legDocument    `json:"undecided,omitzero"`
	// Request is what was asked for with --to, --require and --prohibit, and the
	// path that it gets.
	Request *requestDocument `json:"request,omitempty"`
}

// A statusView is what a status shows: how things are, and what the ring knows of the
// past: the episodes that go on and the last ones.
type statusView struct {
	*fold.Snapshot
	// found is what a diagnosis of the path said, or nil without one.
	found      *verdict.Report
	open, last []*fold.Episode
}

// A requestDocument is what a status is asked for and the path that it gets.
type requestDocument struct {
	To        fact.Untrusted   `json:"to,omitempty"`
	Addresses []netip.Addr     `json:"addresses,omitempty"`
	Require   []fact.LinkType  `json:"require,omitempty"`
	Prohibit  []path.Condition `json:"prohibit,omitempty"`
	*path.Offer
	// Connection is that of a program which connected when it first could.
	Connection *connectionDocument `json:"connection,omitempty"`
}

// A connectionDocument says how a connection does.
type connectionDocument struct {
	Viable     bool           `json:"viable"`
	Since      string         `json:"since"`
	Interface  fact.Untrusted `json:"interface,omitempty"`
	Source     netip.Addr     `json:"source,omitzero"`
	Reason     path.Reason    `json:"reason,omitempty"`
	BetterPath fact.Untrusted `json:"better_path,omitempty"`
}

// describeRequest returns the document of a request, or nil without one.
func describeRequest(r *requirement, q *path.Request, o *path.Offer, c *fold.Connection) *requestDocument {
	if q == nil {
		return nil
	}
	d := &requestDocument{fact.Untrusted(r.to), q.To, q.Require, q.Prohibit, o, nil}
	if c != nil {
		d.Connection = &connectionDocument{c.Viable(), fact.FormatTime(c.Since.Time), c.Path.Interface, c.Path.Source, c.Path.Reason, c.Better}
	}
	return d
}

// A statusIncident is what a status says of an incident.
type statusIncident struct {
	From     string         `json:"from"`
	Severity fold.Severity  `json:"severity"`
	Root     path.Root      `json:"root"`
	Text     fact.Untrusted `json:"text"`
}

// shownEpisodes is how many closed episodes a status shows.
const shownEpisodes = 3

// describeStatus returns the document of a status.
func describeStatus(s *statusView, host, version string) statusDocument {
	d := statusDocument{
		Time: fact.FormatTime(s.Time), Host: fact.Untrusted(host), Version: version,
		Path: s.Raw, Health: s.Health, Flapping: s.Flapping || flapping(s.open) != nil, Quality: s.Quality,
		Episode: s.current(), Last: s.last,
	}
	if s.found != nil {
		v := describeVerdict(s.found)
		d.Verdict, d.Legs, d.Undecided = &v, describeLegs(s.found.Legs), describeLegs(s.found.Undecided())
	}
	if d.Last == nil {
		d.Last = []*fold.Episode{}
	}
	for _, i := range s.Incidents {
		d.Incidents = append(d.Incidents, statusIncident{fact.FormatTime(i.From.Time), i.Severity, i.Root, i.Text})
	}
	for _, n := range sortedNotices(s.Snapshot) {
		d.Notices = append(d.Notices, n.Text)
	}
	return d
}

// flapping returns the open episode of the machine's flapping, or nil. A status
// does not run for long enough to see it by itself.
func flapping(open []*fold.Episode) *fold.Episode {
	for _, e := range open {
		if e.What == "flapping" && e.Scope == path.ScopeMachine {
			return e
		}
	}
	return nil
}

// current returns the open episode that matters most, or nil: the machine's
// flapping rather than an interface's.
func (s *statusView) current() *fold.Episode {
	worst := fold.WorstEpisode(s.open)
	if f := flapping(s.open); f != nil && worst.What == f.What {
		worst = f
	}
	return cmp.Or(worst, s.Current)
}

// silent reports whether targets are asked and none of them has ever answered.
func silent(s *fold.Snapshot) bool {
	asked := false
	for _, t := range s.Targets {
		if t.Role == fact.RoleStandby {
			continue
		}
		if t.Answered != 0 {
			return false
		}
		asked = true
	}
	return asked
}

// asking returns how long ago the first probe was sent that is lost, or 0 while
// none is.
func asking(s *fold.Snapshot) (since time.Duration) {
	for _, t := range s.Targets {
		if t.Lost > 0 {
			since = max(since, s.Mono-t.LostSince)
		}
	}
	return since
}

// printStatus prints the status for people: the answer first, then what it
// rests on.
func printStatus(out io.Writer, s *statusView, p paint) error {
	raw := s.Raw
	var b strings.Builder
	b.WriteString(p.answer(s))
	for _, f := range fact.Families {
		b.WriteString(p.familyLine(f.Scope(), raw.Family(f)))
	}
	b.WriteString(p.row("dns", dnsWords(raw)))
	if t := raw.Tunnel; t != nil {
		b.WriteString(p.row("tunnel", fmt.Sprintf("%s, %s, over %s", t.Interface, t.Mode, orDash(t.Underlay != "", t.Underlay))))
	}
	h := s.Health
	b.WriteString(p.row("health", fmt.Sprintf("gateway %s, dns %s, internet %s, portal check %s", h.Gateway, h.DNS, h.Internet, h.Portal)))
	if s.found != nil {
		b.WriteString(p.found(s.found))
	}
	for _, i := range raw.Interfaces {
		if i.Candidate || i.InUse {
			b.WriteString(p.row(i.Name.Display(), interfaceWords(s, i)))
		}
	}
	for _, i := range s.Incidents {
		b.WriteString(p.row("incident", i.From.Time.Format(clockLayout)+"  "+p.dye(p.severity(i.Severity), word(i.Severity))+"  "+i.Text.Display()))
	}
	if now := s.current(); now != nil && len(s.Incidents) == 0 {
		b.WriteString(p.row("now", episodeWords(now)+" since "+now.Start.Format(clockLayout)+episodeCounts(now)))
	}
	for _, e := range s.last {
		b.WriteString(p.row("episode", e.Start.Format("2006-01-02 15:04:05")+"  "+episodeWords(e)+" for "+text.Duration(e.Duration)+episodeCounts(e)))
	}
	for _, n := range sortedNotices(s.Snapshot) {
		b.WriteString(p.row("notice", n.Text.Display()))
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// episodeWords says of what an episode was, what it was, and why.
func episodeWords(e *fold.Episode) string {
	return strings.TrimSpace(word(e.Scope) + " " + word(e.What) + " " + word(e.Reason))
}

// found says what a diagnosis could not tell, and why, and its notes.
func (p paint) found(r *verdict.Report) string {
	var open []string
	for _, l := range r.Undecided() {
		open = append(open, string(l.Name)+" over "+l.Family.Title()+": "+strings.TrimPrefix(l.Short(), "unknown: "))
	}
	var b strings.Builder
	if len(open) > 0 {
		b.WriteString(p.row("undecided", strings.Join(open, "; ")))
	}
	for i := range r.Notes {
		b.WriteString(p.row("note", r.Notes[i].Text()))
	}
	return b.String()
}

// interfaceWords says how an interface does, and whether one that stands by would
// carry the path.
func interfaceWords(s *statusView, i *path.InterfacePath) string {
	why := string(i.Status)
	if i.Reason != "" {
		why = string(i.Reason)
	}
	said := word(i.Type) + ", " + word(why)
	if i.InUse {
		return said
	}
	return said + s.standby(i)
}

// standby says how the gateways of an interface that stands by do: by a diagnosis, or
// by the probes of a recording.
func (s *statusView) standby(i *path.InterfacePath) string {
	var well, silent []string
	add := func(gateway netip.Addr, is verdict.LegState) {
		switch is {
		case verdict.LegOK:
			well = append(well, gateway.String()+" answers")
		case verdict.LegBad:
			silent = append(silent, gateway.String()+" is silent")
		}
	}
	if s.found != nil {
		for j := range s.found.Legs {
			if l := &s.found.Legs[j]; l.Name == verdict.LegStandby && l.Interface == i.Name {
				add(l.Addr, l.State)
			}
		}
	} else {
		for _, t := range s.Targets {
			switch {
			case t.Role != fact.RoleStandby || t.Index != i.Index:
			case t.Lost >= t.Enough():
				add(t.Addr, verdict.LegBad)
			case t.Answered != 0:
				add(t.Addr, verdict.LegOK)
			}
		}
		slices.Sort(well)
		slices.Sort(silent)
	}
	switch {
	case len(well) > 0:
		return ", stands by: gateway " + text.And(append(well, silent...))
	case len(silent) > 0:
		return ", stands by, but gateway " + text.And(silent)
	}
	return ""
}

// answer is the first line: what the machine can do now, and how well.
func (p paint) answer(s *statusView) string {
	raw := s.Raw
	var b strings.Builder
	b.WriteString(p.status(raw.Status))
	if raw.Reason != "" {
		b.WriteString("  " + string(raw.Reason))
	}
	if raw.Status == path.Satisfied {
		fmt.Fprintf(&b, "  %s (%s)", raw.Interface, word(raw.Type))
	}
	if s.Health.State != path.HealthUnknown {
		b.WriteString("  " + p.health(s.Health.State))
		if s.Health.Text != "" {
			b.WriteString(p.dye(sgrDim, "  "+s.Health.Text.Display()))
		}
	}
	if s.Health.State == path.HealthUnknown && raw.Status == path.Satisfied && silent(s.Snapshot) {
		b.WriteString("  " + p.dye(sgrRed, "nothing answered"))
		if asked := asking(s.Snapshot); asked > 0 {
			b.WriteString(p.dye(sgrDim, " in "+text.Duration(asked)))
		}
	}
	if f := flapping(s.open); f != nil || s.Flapping {
		b.WriteString("  " + p.dye(sgrRed, "FLAPPING"))
		if f != nil {
			b.WriteString(p.dye(sgrDim, fmt.Sprintf("  %s losses in %s", text.Number(f.RawFlaps), text.Duration(f.Duration))))
		}
	}
	b.WriteByte('\n')
	return b.String()
}

func (p paint) row(name, text string) string {
	return p.dye(sgrDim, fmt.Sprintf("  %-9s ", name)) + text + "\n"
}

func (p paint) familyLine(name string, f *path.FamilyPath) string {
	text := p.status(f.Status)
	if f.Reason != "" {
		text += " " + string(f.Reason)
	}
	if f.Status == path.Satisfied {
		text += fmt.Sprintf("  %s via %s from %s", f.Interface, word(orDash(f.Gateway.IsValid(), f.Gateway)), word(f.Source.String()))
	}
	if f.DeadRoute != "" {
		text += ": " + f.DeadRoute.Display()
	}
	return p.row(name, text)
}

func dnsWords(path *path.Path) string {
	if len(path.Resolvers) == 0 {
		return "no resolver configured"
	}
	var list []string
	for _, r := range path.Resolvers {
		list = append(list, word(r.String()))
	}
	text := strings.Join(list, " ")
	if !path.DNS {
		text += " (not routable)"
	}
	return text
}

// health colours a health word.
func (p paint) health(h path.HealthState) string {
	switch h {
	case path.HealthOnline:
		return p.dye(sgrGreen, string(h))
	case path.HealthNoInternet:
		return p.dye(sgrRed, string(h))
	}
	return p.dye(sgrYellow, string(h))
}

// sortedNotices returns the notices by key.
func sortedNotices(s *fold.Snapshot) []*fact.Notice {
	var out []*fact.Notice
	for _, n := range s.Notices {
		out = append(out, n)
	}
	slices.SortFunc(out, func(a, b *fact.Notice) int { return strings.Compare(a.Key, b.Key) })
	return out
}
