package cli

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"flapscope/internal/text"
	"flapscope/monitor"
)

// A statusDocument is the output of "status --json". Its form is a stable
// contract: additions only.
type statusDocument struct {
	Time     string              `json:"time"`
	Host     monitor.Untrusted   `json:"host"`
	Version  string              `json:"version"`
	Path     *monitor.Path       `json:"path"`
	Health   monitor.Health      `json:"health"`
	Flapping bool                `json:"flapping"`
	Episode  *monitor.Episode    `json:"episode"`
	Last     []*monitor.Episode  `json:"last_episodes"`
	Notices  []monitor.Untrusted `json:"notices,omitempty"`
	Quality  monitor.Quality     `json:"quality"`
}

// shownEpisodes is how many closed episodes a status shows.
const shownEpisodes = 3

// describeStatus adds to a snapshot what the ring knows of the past: the
// episodes that go on and the last ones.
func describeStatus(s *monitor.Snapshot, open, last []*monitor.Episode, host, version string) statusDocument {
	d := statusDocument{
		Time: monitor.FormatTime(s.Time), Host: monitor.Untrusted(host), Version: version,
		Path: s.Raw, Health: s.Health, Flapping: s.Flapping || flapping(open) != nil, Quality: s.Quality,
		Episode: current(s, open), Last: last,
	}
	if d.Last == nil {
		d.Last = []*monitor.Episode{}
	}
	for _, n := range sortedNotices(s) {
		d.Notices = append(d.Notices, n.Text)
	}
	return d
}

// flapping returns the open episode of the machine's flapping, or nil. A status
// does not run for long enough to see it by itself.
func flapping(open []*monitor.Episode) *monitor.Episode {
	for _, e := range open {
		if e.What == "flapping" && e.Scope == monitor.ScopeMachine {
			return e
		}
	}
	return nil
}

// current returns the open episode that matters most, or nil: the machine's
// flapping rather than an interface's.
func current(s *monitor.Snapshot, open []*monitor.Episode) *monitor.Episode {
	worst := monitor.WorstEpisode(open)
	if f := flapping(open); f != nil && worst.What == f.What {
		worst = f
	}
	return cmp.Or(worst, s.Current)
}

// asking returns how long ago the first probe was sent that is lost, or 0 while
// none is.
func asking(s *monitor.Snapshot) (since time.Duration) {
	for _, t := range s.Targets {
		if t.Lost > 0 {
			since = max(since, s.Mono-t.LostSince)
		}
	}
	return since
}

// printStatus prints the status for people: the answer first, then what it
// rests on.
func printStatus(out io.Writer, s *monitor.Snapshot, open, last []*monitor.Episode, p paint) error {
	raw := s.Raw
	var b strings.Builder
	b.WriteString(p.status(raw.Status))
	if raw.Reason != "" {
		b.WriteString("  " + string(raw.Reason))
	}
	if raw.Status == monitor.Satisfied {
		fmt.Fprintf(&b, "  %s (%s)", raw.Interface, word(raw.Type))
	}
	if s.Health.State != monitor.HealthUnknown {
		b.WriteString("  " + p.health(s.Health.State))
		if s.Health.Text != "" {
			b.WriteString(p.dye(sgrDim, "  "+s.Health.Text.Display()))
		}
	}
	if s.Health.State == monitor.HealthUnknown && raw.Status == monitor.Satisfied && silent(s, "") {
		b.WriteString("  " + p.dye(sgrRed, "nothing answered"))
		if asked := asking(s); asked > 0 {
			b.WriteString(p.dye(sgrDim, " in "+text.Duration(asked)))
		}
	}
	if f := flapping(open); f != nil || s.Flapping {
		b.WriteString("  " + p.dye(sgrRed, "FLAPPING"))
		if f != nil {
			b.WriteString(p.dye(sgrDim, fmt.Sprintf("  %s losses in %s", text.Number(f.RawFlaps), text.Duration(f.Duration))))
		}
	}
	b.WriteByte('\n')
	for _, f := range monitor.Families {
		b.WriteString(p.familyLine(f.Scope(), raw.Family(f)))
	}
	b.WriteString(p.row("dns", dnsWords(raw)))
	if t := raw.Tunnel; t != nil {
		b.WriteString(p.row("tunnel", fmt.Sprintf("%s, %s, over %s", t.Interface, t.Mode, orDash(t.Underlay != "", t.Underlay))))
	}
	h := s.Health
	b.WriteString(p.row("health", fmt.Sprintf("gateway %s, dns %s, internet %s, portal check %s", h.Gateway, h.DNS, h.Internet, h.Portal)))
	for _, i := range raw.Interfaces {
		if i.Candidate || i.InUse {
			why := string(i.Status)
			if i.Reason != "" {
				why = string(i.Reason)
			}
			b.WriteString(p.row(i.Name.Display(), word(i.Type)+", "+word(why)))
		}
	}
	if now := current(s, open); now != nil {
		b.WriteString(p.row("now", strings.TrimSpace(p.episode(now))+", since "+now.Start.Format(clockLayout)))
	}
	for _, e := range last {
		b.WriteString(p.row("episode", e.Start.Format("2006-01-02 15:04:05")+"  "+p.episode(e)))
	}
	for _, n := range sortedNotices(s) {
		b.WriteString(p.row("notice", n.Text.Display()))
	}
	_, err := io.WriteString(out, b.String())
	return err
}

func (p paint) row(name, text string) string {
	return p.dye(sgrDim, fmt.Sprintf("  %-9s ", name)) + text + "\n"
}

func (p paint) familyLine(name string, f *monitor.FamilyPath) string {
	text := p.status(f.Status)
	if f.Reason != "" {
		text += " " + string(f.Reason)
	}
	if f.Status == monitor.Satisfied {
		text += fmt.Sprintf("  %s via %s from %s", f.Interface, word(orDash(f.Gateway.IsValid(), f.Gateway)), word(f.Source.String()))
	}
	return p.row(name, text)
}

func dnsWords(path *monitor.Path) string {
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
func (p paint) health(h monitor.HealthState) string {
	switch h {
	case monitor.HealthOnline:
		return p.dye(sgrGreen, string(h))
	case monitor.HealthNoInternet:
		return p.dye(sgrRed, string(h))
	}
	return p.dye(sgrYellow, string(h))
}

// sortedNotices returns the notices by key.
func sortedNotices(s *monitor.Snapshot) []*monitor.Notice {
	var out []*monitor.Notice
	for _, n := range s.Notices {
		out = append(out, n)
	}
	slices.SortFunc(out, func(a, b *monitor.Notice) int { return strings.Compare(a.Key, b.Key) })
	return out
}
