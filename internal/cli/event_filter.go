package cli

import (
	"strings"
	"time"

	"github.com/spf13/cobra"

	"flapscope/monitor/fold"
	"flapscope/monitor/path"
)

// eventFilter says which events are printed.
type eventFilter struct {
	settled, episodes bool
	scope, since      string
	// from is the instant that since names.
	from time.Duration
}

func (f *eventFilter) register(c *cobra.Command) {
	c.Flags().BoolVar(&f.settled, "settled", false, "of transitions, print the settled ones only")
	c.Flags().BoolVar(&f.episodes, "episodes", false, "print episodes only")
	c.Flags().StringVar(&f.scope, "scope", "", "of transitions and episodes, print those of this `scope`: machine, ipv4, ipv6 or the name of an interface")
	c.Flags().StringVar(&f.since, "since", "", "print what is from this `time` of FILE on: "+instantHelp)
	must(c.RegisterFlagCompletionFunc("scope", values("machine", "ipv4", "ipv6")))
}

// check refuses filters that leave nothing.
func (f *eventFilter) check(o eventsOptions, file bool) error {
	switch {
	case f.episodes && o.all:
		return usagef("--episodes and --all exclude each other")
	case f.since != "" && !file:
		return usagef("--since needs a recording; see flapscope events --help")
	}
	return nil
}

// passes reports whether an event is wanted. Gaps and marks belong to every
// scope.
func (f *eventFilter) passes(e *fold.Event) bool {
	if e.Mono < f.from {
		return false
	}
	switch t := e.Transition; {
	case t != nil:
		return !f.episodes && (!f.settled || t.Phase == fold.PhaseSettled) && f.in(t.Scope)
	case e.Episode != nil:
		return f.in(e.Episode.Scope)
	case e.Incident != nil, e.Connection != nil:
		return !f.episodes && f.scope == ""
	}
	return !f.episodes
}

// in reports whether a scope is the wanted one, or all are.
func (f *eventFilter) in(s path.ScopeName) bool {
	if f.scope == "" || string(s) == f.scope {
		return true
	}
	name, ok := strings.CutPrefix(string(s), "interface:")
	return ok && name == f.scope
}
