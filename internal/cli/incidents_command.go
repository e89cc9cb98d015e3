package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"flapscope/history/session"
	"flapscope/internal/config"
	"flapscope/internal/replay"
	"flapscope/internal/term"
	"flapscope/internal/text"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
)

// incidentsOptions are the flags of the incidents command.
type incidentsOptions struct {
	json, notes, verbose bool
	since                string
}

func (a *App) incidentsCommand() *cobra.Command {
	var o incidentsOptions
	c := &cobra.Command{
		Use:   "incidents [FILE|DIRECTORY]...",
		Short: "Say what went wrong: one line for each trouble",
		Long: `Prints what went wrong, one line each, newest last: from when, until when, how
long, how bad, and one sentence. Without a name it is of the history, until now;
with several recordings, or those of a directory, of all of them as one. What is
not over is marked "still": until now, or until its recording ends.

It is what was found when it was recorded. Give --settle-up, --settle-down or
--interface to see what would have been found under other settings.

The exit code is 1 if there were incidents, and 0 if there were none; notes
do not count.`,
		Example: "  flapscope incidents --since 8h\n  flapscope incidents night.flap.gz --notes\n  flapscope incidents --json | jq -r 'select(.severity==\"outage\") | .text'",
		RunE:    func(c *cobra.Command, args []string) error { return a.incidents(c, args, o) },
	}
	c.Flags().BoolVar(&o.json, "json", false, "print one JSON object a line, as events --json does")
	c.Flags().BoolVar(&o.notes, "notes", false, "print what is worth knowing and no trouble too")
	c.Flags().BoolVar(&o.verbose, "verbose", false, "print what was seen at the beginning of each too")
	c.Flags().StringVar(&o.since, "since", "", "print what was not over at this `time`: 8h for that long ago, or "+instantHelp)
	return c
}

func (a *App) incidents(c *cobra.Command, names []string, o incidentsOptions) error {
	set, err := a.settings()
	if err != nil {
		return err
	}
	a.readOnly(names...)
	chain, err := a.openChain(set, names)
	if err != nil {
		return err
	}
	defer chain.Close()
	a.warnChain(chain)
	from, err := sinceOf(o.since, chain)
	if err != nil {
		return err
	}
	chain.Evidence = o.verbose
	all, err := chain.Incidents(c.Context(), a.whatIf)
	if errors.Is(err, context.Canceled) {
		err = replay.ErrInterrupted
	}
	if err != nil {
		return err
	}
	var wanted []session.ChainIncident
	troubles := 0
	for _, i := range all {
		if note := i.Incident.Note(); i.To >= from && (o.notes || !note) {
			wanted = append(wanted, i)
			if !note {
				troubles++
			}
		}
	}
	if o.json {
		err = printIncidentLines(out(c), wanted)
	} else {
		_, to := chain.Bounds()
		err = printIncidents(out(c), wanted, spanText(chain.Wall(from), chain.Wall(to)), o.verbose)
	}
	if err == nil && troubles > 0 {
		return errNegative
	}
	return err
}

// warnChain says on standard error what of the recordings of a chain is missing.
func (a *App) warnChain(chain *session.Chain) {
	for _, run := range chain.Runs {
		for _, l := range run.Links {
			a.warnMissing(l.Name, l.Reader)
		}
	}
	for _, trouble := range chain.LeftOut {
		fmt.Fprintln(a.stderr(), "flapscope: left out:", oneLine(trouble))
	}
}

// sinceOf returns the instant from which on incidents are wanted: a length of
// time is meant from the end.
func sinceOf(since string, chain *session.Chain) (time.Duration, error) {
	from, to := chain.Bounds()
	if since == "" {
		return from, nil
	}
	if d, err := config.ParseDuration(since); err == nil && !strings.HasPrefix(since, "+") && d >= 0 {
		return max(from, to-d), nil
	}
	at, err := parseInstant(since, chain)
	if err != nil {
		return 0, err
	}
	if at > to {
		return 0, usagef("%s is outside the recording (%s)", since, spanText(chain.Wall(from), chain.Wall(to)))
	}
	return max(from, at), nil
}

// printIncidentLines prints incidents as events --json does.
func printIncidentLines(out io.Writer, list []session.ChainIncident) error {
	var lines []byte
	for i := range list {
		start := len(lines)
		lines = fact.EscapeJSON(append(fold.AppendEvent(lines, &list[i].Event, ""), '\n'), start)
	}
	_, err := out.Write(lines)
	return err
}

// printIncidents prints incidents for people, with what was seen at their beginning
// if that is wanted. Span is the time that they are of.
func printIncidents(out io.Writer, list []session.ChainIncident, span string, verbose bool) error {
	if len(list) == 0 {
		_, err := fmt.Fprintf(out, "no incident: %s\n", span)
		return err
	}
	w := term.NewTable(out)
	w.Row("FROM", "TO", "LASTED", "SEVERITY", "WHAT HAPPENED")
	for i := range list {
		k := list[i].Incident
		w.Row(k.From.Time.Format("2006-01-02 15:04:05"), endOf(k), text.Duration(k.Duration), word(k.Severity), k.Text)
		for _, line := range list[i].Evidence {
			if verbose {
				w.Row("", "", "", "", fact.Untrusted("  "+line))
			}
		}
	}
	return w.Flush()
}

// endOf is when an incident ended, with the date if that is another.
func endOf(i *fold.Incident) string {
	if i.Open() {
		return "still"
	}
	from, to := i.From.Time, i.To.Time
	if from.YearDay() == to.YearDay() && from.Year() == to.Year() {
		return to.Format("15:04:05")
	}
	return to.Format("2006-01-02 15:04:05")
}
