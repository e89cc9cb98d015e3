package timeline

import (
	"strconv"
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
	case e.Episode != nil:
		l.episode(i, e.Episode)
	case e.Observation != nil:
		l.passedOn(i, e.Observation)
	}
}

// raw tells of every change of the machine's path as it happens.
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

// settled tells of what lasted, with its cause. It stands where it was
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

// episode tells of the beginning of what no transition tells, and of every
// end.
func (l *log) episode(i Item, e *fold.Episode) {
	i.Kind, i.Mark, i.Severity = "episode", MarkProbe, LevelDegraded
	i.Text, i.Detail = text.Words(e.What), chain(e.Cause)
	if e.Reason != "" {
		i.Text += ": " + text.Words(e.Reason)
	}
	if e.Open {
		switch e.What {
		case "outage", "ipv4_lost", "ipv6_lost":
			return
		}
		// What the probes found says more than the name of the ailment.
		if len(e.Cause) > 0 && e.Cause[0].Layer == fact.LayerProbe {
			i.Text += ": " + e.Cause[0].Text.Display()
		}
		l.add(i)
		return
	}
	over(&i, e)
	l.add(i)
}

// over makes the line of an episode that of its end.
func over(i *Item, e *fold.Episode) {
	i.Mark, i.Severity = MarkRecovery, LevelGood
	i.Text += ", over after " + text.Duration(e.Duration)
	if e.RawFlaps > 1 {
		i.Text += ", " + strconv.Itoa(e.RawFlaps) + " losses"
	}
	i.Detail = append(i.Detail, chain(e.Recovery)...)
}

// AddEpisode adds the line of an episode that ended, of which only a rollup
// tells: what, why and for how long, without its causes.
func (t *Timeline) AddEpisode(e *fold.Episode) {
	i := Item{Time: e.End, Mono: e.EndMono, Kind: "episode", Text: text.Words(e.What)}
	if e.Reason != "" {
		i.Text += ": " + text.Words(e.Reason)
	}
	over(&i, e)
	t.Note(i)
	t.settleEpisode(e)
}

// passedOn tells of gaps and marks.
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
		i.Text = "marked: " + f.Text.Display()
		if f.Text == "" {
			i.Text = "marked"
		}
	default:
		return
	}
	l.add(i)
}
