package cli

import (
	"context"
	"errors"
	"fmt"
	"net/netip"

	"github.com/spf13/cobra"

	"flapscope/history/pattern"
	"flapscope/internal/crash"
	"flapscope/internal/replay"
	"flapscope/internal/watch"
	"flapscope/monitor/fold"
	"flapscope/monitor/live"
)

func (a *App) eventsCommand() *cobra.Command {
	var o eventsOptions
	c := &cobra.Command{
		Use:   "events [FILE]",
		Short: "Follow every change of the path, with its cause",
		Long: `Prints incidents, gaps, marks and the settled changes of the machine's path as
they happen, each line at once, until interrupted. With --verbose raw changes,
those of the families and episodes too, each with its cause; with --all
everything that is observed. With --json all of it but observations, and those
with --all; fold that stream again with: flapscope state -

With --to, --require and --prohibit it also says when a connection becomes viable
that an application makes which asks for that (see status), when it ceases to be, and
when there would be a better path for it; of the targets that are configured with
an address, it always does.

With FILE it prints a recording as it would have streamed.`,
		Example: "  flapscope events\n  flapscope events night.flap.gz --settled --scope machine --since 03:00\n  flapscope events --json | jq 'select(.kind==\"path\" and .phase==\"settled\")'\n  flapscope events --all --json > now.jsonl; flapscope state now.jsonl",
		Args:    atMostOne,
		RunE: func(c *cobra.Command, args []string) error {
			if err := o.check(o, len(args) == 1); err != nil {
				return err
			}
			if len(args) == 1 {
				return a.eventsOf(c, args[0], o)
			}
			return a.events(c, o)
		},
	}
	c.Flags().BoolVar(&o.json, "json", false, "print one JSON object a line")
	c.Flags().BoolVar(&o.all, "all", false, "print every observation too")
	c.Flags().BoolVar(&o.verbose, "verbose", false, "print raw changes, families, episodes and causes too")
	c.Flags().BoolVar(&o.noProbes, "no-probes", false, "send nothing")
	o.eventFilter.register(c)
	o.requirement.register(c)
	return c
}

// events streams until the context ends, which is the normal end.
func (a *App) events(c *cobra.Command, o eventsOptions) error {
	q, err := o.request(c.Context(), false)
	if err != nil {
		return err
	}
	var to []netip.Addr
	if q != nil {
		to = q.To
	}
	set, list, err := a.observing(o.noProbes, false, to...)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(c.Context())
	defer cancel()
	printer := newEventPrinter(a.Out, o, a.paint())
	printer.lines.try = withoutWaiting(a.Out)
	// A reader that went away ends the command.
	printer.lines.failed = cancel
	seeker := &watch.Patterns{}
	m := a.newMonitor(set)
	m.Listen(printer, seeker)
	if q != nil {
		m.Require(o.requirement.name(), q)
	}
	sought := make(chan error, 1)
	go func() {
		// A panic ends the command; it must not end the process.
		defer cancel()
		sought <- crash.Survive(func() error {
			seeker.Run(ctx, m, func(p pattern.Pattern) {
				at, mono := live.Boottime()
				printer.pattern(at, mono, p)
			})
			return nil
		})
	}()
	defer onOneProcessor(a.Env)()
	err = m.Run(ctx, surveyed(m, set, list)...)
	cancel()
	err = errors.Join(err, <-sought)
	if werr := printer.lines.close(); werr != nil && err == nil {
		err = fmt.Errorf("write events: %w", werr)
	}
	return err
}

// eventsOf prints a recording as it would have streamed.
func (a *App) eventsOf(c *cobra.Command, name string, o eventsOptions) error {
	a.readOnly(name)
	q, err := o.request(c.Context(), true)
	if err != nil {
		return err
	}
	r, err := openRecording(name)
	if err != nil {
		return err
	}
	defer r.Close()
	a.warnMissing(name, r)
	set, err := a.settingsOf(r.Header())
	if err != nil {
		return err
	}
	if o.from, _ = r.Bounds(); o.since != "" {
		if o.from, err = parseWithin(o.since, r); err != nil {
			return err
		}
	}
	printer := newEventPrinter(a.Out, o, a.paint())
	printer.lines.patient = true
	var finder pattern.Collector
	_, end := r.Bounds()
	d := fold.NewDriver(set, &finder, printer)
	if q != nil {
		d.Require(o.requirement.name(), q)
	}
	err = replay.Fold(c.Context(), r, d, end)
	if errors.Is(err, replay.ErrInterrupted) {
		// As a stream that is interrupted: its normal end.
		return printer.lines.close()
	}
	in, _ := finder.Input()
	for _, p := range pattern.Patterns(in) {
		printer.pattern(d.State().Time, d.State().Mono, p)
	}
	if werr := printer.lines.close(); err == nil && werr != nil {
		err = fmt.Errorf("write events: %w", werr)
	}
	return err
}
