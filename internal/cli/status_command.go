package cli

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"flapscope/internal/config"
	"flapscope/monitor/fold"
	"flapscope/monitor/live"
	"flapscope/monitor/path"
	"flapscope/monitor/state"
	"flapscope/monitor/verdict"
)

// statusOptions are the flags of the status command.
type statusOptions struct {
	json     bool
	wait     string
	timeout  time.Duration
	noProbes bool
	at       string
	// recorded is whether it is that of a recording.
	recorded bool
	requirement
}

// lookupWithin is how long the lookup of a name may take.
const lookupWithin = 8 * time.Second

// syncWithin is how long the first dump of all tables may take before the
// status gives up: a million routes take seconds.
const syncWithin = 15 * time.Second

func (a *App) statusCommand() *cobra.Command {
	var o statusOptions
	c := &cobra.Command{
		Use:   "status [FILE]",
		Short: "Say once whether there is a path, and why not",
		Long: `Evaluates the path once and prints it: now, or in a recording at its end or at
another time. The exit code is 0 when the path is satisfied and 1 when it is not.

With --to, --require and --prohibit it is the path that an application gets which
asks for that: to a host, by one of some types of interface, not by others, not
where traffic is expensive (cellular, or metered) or constrained (metered by
choice). Where the kernel's own way does not meet the conditions it is that of a
socket bound to the best interface which does. Nothing is sent there.

Where there is a path it is diagnosed as "flapscope check" does it, which takes some
milliseconds when all is well and about four seconds at most, and sends 65 kB at
most; what could not be told then is listed. With --no-probes nothing is sent.

With --wait it waits until the settled path has that status, or the one asked for,
at most --timeout, and exits with 1 when that did not happen.`,
		Example: "  flapscope status --json | jq .path.interface\n  flapscope status --wait satisfied --timeout 30s && deploy\n" +
			"  flapscope status --to backup.example.net --prohibit expensive && backup\n  flapscope status night.flap.gz --at 03:12 --require wired",
		Args: atMostOne,
		RunE: func(c *cobra.Command, args []string) error {
			switch {
			case len(args) == 1:
				return a.statusAt(c, o, args[0])
			case o.at != "":
				return usagef("--at needs a recording; see flapscope status --help")
			}
			a.endAtOnce()
			return a.status(c, o)
		},
	}
	o.requirement.register(c)
	c.Flags().StringVar(&o.at, "at", "", "the `time` within a recording: "+instantHelp)
	c.Flags().BoolVar(&o.json, "json", false, "print one JSON object")
	c.Flags().StringVar(&o.wait, "wait", "", "wait for a `status`: satisfied, unsatisfied, requires_connection")
	must(c.RegisterFlagCompletionFunc("wait", values(string(path.Satisfied), string(path.Unsatisfied), string(path.RequiresConnection))))
	c.Flags().DurationVar(&o.timeout, "timeout", 30*time.Second, "how long --wait waits")
	c.Flags().BoolVar(&o.noProbes, "no-probes", false, "send nothing; health stays unknown")
	return c
}

// check refuses flags that make no sense.
func (o statusOptions) check() error {
	switch path.Status(o.wait) {
	case "", path.Satisfied, path.Unsatisfied, path.RequiresConnection:
	default:
		return usagef("--wait %q: want satisfied, unsatisfied or requires_connection", o.wait)
	}
	if o.timeout <= 0 {
		return usagef("--timeout %v: want more than 0", o.timeout)
	}
	return nil
}

// enough reports whether the path is known, or is what is waited for, or patience has
// run out.
func (o statusOptions) enough(m *live.Monitor, since time.Duration) bool {
	s := m.Snapshot()
	switch {
	case s.Raw == nil:
		return since > syncWithin
	case o.wait != "":
		return s.Settled == path.Status(o.wait) || since >= o.timeout
	}
	return s.Raw.Status != path.Satisfied || since > syncWithin || tablesRead(m)
}

// answer is "no" as an error, or nil: with --wait it is about what was waited
// for.
func (o statusOptions) answer(s *fold.Snapshot, offer *path.Offer) error {
	yes := s.Raw.Status == path.Satisfied
	switch {
	case offer != nil && o.wait != "":
		yes = offer.Status == path.Status(o.wait)
	case offer != nil:
		yes = offer.Status == path.Satisfied
	case o.wait != "":
		yes = s.Settled == path.Status(o.wait)
	}
	if !yes {
		return errNegative
	}
	return nil
}

func (a *App) status(c *cobra.Command, o statusOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	set, err := a.settings()
	if err != nil {
		return err
	}
	probing := set.Probes.Enabled && !o.noProbes
	q, err := o.requirement.request(c.Context(), false)
	if err != nil {
		return err
	}
	var snap *fold.Snapshot
	var offer *path.Offer
	var found *verdict.Report
	if q != nil {
		snap, offer, err = a.statusFor(c.Context(), set, o, q)
	} else {
		snap, found, err = a.statusNow(c.Context(), set, o, probing)
	}
	if err != nil {
		return err
	}
	if snap.Raw == nil {
		return errTablesLate
	}
	open, last := a.past(set)
	v := statusView{Snapshot: snap.Led(a.goingOn(set)), found: found, open: open, last: last}
	if found != nil && !found.Well() {
		led := *v.Snapshot
		led.Health, v.Snapshot = found.Health(), &led // What is so now, whatever has gone on.
	}
	return a.answerStatus(c, o, &v, q, offer, thisHost())
}

// statusNow observes until the path is known, or is what is waited for, and diagnoses
// one that is satisfied as "check" does, so that both say the same.
func (a *App) statusNow(ctx context.Context, set config.Config, o statusOptions, probing bool) (*fold.Snapshot, *verdict.Report, error) {
	m, stop, err := a.observedUntil(ctx, set, o.enough)
	if err != nil {
		return nil, nil, err
	}
	snap := *m.Snapshot()
	if !probing || snap.Raw == nil || snap.Raw.Status != path.Satisfied {
		return &snap, nil, stop()
	}
	all, err := a.checkAll(ctx, m, set, checkOptions{json: true})
	if err := errors.Join(err, stop()); err != nil {
		return nil, nil, err
	}
	found := &all[0].report
	snap.Health = found.Health()
	return &snap, found, nil
}

// observeOnce runs the sources until done says so or ctx ends, and returns
// the newest snapshot. done is asked every five milliseconds, which costs little
// and delays no answer that a person could notice.
func (a *App) observeOnce(ctx context.Context, set config.Config, done func(*fold.Snapshot, time.Duration) bool, listeners ...fold.Listener) (*fold.Snapshot, error) {
	list, err := sources(set, false)
	if err != nil {
		return nil, err
	}
	m := a.newMonitor(set)
	m.Listen(listeners...)
	return a.observeBy(ctx, m, list, done)
}

// observeBy is observeOnce with a monitor of the caller's.
func (a *App) observeBy(ctx context.Context, m *live.Monitor, list []state.Source, done func(*fold.Snapshot, time.Duration) bool) (*fold.Snapshot, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	failed := make(chan error, 1)
	go func() { failed <- m.Run(ctx, list...) }()
	start := time.Now()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case err := <-failed:
			if err != nil {
				return nil, err
			}
			return m.Snapshot(), nil
		case <-tick.C:
		}
		if s := m.Snapshot(); done(s, time.Since(start)) {
			cancel()
			return s, <-failed
		}
	}
}
