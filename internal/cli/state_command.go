package cli

import (
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"flapscope/history/session"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/state"
)

func (a *App) stateCommand() *cobra.Command {
	var asJSON bool
	var at, other string
	c := &cobra.Command{
		Use:   "state [FILE|-]",
		Short: "Show the tables that ip(8) shows: now, or of a stream or recording",
		Long: `Shows links, addresses, routes, rules, neighbours, next hops and resolvers, in
the words of "ip -j": now, at the end (or at another time) of a recording, or at
the end of a stream of "events --all --json" read from FILE or from standard
input (-).

With --diff it shows what changed in a recording between two instants: what was
added, removed, or is otherwise. Neighbours that go on answering, lifetimes that
run and the kernel's own routes (table local) are no change for people.`,
		Example: "  flapscope state night.flap.gz --at 03:12:30 --diff 03:13:00\n  flapscope state night.flap.gz --at 03:12:40\n  flapscope state --json | jq '.routes[] | select(.dst==\"default\")'\n  flapscope state - < now.jsonl",
		Args:    atMostOne,
		RunE: func(c *cobra.Command, args []string) error {
			if other != "" {
				return a.stateDifference(c, args, at, other, asJSON)
			}
			s, when, err := a.stateOf(c, args, at)
			if err != nil {
				return err
			}
			return printState(out(c), s, when, asJSON)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	c.Flags().StringVar(&other, "diff", "", "show what changed between --at, or the beginning, and this `time` within a recording")
	c.Flags().StringVar(&at, "at", "", "the `time` within a recording: "+instantHelp)
	return c
}

// stateOf returns the state that the arguments name, and of when it is.
func (a *App) stateOf(c *cobra.Command, args []string, at string) (*state.State, time.Time, error) {
	if len(args) == 1 {
		a.readOnly(args[0])
	}
	if len(args) == 1 && args[0] != "-" && (isRecording(args[0]) || strings.HasSuffix(args[0], session.Suffix)) {
		return a.stateAt(args[0], at)
	}
	if at != "" {
		return nil, time.Time{}, usagef("--at needs a recording; see flapscope state --help")
	}
	if len(args) == 0 {
		s, err := a.stateNow(c)
		return s, time.Now(), err
	}
	in := c.InOrStdin()
	if args[0] != "-" {
		f, err := os.Open(args[0])
		if err != nil {
			return nil, time.Time{}, cannotOpen(args[0], err)
		}
		defer f.Close()
		in = f
	}
	s, err := foldStream(in)
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("%s: %w", args[0], err)
	}
	return s, s.Time, nil
}

// stateAt returns the state of a recording at an instant, or at its end.
func (a *App) stateAt(name, at string) (*state.State, time.Time, error) {
	r, err := openRecording(name)
	if err != nil {
		return nil, time.Time{}, err
	}
	defer r.Close()
	a.warnMissing(name, r)
	_, mono := r.Bounds()
	if at != "" {
		if mono, err = parseWithin(at, r); err != nil {
			return nil, time.Time{}, err
		}
	}
	s, err := r.StateAt(mono)
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("%s: %w", name, err)
	}
	if since, blind := r.BlindAt(mono); blind {
		fmt.Fprintf(a.stderr(), "flapscope: %s is damaged: what held is not known since %s; this is the state of then\n",
			fact.Untrusted(name).Display(), r.Wall(since).Format("15:04:05.000"))
	}
	return s, r.Wall(mono), nil
}

// stateNow reads the tables once, without probing anything.
func (a *App) stateNow(c *cobra.Command) (*state.State, error) {
	set, err := a.settings()
	if err != nil {
		return nil, err
	}
	set.Probes.Enabled = false
	k := &stateKeeper{}
	snap, err := a.observeOnce(c.Context(), set, func(s *fold.Snapshot, since time.Duration) bool {
		return s.Synced && len(s.Resolvers) > 0 || since > syncWithin
	}, k)
	if err != nil {
		return nil, err
	}
	if !snap.Synced {
		return nil, errTablesLate
	}
	return k.state, nil
}

// A stateKeeper remembers the state that it hears of; it is read after the
// sources have stopped.
type stateKeeper struct{ state *state.State }

// Observed implements fold.Listener.
func (k *stateKeeper) Observed(_ fact.Observation, s *state.State) { k.state = s }

// Happened implements fold.Listener.
func (k *stateKeeper) Happened(fold.Event, func() *fold.Snapshot) {}
