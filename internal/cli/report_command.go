package cli

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"flapscope/history/pattern"
	"flapscope/history/redact"
	"flapscope/history/report"
	"flapscope/history/session"
	"flapscope/history/stats"
	"flapscope/history/timeline"
	"flapscope/internal/replay"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
)

// reportOptions are the flags of the report command.
type reportOptions struct {
	format, table, output, level, from, to string
	last                                   time.Duration
}

// reportLast is how much of the history a report is of.
const reportLast = 15 * time.Minute

func (a *App) reportCommand() *cobra.Command {
	var o reportOptions
	c := &cobra.Command{
		Use:   "report [FILE]",
		Short: "Say what went wrong, for somebody else: Markdown, HTML, JSON, CSV, a trace",
		Long: `Sums up FILE, or the last minutes of the history: first what went wrong in one
sentence, then each incident, the machine, one axis of time, and figures with
their intervals. What identifies people and places is taken out, unless --redact
none says otherwise, as flapscope redact does.

md is to be pasted into an issue and never has more than 60,000 characters. html
is one file, without scripts and without anything from elsewhere. json is all of
it for programs; csv is one table: --table incidents, transitions or samples.
trace is for ui.perfetto.dev and chrome://tracing, which read it on this machine.`,
		Example: "  flapscope report --last 1h\n  flapscope report night.flap.gz --format html -o night.html\n  flapscope report night.flap.gz --from 09:41 --to 09:45 --format json",
		Args:    atMostOne,
		RunE:    func(c *cobra.Command, args []string) error { return a.writeReport(c, args, o) },
	}
	f := c.Flags()
	f.StringVar(&o.format, "format", "md", "write as `md`, html, json, csv or trace")
	f.StringVar(&o.table, "table", "incidents", "the `table` of csv: incidents, transitions or samples")
	f.StringVarP(&o.output, "output", "o", "", "write to `OUT`, which must not exist (default standard output)")
	f.DurationVar(&o.last, "last", 0, "of the last part, as a `time`: 15m, 2h (default of the history 15m)")
	f.StringVar(&o.from, "from", "", "of what is after this `time`: "+instantHelp)
	f.StringVar(&o.to, "to", "", "of what is before this `time`")
	redactFlags(c, &o.level)
	must(c.RegisterFlagCompletionFunc("format", values(report.Formats...)))
	must(c.RegisterFlagCompletionFunc("table", values(report.Tables...)))
	return c
}

func (a *App) writeReport(c *cobra.Command, names []string, o reportOptions) error {
	level, err := redact.ParseLevel(o.level)
	if err != nil {
		return usagef("--redact: %w", err)
	}
	write, err := report.WriterOf(o.format, o.table)
	if err != nil {
		return usagef("%w", err)
	}
	if o.last < 0 {
		return usagef("--last %v: want more than 0", o.last)
	}
	if len(names) == 0 && o.last == 0 && o.from == "" {
		o.last = reportLast
	}
	set, err := a.settings()
	if err != nil {
		return err
	}
	var to *output
	if o.output != "" {
		for _, name := range names {
			if err := mayBeRecording(name); err != nil {
				return err
			}
		}
		if to, err = createOutput(o.output); err != nil {
			return err
		}
		a.interruptible(to)
	}
	a.readOnly(names...)
	chain, err := a.openChain(set, names)
	var b bytes.Buffer
	if err == nil {
		defer chain.Close()
		size := int64(0)
		for _, l := range chain.Runs[len(chain.Runs)-1].Links {
			size += l.Size
		}
		defer a.hurry(size, hurryMemory)()
		a.warnChain(chain)
		err = a.reportOf(c.Context(), chain, level, names, o, write, &b)
	}
	switch {
	case to != nil && err == nil:
		err = to.close(to.fill(bytes.NewReader(b.Bytes())))
	case to != nil:
		err = to.close(err)
	case err == nil:
		_, err = out(c).Write(b.Bytes())
	}
	return err
}

// reportOf makes a report, and looks for what was to be taken out of it.
func (a *App) reportOf(ctx context.Context, chain *session.Chain, level redact.Level, names []string, o reportOptions, write report.Writer, b *bytes.Buffer) error {
	run := chain.Runs[len(chain.Runs)-1]
	span, err := reportSpan(chain, run, o)
	if err != nil {
		return err
	}
	return redact.Try(redact.Options{Level: level}, func(r *redact.Redactor) error {
		b.Reset()
		in, err := a.foldForReport(ctx, run, span, r)
		if err != nil {
			return err
		}
		in.Redaction = string(level)
		if was, err := redact.ParseLevel(in.Header.Redaction); err == nil && level == redact.None {
			// It was taken out before.
			in.Redaction = string(was)
		}
		if len(names) == 1 && level == redact.None {
			in.File = filepath.Base(names[0])
		} else if len(names) == 1 {
			// What the redacted copy is called is up to whoever makes it.
			in.File = "recording" + session.Suffix
		}
		if err := write(report.Build(in), b); err != nil {
			return err
		}
		if err := r.Err(); err != nil || level == redact.None {
			return err
		}
		return r.Verifier(report.OwnWords()).Verify(bytes.NewReader(b.Bytes()))
	})
}

// reportSpan returns what part of a run a report is of, on the axis of the run.
func reportSpan(chain *session.Chain, run *session.Run, o reportOptions) (timeline.Span, error) {
	span, _, err := replayOptions{from: o.from, to: o.to}.bounds(chain)
	if err != nil {
		return span, err
	}
	span.From, span.To = max(span.From, run.Span.From)-run.Shift, min(span.To, run.Span.To)-run.Shift
	if o.last > 0 {
		span.From = max(span.From, span.To-o.last)
	}
	if span.From >= span.To {
		return span, usagef("--from %s --to %s: nothing of the newest recording lies between", o.from, o.to)
	}
	return span, nil
}

// foldForReport folds a run again, without what identifies anybody.
func (a *App) foldForReport(ctx context.Context, run *session.Run, span timeline.Span, r *redact.Redactor) (*report.Input, error) {
	set, _, err := a.whatIf(run)
	if err != nil {
		return nil, err
	}
	last := run.Links[len(run.Links)-1]
	header := r.Header(last.Header())
	set.Interface = r.Settings(set).Interface
	from, observations := reportObservations(run, span, r.Observation)
	past := timeline.NewTimeline(replay.Limits(set, span.To-from))
	collector := report.NewCollector(span)
	var finder pattern.Collector
	var online stats.OnlineFinder
	var reported reportedEpisodes
	var incidents fold.IncidentList
	d := fold.NewDriver(set, &finder, past, &reported, &incidents, &online, collector)
	n := 0
	for o, err := range observations {
		if err != nil {
			return nil, err
		}
		if o.Mono > span.To {
			break
		}
		d.Observe(o)
		if n++; n%1024 == 0 && ctx.Err() != nil {
			return nil, replay.ErrInterrupted
		}
	}
	d.Finish(span.To)
	snap := d.Snapshot()
	past.Snapshot(snap)
	if past.View() == nil {
		return nil, fmt.Errorf("%s: %w", fact.Untrusted(last.Name).Display(), errNothing)
	}
	end := fact.Instant{Time: last.Wall(span.To), Mono: max(span.To, snap.Mono)}
	past.Until(end)
	online.Snapshot(snap)
	incidents.Snapshot(snap)
	found, _ := finder.Input()
	in := &report.Input{
		Header: header, Complete: last.Complete(), Span: span, View: past.View(), Snapshot: snap, Collector: collector, Online: &online,
		Episodes: reported.until(end.Mono), Patterns: pattern.Patterns(found),
	}
	for _, e := range incidents.Events(end) {
		in.Incidents = append(in.Incidents, e.Incident)
	}
	return in, nil
}

// warmUp is how long before a part of a long history folding begins: what began
// before that has no beginning.
const warmUp = time.Hour

// reportObservations returns what is folded for a part of a run, and from when:
// all of it, unless most of a long history would be folded for nothing.
func reportObservations(run *session.Run, span timeline.Span, through session.Mapping) (time.Duration, iter.Seq2[fact.Observation, error]) {
	link := run.Links[0]
	for _, l := range run.Links {
		if l.From <= span.From-warmUp {
			link = l
		}
	}
	rest := &session.Run{Links: run.Links[indexOf(run.Links, link):]}
	return link.From, func(yield func(fact.Observation, error) bool) {
		for o, err := range rest.Mapped(through) {
			if !yield(o.Observation, err) {
				return
			}
		}
	}
}

func indexOf(links []*session.Link, l *session.Link) int {
	for i := range links {
		if links[i] == l {
			return i
		}
	}
	return 0
}
