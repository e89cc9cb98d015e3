package cli

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"flapscope/internal/config"
	"flapscope/monitor/fact"
	"flapscope/monitor/verdict"
	"flapscope/probes"
)

// An askedDocument is the output of "check --json TARGET…". Its form is a stable
// contract: additions only.
type askedDocument struct {
	Time    string             `json:"time"`
	Version string             `json:"version"`
	Results []fact.ProbeResult `json:"results"`
}

// checkTargets asks targets of the user's once, and says what they answered.
// Nothing is found out about this machine, so that it works on other systems too.
func (a *App) checkTargets(c *cobra.Command, set config.Config, o checkOptions, args []string) error {
	if o.each {
		return usagef("--each-interface asks about this machine: want no targets beside it")
	}
	targets, err := askedTargets(args, set.Interface)
	if err != nil {
		return err
	}
	began := time.Now()
	results := probes.Once(c.Context(), probeConfig(&set.Probes), targets)
	if err := c.Context().Err(); err != nil {
		return err
	}
	if o.json {
		err = writeJSON(out(c), askedDocument{fact.FormatTime(began), a.Version, results})
	} else {
		err = a.printAsked(c, set, results)
	}
	if err == nil && slices.ContainsFunc(results, func(r fact.ProbeResult) bool { return r.Outcome != fact.OutcomeOK }) {
		return errNegative
	}
	return err
}

// printAsked prints a line for each result.
func (a *App) printAsked(c *cobra.Command, set config.Config, results []fact.ProbeResult) error {
	p, fold := a.paint(), a.glyphs(set).Fold
	for _, r := range results {
		leg := verdict.LegBad
		switch r.Outcome {
		case fact.OutcomeOK:
			leg = verdict.LegOK
		case fact.OutcomeNoData:
			leg = verdict.LegUnknown
		}
		if _, err := fmt.Fprintln(out(c), strings.Map(fold, p.legMark(leg)+" "+r.Words().Display())); err != nil {
			return err
		}
	}
	return nil
}

// askedTargets reads what to ask. A host without a method is pinged, and asked for
// a connection to port 443.
func askedTargets(args []string, iface string) (all []fact.Target, err error) {
	index := 0
	if iface != "" {
		dev, err := net.InterfaceByName(iface)
		if err != nil {
			return nil, usagef("there is no interface %q", fact.Untrusted(iface).Display())
		}
		index = dev.Index
	}
	for _, arg := range args {
		forms := []string{arg}
		if bareHost(arg) {
			host := strings.Trim(arg, "[]")
			forms = []string{"ping:" + host, "tcp:" + net.JoinHostPort(host, "443")}
		}
		for _, s := range forms {
			t, err := probes.ParseTarget(s)
			if err != nil {
				return nil, usageError{err}
			}
			t.Index = index
			all = append(all, t)
		}
	}
	return all, nil
}

// bareHost reports whether a target is a host alone.
func bareHost(s string) bool {
	if _, err := netip.ParseAddr(strings.Trim(s, "[]")); err == nil {
		return true
	}
	return !strings.Contains(s, ":")
}
