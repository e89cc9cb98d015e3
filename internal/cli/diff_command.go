package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"flapscope/history/compare"
	"flapscope/history/stats"
	"flapscope/history/timeline"
	"flapscope/internal/cage"
	"flapscope/internal/crash"
	"flapscope/internal/replay"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/state"
)

// diffDocument is the output of diff --json; docs/diff.schema.json says what it
// has.
type diffDocument struct {
	Schema int      `json:"schema"`
	Before diffSide `json:"before"`
	After  diffSide `json:"after"`
	// Marks is whether both are of one recording: what was not marked, and what was.
	Marks bool `json:"marks,omitempty"`
	// Confidence is that of every interval.
	Confidence float64 `json:"confidence"`
	*compare.Comparison
}

// A diffSide is one of the recordings.
type diffSide struct {
	File fact.Untrusted `json:"file"`
	From time.Time      `json:"from"`
	To   time.Time      `json:"to"`
	// Observed is how long the path was known.
	Observed time.Duration `json:"observed_ns"`

	side *compare.Side
}

func (a *App) diffCommand() *cobra.Command {
	var asJSON, marks bool
	c := &cobra.Command{
		Use:   "diff BEFORE AFTER | --marks FILE",
		Short: "Compare two recordings: before and after a change",
		Long: `Compares two recordings, one from before a change and one from after it: the
share of time with a path and with one by which something got through, how often
the path was lost, how long it took to come back, round trips and losses of each
leg, signal and rate of radios, and roams. Each line has both figures, the
difference with an interval of 99 % confidence, and a word: better, worse, or no
evidence, with how much more recording would show a change of a fifth.

What is counted are stretches of time and troubles, not probes: what happens
within one is not independent. Gateways and name servers are compared with those
that were in their place, other targets and radios with what has the same name.
What differs for another reason than the change, such as the hour of the day,
differs all the same: compare like with like.

With --marks it compares the stretches that were marked in one recording, as m and
tab on the screen and flapscope mark --last do, with the rest of it.

The exit code is 1 if something is worse, and 0 otherwise.`,
		Example: "  flapscope diff before.flap.gz after.flap.gz\n  flapscope diff old.flap.gz new.flap.gz --json | jq '.measures[] | select(.word==\"worse\")'",
		Args: func(c *cobra.Command, args []string) error {
			if marks && len(args) != 1 {
				return usagef("%s --marks needs one file; see %s --help", c.CommandPath(), c.CommandPath())
			}
			if !marks && len(args) != 2 {
				return usagef("%s needs two files; see %s --help", c.CommandPath(), c.CommandPath())
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			d, err := a.diffOf(c.Context(), args)
			if err != nil {
				return err
			}
			if asJSON {
				err = writeJSON(out(c), d)
			} else {
				err = printDiff(out(c), d)
			}
			if err == nil && len(d.Named(compare.Worse)) > 0 {
				return errNegative
			}
			return err
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	c.Flags().BoolVar(&marks, "marks", false, "compare what was marked in one recording with the rest of it")
	return c
}

// diffOf compares two recordings, or what was marked in one with the rest of it.
func (a *App) diffOf(ctx context.Context, names []string) (*diffDocument, error) {
	if len(names) == 2 {
		return a.diff(ctx, names[0], names[1])
	}
	a.readOnly(names[0])
	side, err := a.diffSide(ctx, names[0])
	if err != nil {
		return nil, err
	}
	if len(side.side.Marked) == 0 {
		return nil, fmt.Errorf("%s: no stretch of it is marked", fact.Untrusted(names[0]).Display())
	}
	d := &diffDocument{Schema: 1, Confidence: compare.Confidence, Marks: true, Before: side, After: side}
	d.Before.side, d.After.side = side.side.Parts(side.side.Marked)
	d.Before.Observed, d.After.Observed = observedOf(d.Before.side), observedOf(d.After.side)
	d.Comparison = compare.Compare(d.Before.side, d.After.side)
	return d, nil
}

// observedOf is for how long the path was known.
func observedOf(s *compare.Side) (d time.Duration) {
	for _, o := range s.Observed {
		d += o.To - o.From
	}
	return d
}

// diff compares two recordings, which are read at the same time.
func (a *App) diff(ctx context.Context, before, after string) (*diffDocument, error) {
	a.readOnly(before, after)
	defer a.hurry(cage.SizeOf(before, after), 0)()
	d := &diffDocument{Schema: 1, Confidence: compare.Confidence}
	failed := make(chan error, 1)
	go func() {
		failed <- crash.Survive(func() (err error) {
			d.Before, err = a.diffSide(ctx, before)
			return err
		})
	}()
	err := crash.Survive(func() (err error) {
		d.After, err = a.diffSide(ctx, after)
		return err
	})
	if err := errors.Join(<-failed, err); err != nil {
		return nil, err
	}
	d.Comparison = compare.Compare(d.Before.side, d.After.side)
	return d, nil
}

// diffSide folds a recording again.
func (a *App) diffSide(ctx context.Context, name string) (diffSide, error) {
	out := diffSide{File: fact.Untrusted(name)}
	r, err := openRecording(name)
	if err != nil {
		return out, err
	}
	defer r.Close()
	a.warnMissing(name, r)
	set, err := a.settingsOf(r.Header())
	if err != nil {
		return out, err
	}
	var span timeline.Span
	span.From, span.To = r.Bounds()
	past := timeline.NewTimeline(replay.Limits(set, span.To-span.From))
	collector := compare.NewCollector(span)
	var online stats.OnlineFinder
	d := fold.NewDriver(set, withoutProbes{past}, &online, collector)
	if err := replay.Fold(ctx, r, d, span.To); err != nil {
		return out, fmt.Errorf("%s: %w", fact.Untrusted(name).Display(), err)
	}
	snap := d.Snapshot()
	past.Snapshot(snap)
	v := past.View()
	if v == nil {
		return out, fmt.Errorf("%s: %w", fact.Untrusted(name).Display(), errNothing)
	}
	// What was observed last held until the end.
	past.Until(fact.Instant{Time: r.Wall(span.To), Mono: max(span.To, snap.Mono)})
	online.Snapshot(snap)
	v = past.View()
	out.From, out.To = v.Clock(span.From), v.Clock(span.To)
	out.side = collector.Side(v, &online)
	out.Observed = observedOf(out.side)
	return out, nil
}

// A withoutProbes keeps the results of probes from a timeline, which are most of
// what there is, and of which it would keep each.
type withoutProbes struct{ *timeline.Timeline }

// Observed implements fold.Listener.
func (t withoutProbes) Observed(o fact.Observation, s *state.State) {
	if _, ok := o.Fact.(*fact.ProbeResult); !ok {
		t.Timeline.Observed(o, s)
	}
}
