package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"flapscope/history/pattern"
	"flapscope/history/stats"
	"flapscope/history/timeline"
	"flapscope/internal/term"
	"flapscope/internal/text"
	"flapscope/monitor/fact"
	"flapscope/monitor/path"
)

// statsDocument is the output of "history stats --json".
type statsDocument struct {
	Name string    `json:"name"`
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	stats.Statistics
	// Targets are what was probed.
	Targets  []stats.TargetStatistics `json:"targets"`
	Patterns []pattern.Pattern        `json:"patterns"`
}

func (a *App) statsCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "stats [FILE]",
		Short: "Sum up a recording: availability, incidents, recovery, patterns",
		Long: `Sums up FILE, or the newest recording of the history: for the machine, each family
and each interface the share of observed time with a path (available) and with
one by which something got through, as probes found it (online); how often it
was lost, as it happened (raw losses) and as it was settled (outages), and how
long it took to come back; how many incidents there were, as flapscope incidents
lists them; what was probed, with the loss, its 95 % interval, how many losses
came in a row and how many would by chance alone, the percentiles of the round
trips (p99 from 300 answers on) and the mean difference of consecutive ones; and
what is regular about the losses of the path. What is not over is counted
until the end. Gaps are not observed time, and no outage; nor is an interface
that is set down or that nothing uses.`,
		Args: atMostOne,
		RunE: func(c *cobra.Command, args []string) error {
			name, err := a.fileOrNewest(args)
			if err != nil {
				return err
			}
			d, err := a.stats(c.Context(), name)
			if err != nil {
				return err
			}
			if asJSON {
				return writeJSON(out(c), d)
			}
			return printStats(out(c), d)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return c
}

// fileOrNewest returns the argument, or the newest recording of the ring.
func (a *App) fileOrNewest(args []string) (string, error) {
	if len(args) == 1 {
		a.readOnly(args[0])
		return args[0], nil
	}
	a.readOnly()
	set, err := a.settings()
	if err != nil {
		return "", err
	}
	store, err := a.store(set)
	if err != nil {
		return "", err
	}
	list, err := store.List()
	if err != nil {
		return "", err
	}
	if len(list) == 0 {
		return "", fmt.Errorf("nothing is recorded in %s; name a file", store.Dir)
	}
	return list[len(list)-1].Name, nil
}

// stats folds a recording again and sums it up.
func (a *App) stats(ctx context.Context, name string) (*statsDocument, error) {
	span, err := a.boundsOf(name)
	if err != nil {
		return nil, err
	}
	rec, err := a.loadRecording(ctx, name, span)
	if err != nil {
		return nil, err
	}
	var scopes []stats.ScopeTimeline
	for _, s := range rec.view.Scopes() {
		k := stats.ScopeTimeline{Scope: s, Segments: rec.view.Segments(s, span, 0), Settled: rec.view.Settled(s, span)}
		if len(k.Segments) > 0 {
			// It may have begun in the warm-up.
			k.Segments[0].From = max(k.Segments[0].From, span.From)
		}
		k.Offline, k.Probed = rec.online.Of(rec.view, s, span)
		scopes = append(scopes, k)
	}
	d := &statsDocument{
		Name: name, From: rec.view.Clock(span.From), To: rec.end,
		Statistics: stats.Summarize(scopes, rec.episodes, rec.incidents), Patterns: rec.patterns,
		Targets: stats.SummarizeTargets(rec.view, timeline.Span{From: span.From, To: span.To + 1}),
	}
	if d.Patterns == nil {
		d.Patterns = []pattern.Pattern{}
	}
	return d, nil
}

// printIncidentCounts prints how many incidents there were of each kind.
func printIncidentCounts(out io.Writer, st *stats.IncidentStatistics) {
	if st.N == 0 {
		fmt.Fprintln(out, "no incident")
		return
	}
	line := fmt.Sprintf("%s: %d of severity outage, %d degraded", text.Count(st.N, "incident"), st.Outage, st.Degraded)
	if st.Open > 0 {
		line += fmt.Sprintf("; %d not over", st.Open)
	}
	fmt.Fprintln(out, line)
	for _, k := range st.Kinds {
		line := fmt.Sprintf("  %d × %s", k.N, text.Words(word(k.What)))
		if leg := word(k.Leg); k.What == path.Loss || k.What == path.Latency {
			line += " at the " + leg
		}
		if k.Times > k.N {
			line += fmt.Sprintf(", %d times", k.Times)
		}
		fmt.Fprintf(out, "%s, %s in total, %s at most\n", line, text.Duration(k.Total), text.Duration(k.Longest))
	}
}

// printTargets prints what was probed, with the interval of the loss and how many
// losses come in a row; and where there were any, how many answers came after the
// time-out, and how many once more.
func printTargets(out io.Writer, targets []stats.TargetStatistics) error {
	if len(targets) == 0 {
		return nil
	}
	known := func(d time.Duration) string {
		if d == 0 {
			return "-"
		}
		return text.Duration(d)
	}
	w := term.NewTable(out)
	head := []any{"TARGET", "PROBES", "LOST", "LIKELY", "IN A ROW", "BY CHANCE", "p50", "p95", "p99", "JITTER"}
	late := slices.ContainsFunc(targets, func(t stats.TargetStatistics) bool { return t.Late > 0 })
	again := slices.ContainsFunc(targets, func(t stats.TargetStatistics) bool { return t.Duplicates > 0 })
	if late {
		head = append(head, "LATE")
	}
	if again {
		head = append(head, "DUPLICATES")
	}
	w.Row(head...)
	for _, t := range targets {
		row, chance := "-", "-"
		if t.Bursts > 0 {
			row = fmt.Sprintf("%.1f", t.Burst)
		}
		if t.Independent > 0 {
			chance = fmt.Sprintf("%.1f", t.Independent)
		}
		likely := fmt.Sprintf("%.1f to %.1f %%", 100*t.Loss.Low, 100*t.Loss.High)
		cells := []any{fact.Untrusted(t.Target), t.Loss.N, t.Loss.Text(), likely, row, chance, known(t.P50), known(t.P95), known(t.P99), known(t.Jitter)}
		if late {
			cells = append(cells, t.Late)
		}
		if again {
			cells = append(cells, t.Duplicates)
		}
		w.Row(cells...)
	}
	return w.Flush()
}

// percent writes a share that may not be known.
func percent(share *float64) string {
	if share == nil {
		return "-"
	}
	return fmt.Sprintf("%.3f %%", 100**share)
}

func (a *App) boundsOf(name string) (timeline.Span, error) {
	r, err := openRecording(name)
	if err != nil {
		return timeline.Span{}, err
	}
	defer r.Close()
	a.warnMissing(name, r)
	from, to := r.Bounds()
	return timeline.Span{From: from, To: to}, nil
}

// printStats prints the figures for people, each with the number of cases
// behind it.
func printStats(out io.Writer, d *statsDocument) error {
	fmt.Fprintf(out, "%s to %s\n", d.From.Format("2006-01-02 15:04:05"), d.To.Format("2006-01-02 15:04:05"))
	w := term.NewTable(out)
	w.Row("SCOPE", "AVAILABLE", "ONLINE", "OBSERVED", "UNUSED", "BLIND", "RAW LOSSES", "SETTLED", "RECOVERY p50", "p90", "max", "MTBF")
	for _, s := range d.Scopes {
		mtbf, losses := "-", 0
		if s.MTBF != nil && s.MTBF.Mean > 0 {
			mtbf = text.Duration(s.MTBF.Mean)
		}
		if s.Losses != nil {
			losses = s.Losses.N
		}
		p50, p90, longest := "-", "-", "-"
		if s.Recovery.N > 0 {
			p50, p90, longest = text.Duration(s.Recovery.P50), text.Duration(s.Recovery.P90), text.Duration(s.Recovery.Max)
		}
		w.Row(fact.Untrusted(s.Scope), percent(s.Availability), percent(s.Online),
			text.Duration(s.Observed), text.Duration(s.Unused), text.Duration(s.Blind-s.Unused), losses, s.Outages, p50, p90, longest, mtbf)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	printIncidentCounts(out, &d.Incidents)
	if err := printTargets(out, d.Targets); err != nil {
		return err
	}
	for _, p := range d.Patterns {
		fmt.Fprintln(out, "pattern: "+term.Line(p.Text()))
	}
	return nil
}
