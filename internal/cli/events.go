package cli

import (
	"fmt"
	"io"
	"time"

	"flapscope/history/pattern"
	"flapscope/internal/term"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
	"flapscope/monitor/state"
)

// eventsOptions are the flags of the events command.
type eventsOptions struct {
	json, all, noProbes, verbose bool
	eventFilter
	requirement
}

// An eventPrinter is the listener behind the events command: it prints what it
// hears, as JSON or for people.
type eventPrinter struct {
	eventsOptions
	paint paint
	lines *lineWriter
	// day is the date and zone of the newest line.
	day string
	// used is what the paths of each scope and phase used last.
	used map[string]string
}

func newEventPrinter(out io.Writer, opt eventsOptions, p paint) *eventPrinter {
	lines := newLineWriter(out)
	lines.escape = term.Escape
	if opt.json {
		lines.escape = fact.EscapeJSON
	}
	return &eventPrinter{eventsOptions: opt, paint: p, lines: lines, used: map[string]string{}}
}

// Observed prints the observation when everything is wanted. Gaps and marks
// are printed by Happened in both cases, so that each comes once.
func (p *eventPrinter) Observed(o fact.Observation, s *state.State) {
	if !p.all || o.Fact.Kind() == fact.KindGap || o.Fact.Kind() == fact.KindMark {
		return
	}
	p.print(&fold.Event{Time: o.Time, Mono: o.Mono, Observation: &o}, s.Name(o.Fact.Interface()))
}

// Happened prints an event.
func (p *eventPrinter) Happened(e fold.Event, _ func() *fold.Snapshot) { p.print(&e, "") }

// Flush implements fold.Flusher.
func (p *eventPrinter) Flush() { p.lines.flush() }

// print queues one event. When the reader had fallen so far behind that lines
// were dropped, it says so first: nothing is lost silently.
func (p *eventPrinter) print(e *fold.Event, name fact.Untrusted) {
	if !p.wanted(e) {
		return
	}
	if dropped := p.lines.line(func(dst []byte) []byte { return p.render(dst, e, name) }); dropped > 0 {
		lost := fact.Observation{Time: e.Time, Mono: e.Mono, Op: fact.Put, Fact: &fact.Gap{
			Reason: fact.GapRecorder, Source: "events", From: e.Mono, To: e.Mono, Count: dropped,
			Text: fact.Untrusted(fmt.Sprintf("%d lines dropped: the reader did not keep up", dropped)),
		}}
		p.lines.line(func(dst []byte) []byte {
			return p.render(dst, &fold.Event{Time: e.Time, Mono: e.Mono, Observation: &lost}, "")
		})
	}
}

// wanted reports whether an event is printed. People get incidents, gaps, marks
// and the settled changes of the machine, unless they ask for something else:
// three lines for a loss rather than twenty.
func (p *eventPrinter) wanted(e *fold.Event) bool {
	if !p.passes(e) {
		return false
	}
	t := e.Transition
	switch {
	case p.json || p.all:
		return true
	case p.brief() && t != nil:
		return t.Scope == path.ScopeMachine && t.Phase == fold.PhaseSettled
	case p.brief() && e.Incident != nil:
		return e.Incident.Phase == fold.PhaseClosed || e.Incident.Phase == fold.PhaseOpen && !said(e.Incident)
	case p.brief() && e.Connection != nil:
		return e.Connection.For != fold.Internet
	case p.brief():
		return e.Episode == nil
	case t != nil && p.scope == "":
		return t.Scope == path.ScopeMachine || t.Scope == path.ScopeIPv4 || t.Scope == path.ScopeIPv6
	}
	return true
}

// brief reports whether people get the short form: nothing else was asked for.
func (p *eventPrinter) brief() bool {
	return !p.json && !p.all && !p.verbose && !p.settled && !p.episodes && p.scope == ""
}

// said reports whether the settled change of the machine says already that an
// incident began.
func said(i *fold.Incident) bool {
	switch i.Root.Leg {
	case path.LegRadio, path.LegLink, path.LegAddress, path.LegRoute:
		return i.Root.Family == 0 && i.Severity == fold.SeverityOutage && i.Root.What != path.RouteStolen
	}
	return false
}

func (p *eventPrinter) render(dst []byte, e *fold.Event, name fact.Untrusted) []byte {
	if p.json {
		return fold.AppendEvent(dst, e, name)
	}
	dst = p.date(dst, e.Time)
	was := ""
	if t := e.Transition; t != nil {
		key := string(t.Scope) + " " + string(t.Phase)
		was, p.used[key] = p.used[key], where(t)
	}
	return append(dst, p.paint.event(e, name, was, p.brief())...)
}

// date adds a line with date and zone to what people read, where they are not
// those of the line before.
func (p *eventPrinter) date(dst []byte, at time.Time) []byte {
	day := at.Format("2006-01-02 -07:00")
	if day == p.day {
		return dst
	}
	p.day = day
	return append(append(dst, p.paint.dye(sgrDim, day)...), '\n')
}

// pattern prints a regularity in the losses. It is no event of the fold, which
// knows no statistics, but its line has the form of one.
func (p *eventPrinter) pattern(at time.Time, mono time.Duration, found pattern.Pattern) {
	if p.episodes {
		return
	}
	defer p.lines.flush()
	p.lines.line(func(dst []byte) []byte {
		if !p.json {
			return append(p.date(dst, at), p.paint.dye(sgrDim, at.Format(clockLayout))+"  "+p.paint.dye(sgrYellow, "machine  pattern ")+found.Text()...)
		}
		line, err := fact.AppendJSON(dst, struct {
			Time    string          `json:"time"`
			Mono    time.Duration   `json:"mono_ns"`
			Kind    string          `json:"kind"`
			Pattern pattern.Pattern `json:"pattern"`
		}{fact.FormatTime(at), mono, "pattern", found})
		if err != nil {
			// A pattern of finite numbers can't fail to encode.
			return dst
		}
		return line
	})
}
