package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"flapscope/internal/config"
	"flapscope/internal/text"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/live"
	"flapscope/monitor/path"
	"flapscope/monitor/state"
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

// healthWithin is how long a status waits for the probes to say something: a
// gateway answers in milliseconds, and one lost packet should not decide.
const healthWithin = 2500 * time.Millisecond

// silenceWithin is how long it waits where nothing answered: silence is known
// when several probes in a row have timed out.
const silenceWithin = 8 * time.Second

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

// enough returns when to stop observing: when the answer is known, the status
// that is waited for has settled, or patience has run out.
func (o statusOptions) enough(probing bool) func(*fold.Snapshot, time.Duration) bool {
	return func(s *fold.Snapshot, since time.Duration) bool {
		switch {
		case since > syncWithin && s.Raw == nil:
			return true
		case s.Raw == nil:
			return false
		case o.wait != "":
			return s.Settled == path.Status(o.wait) || since >= o.timeout
		}
		if s.Raw.Status != path.Satisfied || !probing || since > silenceWithin {
			return true
		}
		if s.Health.State == path.HealthUnknown {
			return since > healthWithin && !silent(s, fact.RoleInternet) && !undecided(s)
		}
		milder := s.Health.State == path.HealthOnline || s.Health.State == path.HealthDegraded
		return !milder || !undecided(s)
	}
}

// undecided reports whether it is not known yet what becomes of the first question to a
// name server, or beyond the gateway in a family where nothing has answered, or
// something was asked in vain for too short a time to know that it is silent: to call
// this machine online in the meantime would be a guess.
func undecided(s *fold.Snapshot) bool {
	answered := map[fact.Family]bool{}
	for _, t := range s.Targets {
		answered[t.Family] = answered[t.Family] || t.Role == fact.RoleInternet && t.Answered != 0
	}
	for _, t := range s.Targets {
		asked := t.Last != nil
		switch t.Role {
		case fact.RoleGateway, fact.RoleInternet:
			asked = asked || answered[t.Family]
		case fact.RoleResolver:
		default:
			continue
		}
		if !asked || t.Answered == 0 && t.Lost > 0 && (t.Lost < t.Enough() || s.Mono-t.LostSince < state.DownAfter) {
			return true
		}
	}
	return false
}

// silent reports whether targets of a role, or of any for "", are asked and none
// of them has ever answered.
func silent(s *fold.Snapshot, role fact.Role) bool {
	asked := false
	for _, t := range s.Targets {
		if t.Role == fact.RoleStandby || role != "" && t.Role != role {
			continue
		}
		if t.Answered != 0 {
			return false
		}
		asked = true
	}
	return asked
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
	set.Probes.Enabled = set.Probes.Enabled && !o.noProbes
	q, err := o.requirement.request(c.Context(), false)
	if err != nil {
		return err
	}
	var snap *fold.Snapshot
	var offer *path.Offer
	if q != nil {
		snap, offer, err = a.statusFor(c.Context(), set, o, q)
	} else {
		snap, err = a.observeOnce(c.Context(), set, o.enough(set.Probes.Enabled))
	}
	if err != nil {
		return err
	}
	if snap.Raw == nil {
		return fmt.Errorf("the kernel's tables did not arrive within %s; try again", text.Setting(syncWithin))
	}
	open, last := a.past(set)
	return a.answerStatus(c, o, snap.Led(a.goingOn(set)), open, last, q, offer, thisHost())
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
