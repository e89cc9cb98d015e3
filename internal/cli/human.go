package cli

import (
	"fmt"
	"strings"

	"flapscope/internal/term"
	"flapscope/internal/text"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
)

// A paint colours words for people, or leaves them alone.
type paint struct{ on bool }

// The SGR colours of the 16-colour palette: every terminal has them, and the
// user's own theme decides how they look.
const (
	sgrDim    = "2"
	sgrBold   = "1"
	sgrRed    = "31"
	sgrGreen  = "32"
	sgrYellow = "33"
	sgrBlue   = "34"
)

func (p paint) dye(sgr, s string) string {
	if !p.on || s == "" {
		return s
	}
	return term.Style(sgr, s)
}

// word returns a word of ours that may come from a recording, where it may be
// anything.
func word[S ~string](s S) string { return fact.Untrusted(s).Display() }

// status colours a status word.
func (p paint) status(s path.Status) string {
	switch s {
	case path.Satisfied:
		return p.dye(sgrGreen, string(s))
	case path.RequiresConnection:
		return p.dye(sgrYellow, string(s))
	}
	return p.dye(sgrRed, word(s))
}

const (
	clockLayout = "15:04:05.000"
	// indent is the width of the time column with the space behind it.
	indent = len(clockLayout) + 2
)

// event returns an event as aligned lines for people, without the last
// newline. Was is what a transition's scope used before. Brief leaves out what
// an incident says.
func (p paint) event(e *fold.Event, name fact.Untrusted, was string, brief bool) string {
	at := p.dye(sgrDim, e.Time.Format(clockLayout)) + "  "
	switch {
	case e.Transition != nil:
		return at + p.transition(e, was, brief)
	case e.Episode != nil:
		return at + p.episode(e.Episode)
	case e.Incident != nil:
		return at + p.incident(e.Incident)
	case e.Connection != nil:
		return at + p.connection(e.Connection)
	}
	return at + p.observation(e.Observation, name)
}

func (p paint) transition(e *fold.Event, was string, brief bool) string {
	t := e.Transition
	var b strings.Builder
	fmt.Fprintf(&b, "%-8s %-7s %s", word(t.Scope), word(t.Phase), p.change(t, was))
	if t.Flapping {
		b.WriteString("  " + p.dye(sgrYellow, "flapping"))
	}
	if d := t.DeclaredMono - e.Mono; t.Phase == fold.PhaseSettled && d > 0 {
		b.WriteString(p.dye(sgrDim, "  declared after "+text.Duration(d)))
	}
	if !brief {
		b.WriteString(p.steps(t.Cause))
	}
	return b.String()
}

// change says what changed: the status, or what a path that stays satisfied
// uses.
func (p paint) change(t *fold.Transition, was string) string {
	via := where(t)
	if t.From == t.To && via != "" && was != "" && was != via {
		old, _, _ := strings.Cut(was, " ")
		now, _, _ := strings.Cut(via, " ")
		if old != now {
			was = old
		}
		return was + " → " + via
	}
	var b strings.Builder
	if t.Initial {
		b.WriteString("is ")
	} else {
		b.WriteString(p.status(t.From) + " → ")
	}
	b.WriteString(p.status(t.To))
	if t.Reason != "" {
		b.WriteString(" " + word(t.Reason))
	}
	if via != "" {
		b.WriteString("  " + via)
	}
	return b.String()
}

// where names the interface and next hop that the scope's path uses.
func where(t *fold.Transition) string {
	f := t.Path.IPv4
	switch {
	case t.Scope == path.ScopeIPv6 || t.Scope == path.ScopeMachine && f.Status != path.Satisfied:
		f = t.Path.IPv6
	case t.Scope != path.ScopeIPv4 && t.Scope != path.ScopeMachine:
		return ""
	}
	if f.Status != path.Satisfied {
		return ""
	}
	text := f.Interface.Display()
	if f.Gateway.IsValid() {
		text += " via " + word(f.Gateway.String())
	}
	return text
}

// steps prints a cause chain as a tree beneath its event.
func (p paint) steps(steps []path.Step) string {
	var b strings.Builder
	for i, s := range steps {
		branch := "├ "
		if i == len(steps)-1 {
			branch = "└ "
		}
		b.WriteString("\n" + strings.Repeat(" ", indent) + p.dye(sgrDim, branch))
		if s.Interface != "" {
			b.WriteString(s.Interface.Display() + " ")
		}
		b.WriteString(s.Text.Display())
		if i > 0 {
			b.WriteString(p.dye(sgrDim, "  +"+text.Duration(s.After)))
		}
	}
	return b.String()
}

// severity colours what says how bad an incident is.
func (p paint) severity(s fold.Severity) string {
	return map[fold.Severity]string{
		fold.SeverityOutage: sgrRed, fold.SeverityDegraded: sgrYellow, fold.SeverityNote: sgrBlue,
	}[s]
}

func (p paint) incident(i *fold.Incident) string {
	line := fmt.Sprintf("%-8s %-7s ", "incident", word(i.Phase))
	line += p.dye(p.severity(i.Severity), fmt.Sprintf("%-8s", word(i.Severity))) + "  " + p.dye(sgrBold, i.Text.Display())
	if !i.Open() {
		line += p.dye(sgrDim, "  "+text.Duration(i.Duration)+" from "+i.From.Time.Format(clockLayout))
	}
	return line
}

func (p paint) connection(c *fold.ConnectionEvent) string {
	colour := sgrYellow
	switch {
	case c.Viable != nil && *c.Viable:
		colour = sgrGreen
	case c.Viable != nil:
		colour = sgrRed
	}
	return fmt.Sprintf("%-16s ", word(text.Words(c.Kind()))) + p.dye(colour, c.Words().Display())
}

func (p paint) episode(ep *fold.Episode) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-8s %-7s ", word(ep.Scope), "episode")
	b.WriteString(p.dye(sgrBold, fmt.Sprintf("#%d %s", ep.ID, word(ep.What))))
	if ep.Reason != "" {
		b.WriteString(" " + word(ep.Reason))
	}
	if ep.Open && len(ep.Cause) > 0 && ep.Cause[0].Layer == fact.LayerProbe {
		b.WriteString(": " + ep.Cause[0].Text.Display())
	} else if ep.Open {
		b.WriteString(" begins")
	} else {
		b.WriteString(" ends after " + text.Duration(ep.Duration))
	}
	b.WriteString(episodeCounts(ep))
	if !ep.Open {
		b.WriteString(p.steps(ep.Recovery))
	}
	return b.String()
}

// episodeCounts says how often an episode came, and what of it was not observed.
func episodeCounts(ep *fold.Episode) (said string) {
	if ep.RawFlaps > 1 {
		said = fmt.Sprintf(", %d raw losses", ep.RawFlaps)
	}
	if ep.Gaps > 0 {
		said += ", without " + text.Duration(ep.Gaps) + " of gaps"
	}
	return said
}

// observation prints a fact in a few words; its whole content is in the JSON.
func (p paint) observation(o *fact.Observation, name fact.Untrusted) string {
	said := o.Fact.Words()
	if name != "" {
		said = name + " " + said
	}
	op := ""
	if o.Op == fact.Delete {
		op = p.dye(sgrRed, "- ")
	}
	line := fmt.Sprintf("%-8s %-7s %s%s", string(o.Fact.Kind()), word(o.Via), op, said.Display())
	if m, ok := o.Fact.(*fact.Mark); ok && m.From > 0 && m.From < o.Mono {
		line += "  the last " + text.Duration(o.Mono-m.From)
	}
	if o.Fact.Kind() == fact.KindGap || o.Fact.Kind() == fact.KindMark {
		return p.dye(sgrYellow, line)
	}
	return line
}
