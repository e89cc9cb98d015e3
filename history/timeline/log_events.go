package timeline

import (
	"time"

	"flapscope/internal/text"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
)

// event adds the lines that an event of the fold is worth.
func (l *log) event(e *fold.Event) {
	i := Item{Time: e.Time, Mono: e.Mono}
	switch {
	case e.Transition != nil && e.Transition.Phase == fold.PhaseRaw:
		l.raw(i, e.Transition)
	case e.Transition != nil:
		l.settled(i, e.Transition)
	case e.Incident != nil:
		l.incident(i, e.Incident)
	case e.Connection != nil:
		l.connection(i, e.Connection)
	case e.Observation != nil:
		l.passedOn(i, e.Observation)
	}
}

// raw reports every change of the machine's path as it happens.
func (l *log) raw(i Item, t *fold.Transition) {
	if t.Scope != path.ScopeMachine {
		return
	}
	i.Kind, i.Mark, i.Severity = "raw", MarkUp, LevelGood
	i.Text = "path " + statusText(t)
	if t.To != path.Satisfied {
		i.Mark, i.Severity = MarkDown, LevelWaiting
	}
	l.add(i)
}

// settled reports what lasted, with its cause. It stands where it was
// declared, which is when it became true to say so.
func (l *log) settled(i Item, t *fold.Transition) {
	start := i.Mono
	i.Time, i.Mono = later(i.Time, t.Declared), max(i.Mono, t.DeclaredMono)
	i.Kind, i.Mark, i.Severity, i.Detail = "path", MarkUp, LevelGood, chain(t.Cause)
	if t.To != path.Satisfied {
		i.Mark, i.Severity = MarkDown, LevelBad
	}
	switch t.Scope {
	case path.ScopeMachine:
		l.machineAt = start
		i.Text = statusText(t)
		if t.To == path.Satisfied && l.outage != 0 {
			i.Text += " after " + text.Duration(start-l.outage)
			l.outage = 0
		} else if t.To != path.Satisfied && l.outage == 0 && !t.Initial {
			l.outage = start
		}
	case path.ScopeIPv4, path.ScopeIPv6:
		// With the machine, the machine's line says it.
		if t.Initial || l.machineAt == start || l.outage != 0 {
			return
		}
		i.Kind, i.Text = string(t.Scope), statusText(t)
		if i.Severity == LevelBad {
			i.Severity = LevelDegraded
		}
	default:
		return
	}
	l.add(i)
}

// later returns b, or a where there is none.
func later(a, b time.Time) time.Time {
	if b.IsZero() {
		return a
	}
	return b
}

// statusText returns "satisfied via eth0" or "unsatisfied: no carrier".
func statusText(t *fold.Transition) string {
	words := text.Words(t.To)
	if t.To != path.Satisfied {
		if t.Reason != "" {
			words += ": " + text.Words(t.Reason)
		}
		return words
	}
	if ifi := transitionInterface(t); ifi != "" {
		words += " via " + ifi.Display()
	}
	return words
}

func transitionInterface(t *fold.Transition) fact.Untrusted {
	switch {
	case t.Path == nil:
		return ""
	case t.Scope == path.ScopeIPv4:
		return t.Path.IPv4.Interface
	case t.Scope == path.ScopeIPv6:
		return t.Path.IPv6.Interface
	}
	return t.Path.Interface
}

// chain returns the steps of a cause chain as lines.
func chain(steps []path.Step) []string {
	var lines []string
	for _, s := range steps {
		line := string(s.Layer)
		if s.Interface != "" {
			line += " " + s.Interface.Display()
		}
		line += " " + s.Text.Display()
		if s.After > 0 {
			line = "+" + text.Duration(s.After) + " " + line
		}
		if s.Via != fact.ViaEvent {
			line += " (" + string(s.Via) + ")"
		}
		lines = append(lines, line)
	}
	return lines
}

// incident reports the beginning and the end of a trouble. What is not watched
// has a line of its own, that of its gap.
func (l *log) incident(i Item, k *fold.Incident) {
	what := k.Text.Display()
	i.Kind, i.Mark, i.Severity, i.Detail = "incident", MarkProbe, LevelDegraded, chain(k.Cause)
	switch {
	case k.Note() && (k.Root.What == path.NotWatched || k.Root.What == path.ClockStepped):
		return
	case k.Note() && k.Phase == fold.PhaseClosed && k.Count > 1:
		return // one that comes and goes would fill the log with its ends
	case k.Note():
		i.Mark, i.Severity = MarkNote, LevelIdle
	case k.Severity == fold.SeverityOutage:
		i.Mark, i.Severity = MarkDown, LevelBad
	}
	switch k.Phase {
	case fold.PhaseUpdate:
		return
	case fold.PhaseOpen:
		i.Text = what
	default:
		over(&i, k.Duration)
		i.Text += ": " + what
		i.Detail = append(i.Detail, chain(k.Recovery)...)
	}
	l.add(i)
}

// over makes a line that of the end of something that lasted.
func over(i *Item, lasted time.Duration) {
	i.Mark, i.Severity = MarkRecovery, LevelGood
	i.Text = "over after " + text.Duration(lasted)
}

// AddEpisode adds the line of an episode that ended, of which only a rollup
// says: what, why and for how long, without its causes.
func (t *Timeline) AddEpisode(e *fold.Episode) {
	i := Item{Time: e.End, Mono: e.EndMono, Kind: "episode"}
	over(&i, e.Duration)
	i.Text += ": " + text.Words(e.What)
	if e.Reason != "" {
		i.Text += ", " + text.Words(e.Reason)
	}
	t.Note(i)
	t.settleEpisode(e)
}

// AddIncident adds what was said of an incident at an instant, of which only a
// rollup or a line of the recording says.
func (t *Timeline) AddIncident(e fold.Event) { t.incidents.add(e.Mono, e.Incident, e.Evidence) }

// connection reports what becomes of a connection to a target or with requirements;
// of the internet the lines of the path say it.
func (l *log) connection(i Item, c *fold.ConnectionEvent) {
	if c.For == fold.Internet || c.Initial {
		return
	}
	i.Kind, i.Mark, i.Severity, i.Text = text.Words(c.Kind()), MarkNote, LevelIdle, c.Words().Display()
	switch {
	case c.Viable != nil && *c.Viable:
		i.Mark, i.Severity = MarkUp, LevelGood
	case c.Viable != nil:
		i.Mark, i.Severity = MarkDown, LevelDegraded
	}
	l.add(i)
}

// passedOn reports gaps and marks.
func (l *log) passedOn(i Item, o *fact.Observation) {
	switch f := o.Fact.(type) {
	case *fact.Gap:
		i.Kind, i.Mark, i.Severity = "gap", MarkGap, LevelIdle
		if f.Blind() {
			i.Severity = LevelGap
		}
		i.Text = f.Text.Display()
		if i.Text == "" {
			i.Text = text.Words(f.Reason)
		}
	case *fact.Mark:
		i.Kind, i.Mark, i.Severity = "mark", MarkNote, LevelWaiting
		i.Text = "marked"
		if d := o.Mono - f.From; f.From > 0 && d > 0 {
			i.Text += " the last " + text.Duration(d)
		}
		if f.Text != "" {
			i.Text += ": " + f.Text.Display()
		}
	default:
		return
	}
	l.add(i)
}
