package cli

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"flapscope/history/session"
	"flapscope/internal/config"
	"flapscope/internal/survey"
	"flapscope/internal/text"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/live"
	"flapscope/monitor/path"
	"flapscope/monitor/state"
	"flapscope/monitor/verdict"
	"flapscope/probes"
	"flapscope/probes/capport"
	"flapscope/probes/checkup"
)

// checkOptions are the flags of the check command.
type checkOptions struct {
	json, each bool
	at         string
}

// A checked scope is the machine or an interface, and what was found out.
type checked struct {
	iface  fact.Untrusted
	scope  checkup.Scope
	stats  checkup.Stats
	report verdict.Report
	// since is when the trouble of this machine began by what was recorded, if it
	// was.
	since time.Time
	// operators is how many stand for the internet.
	operators int
	// spare is an interface that has a path and is not used.
	spare fact.Untrusted
}

func (a *App) checkCommand() *cobra.Command {
	var o checkOptions
	c := &cobra.Command{
		Use:   "check [TARGET…|FILE]",
		Short: "Find out what is wrong: here, the gateway, DNS or beyond",
		Long: `Asks everything at once that tells one trouble from another: the link, the
gateway, the name servers, the internet at two operators by ping, TCP and TLS,
a captive portal, and how large packets may be; in both families. It says in one
sentence what is wrong, leg by leg what was found, and what to try. It takes
some milliseconds when all is well, and about four seconds at most.

It asks whom the configuration lists (see flapscope config), some 20 kB in all and
65 kB at most; name servers also for a random name below .com, to see whether they
make addresses up, and 192.0.2.1, which nobody has, to see who answers for others.

The exit code is 0 when this machine is online and 1 when something is wrong.

Targets are asked instead, once, and on every system that the program builds for:
a host, which is pinged and asked for a connection to port 443, or one of
` + text.Or(probes.TargetForms()) + `. The exit code is 0 when all of them answer.

With a recording (*` + session.Suffix + `) it prints the newest diagnosis in it, at its end or at
another time: one is made on each network and at the beginning of each incident.`,
		Example:           "  flapscope check\n  flapscope check hq.example.net tcp:hq.example.net:22\n  flapscope check --json | jq .verdict\n  flapscope check --interface wlan0\n  flapscope check --each-interface\n  flapscope check night.flap.gz --at 03:12:40",
		ValidArgsFunction: targetForms,
		RunE: func(c *cobra.Command, args []string) error {
			switch {
			case len(args) == 1 && strings.HasSuffix(args[0], session.Suffix):
				return a.checkOf(c, o, args[0])
			case o.at != "":
				return usagef("--at needs a recording; see flapscope check --help")
			}
			a.endAtOnce()
			return a.check(c, o, args)
		},
	}
	c.Flags().BoolVar(&o.json, "json", false, "print one JSON object")
	c.Flags().StringVar(&o.at, "at", "", "the `time` within a recording: "+instantHelp)
	c.Flags().BoolVar(&o.each, "each-interface", false, "diagnose every interface that has a path too")
	return c
}

func (a *App) check(c *cobra.Command, o checkOptions, targets []string) error {
	set, err := a.settings()
	if err != nil {
		return err
	}
	if len(targets) > 0 {
		return a.checkTargets(c, set, o, targets)
	}
	if o.each && set.Interface != "" {
		return usagef("--each-interface and --interface %s: want one of them", fact.Untrusted(set.Interface).Display())
	}
	began := time.Now()
	m, stop, err := a.observed(c.Context(), set)
	if err != nil {
		return err
	}
	all, err := a.checkAll(c.Context(), m, set, o)
	if err := errors.Join(err, stop()); err != nil {
		return err
	}
	if o.json {
		host, _ := os.Hostname()
		err = writeJSON(out(c), describeCheck(all, began, host, a.Version))
	} else {
		err = a.printChecks(out(c), set, all)
	}
	if err == nil && slices.ContainsFunc(all, func(x *checked) bool { return !x.report.Well() }) {
		return errNegative
	}
	return err
}

// observed runs the sources that tell the state of this machine, until stop is
// called, and returns when they have told all that they know.
func (a *App) observed(ctx context.Context, set config.Config) (m *live.Monitor, stop func() error, err error) {
	m, stop, err = a.observedUntil(ctx, set, func(m *live.Monitor, since time.Duration) bool {
		return tablesRead(m) || since > syncWithin
	})
	if err == nil && !tablesRead(m) {
		return nil, nil, errors.Join(errTablesLate, stop())
	}
	return m, stop, err
}

// observedUntil is observed that returns when enough is known.
func (a *App) observedUntil(ctx context.Context, set config.Config, enough func(*live.Monitor, time.Duration) bool) (m *live.Monitor, stop func() error, err error) {
	set.Probes.Enabled = false
	list, err := sources(set, false)
	if err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	m = a.newMonitor(set)
	failed := make(chan error, 1)
	go func() { failed <- m.Run(ctx, list...) }()
	stop = func() error {
		cancel()
		return <-failed
	}
	// A tick of a millisecond is little beside what is waited for, unless it is for
	// long.
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for began := time.Now(); ; {
		select {
		case err := <-failed:
			cancel()
			return nil, nil, errors.Join(errors.New("observing this machine ended"), err)
		case <-tick.C:
		}
		since := time.Since(began)
		if enough(m, since) {
			return m, stop, nil
		}
		if since > time.Second {
			tick.Reset(5 * time.Millisecond)
		}
	}
}

// errTablesLate is that of the first dump of all tables.
var errTablesLate = fmt.Errorf("the kernel's tables did not arrive within %s; try again", text.Setting(syncWithin))

// tablesRead reports whether all is known that a diagnosis asks of this machine.
func tablesRead(m *live.Monitor) (ready bool) {
	m.Read(func(s *state.State) { ready = s.Synced["kernel"] && s.Synced["resolver"] && len(s.Lookups) > 0 })
	return ready
}

// scopes returns what to diagnose: the machine or the one interface that was
// asked for, and each of those that have a path.
func scopes(m *live.Monitor, set config.Config, each bool) (all []*checked, err error) {
	var spare fact.Untrusted
	conf := checkConfig(set)
	m.Read(func(s *state.State) {
		whole := set.Fold()
		whole.Interface = "" // An interface alone is told beside all others.
		p := path.Evaluate(s, whole, s.Mono).Path
		if set.Interface == "" {
			all = append(all, &checked{scope: checkup.NewScope(s, p, 0, conf.Name())})
		}
		for _, x := range p.Interfaces {
			if spare == "" && x.Candidate && !x.InUse && x.Status == path.Satisfied {
				spare = x.Name
			}
			wanted := each && (x.Candidate || x.InUse) && x.Status == path.Satisfied
			if string(x.Name) == set.Interface || wanted {
				all = append(all, &checked{iface: x.Name, scope: checkup.NewScope(s, p, x.Index, conf.Name())})
			}
		}
	})
	for _, x := range all {
		x.spare = spare
	}
	if len(all) == 0 {
		return nil, usagef("there is no interface %q", fact.Untrusted(set.Interface).Display())
	}
	return all, nil
}

// checkAll diagnoses all scopes at once.
func (a *App) checkAll(ctx context.Context, m *live.Monitor, set config.Config, o checkOptions) ([]*checked, error) {
	all, err := scopes(m, set, o.each)
	if err != nil {
		return nil, err
	}
	conf := checkConfig(set)
	conf.Look = m.Read
	shown := a.progress(o.json)
	var running sync.WaitGroup
	for i, x := range all {
		conf := conf
		if i == 0 {
			conf.Progress = shown.show
		}
		running.Go(func() {
			e, stats := checkup.Run(ctx, conf, x.scope)
			x.stats, x.operators = stats, len(e.Operators)
			verdict.Judge(e, &x.report)
		})
	}
	running.Wait()
	shown.clear()
	if first := all[0]; !first.report.Well() && first.iface == "" {
		open, _ := a.past(set)
		if worst := fold.WorstEpisode(open); worst != nil {
			first.since = worst.Start
		}
	}
	return all, ctx.Err()
}

// checkConfig says in the words of package checkup what is configured.
func checkConfig(set config.Config) checkup.Config {
	p := probeConfig(&set.Probes)
	conf := checkup.Config{Internet: internetAddresses(set.Probes.Internet), Portal: p.Portal, Query: p.Query}
	mode, err := probes.PingMode()
	conf.Raw = err == nil && mode == probes.ModeRaw
	return conf
}

// surveyed adds to the sources of a monitor one that makes diagnoses, if that is
// configured.
func surveyed(m *live.Monitor, set config.Config, list []state.Source) []state.Source {
	if !set.Probes.Enabled || !set.Probes.Diagnose {
		return list
	}
	now := func() time.Duration {
		_, mono := live.Boottime()
		return mono
	}
	s := survey.New(checkConfig(set), set.Fold(), set.Probes.DiagnoseInterval, now)
	m.Listen(s)
	return append(list, s, capport.New(now))
}

// internetAddresses returns the configured targets that are addresses.
func internetAddresses(all []string) (out []netip.Addr) {
	for _, s := range all {
		if a, err := netip.ParseAddr(strings.Trim(s, "[]")); err == nil {
			out = append(out, a.Unmap())
		}
	}
	return out
}
