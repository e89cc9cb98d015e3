package cli

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"flapscope/internal/config"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
	"flapscope/monitor/state"
	"flapscope/probes/target"
)

// A requirement is what a status is asked for, as the flags say it.
type requirement struct {
	to                string
	require, prohibit []string
}

// interfaceTypes are those that can be required and prohibited.
var interfaceTypes = []string{
	string(fact.TypeWired), string(fact.TypeWifi), string(fact.TypeCellular), string(fact.TypeTunnel),
	string(fact.TypeBridge), string(fact.TypeVirtual), string(fact.TypeOther),
}

// costConditions can be prohibited too.
var costConditions = []string{string(path.Expensive), string(path.Constrained)}

// register adds the flags to a command.
func (r *requirement) register(c *cobra.Command) {
	c.Flags().StringVar(&r.to, "to", "", "ask for the path to a `host`")
	c.Flags().StringSliceVar(&r.require, "require", nil, "ask for a path by one of these `types` of interface: "+strings.Join(interfaceTypes, ", "))
	c.Flags().StringSliceVar(&r.prohibit, "prohibit", nil, "ask for a path by none of these `types`, or not where traffic is "+strings.Join(costConditions, " or "))
	must(c.RegisterFlagCompletionFunc("require", values(interfaceTypes...)))
	must(c.RegisterFlagCompletionFunc("prohibit", values(slices.Concat(interfaceTypes, costConditions)...)))
}

// asked reports whether there is a requirement.
func (r *requirement) asked() bool { return r.to != "" || len(r.require)+len(r.prohibit) > 0 }

// request returns the requirement as the evaluation has it; names are looked up
// unless offline.
func (r *requirement) request(ctx context.Context, offline bool) (*path.Request, error) {
	if !r.asked() {
		return nil, nil
	}
	q := &path.Request{}
	for _, t := range r.require {
		if !slices.Contains(interfaceTypes, t) {
			return nil, usagef("--require %q: want %s", t, strings.Join(interfaceTypes, ", "))
		}
		q.Require = append(q.Require, fact.LinkType(t))
	}
	for _, t := range r.prohibit {
		if !slices.Contains(interfaceTypes, t) && !slices.Contains(costConditions, t) {
			return nil, usagef("--prohibit %q: want %s", t, strings.Join(slices.Concat(interfaceTypes, costConditions), ", "))
		}
		q.Prohibit = append(q.Prohibit, path.Condition(t))
	}
	if r.to == "" {
		return q, nil
	}
	var t fact.Target
	if _, err := target.SetHost(&t, strings.Trim(r.to, "[]")); err != nil {
		return nil, usageError{err}
	}
	switch {
	case t.Addr.IsLinkLocalUnicast():
		return nil, usagef("--to %s: an address of the link is reached by the interface that it names", t.Addr)
	case t.Addr.IsValid():
		q.To = []netip.Addr{t.Addr.Unmap().WithZone("")}
	case offline:
		return nil, usagef("--to %q: in a recording an address is needed; names are not looked up", fact.Untrusted(r.to).Display())
	default:
		found, err := namedAddresses(ctx, r.to)
		if err != nil {
			return nil, err
		}
		q.To = found
	}
	return q, nil
}

// namedAddresses returns the addresses of a host that programs try first, one of
// each family.
func namedAddresses(ctx context.Context, host string) (all []netip.Addr, err error) {
	ctx, cancel := context.WithTimeout(ctx, lookupWithin)
	defer cancel()
	found, errs := make([][]netip.Addr, 2), make([]error, 2)
	var asking sync.WaitGroup
	for i, network := range []string{"ip4", "ip6"} {
		asking.Go(func() { found[i], errs[i] = net.DefaultResolver.LookupNetIP(ctx, network, host) })
	}
	asking.Wait()
	for i := range found {
		if len(found[i]) > 0 {
			all = append(all, found[i][0].Unmap())
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s: %w", fact.Untrusted(host).Display(), errs[0])
	}
	return all, nil
}

// name is what events call the requirement.
func (r *requirement) name() fact.Untrusted {
	var all []string
	if r.to != "" {
		all = append(all, r.to)
	}
	if len(r.require) > 0 {
		all = append(all, "by "+strings.Join(r.require, " or "))
	}
	if len(r.prohibit) > 0 {
		all = append(all, "without "+strings.Join(r.prohibit, " or "))
	}
	return fact.Untrusted(strings.Join(all, ", "))
}

// statusFor observes until the request can be answered, or, with --wait, until it
// has that status.
func (a *App) statusFor(ctx context.Context, set config.Config, o statusOptions, q *path.Request) (*fold.Snapshot, *path.Offer, error) {
	set.Probes.Enabled = false // It is about the way, and somebody waits.
	list, err := sources(set, false, q.To...)
	if err != nil {
		return nil, nil, err
	}
	m := a.newMonitor(set)
	m.Require(o.requirement.name(), q)
	var seen *fold.Snapshot
	var offer *path.Offer
	snap, err := a.observeBy(ctx, m, list, func(s *fold.Snapshot, since time.Duration) bool {
		if s.Raw == nil {
			return since > syncWithin
		}
		if s != seen {
			m.Read(func(st *state.State) { offer = path.Ask(st, set.Fold(), st.Mono, q) })
			seen = s
		}
		if o.wait != "" {
			return offer.Status == path.Status(o.wait) || since >= o.timeout
		}
		return offer.By == path.ByKernel || since > syncWithin
	})
	return snap, offer, err
}

// printOffer prints what a request gets: the answer first. Of a recording it is known
// since when a connection holds.
func printOffer(out io.Writer, q *path.Request, o *path.Offer, c *fold.Connection, recorded bool, p paint) error {
	var b strings.Builder
	b.WriteString(p.status(o.Status))
	if o.Reason != "" {
		b.WriteString("  " + string(o.Reason))
	}
	b.WriteString("  " + o.Text.Display() + "\n")
	for _, f := range fact.Families {
		if _, wanted := q.Destination(f); wanted || len(q.To) == 0 {
			b.WriteString(p.familyLine(f.Scope(), o.Family(f)))
		}
	}
	if c != nil && c.Viable() && recorded {
		b.WriteString(p.row("viable", "on "+c.Path.Interface.Display()+" since "+c.Since.Time.Format("2006-01-02 "+clockLayout)))
	}
	if c != nil && c.Better != "" {
		b.WriteString(p.row("better", c.Better.Display()+": what connected before is still on "+c.Path.Interface.Display()))
	}
	if o.By == path.ByTables {
		b.WriteString(p.row("way", "by the tables; the kernel was not asked about it"))
	}
	for i := range o.Considered {
		c := &o.Considered[i]
		why := string(c.Status)
		if c.Reason != "" {
			why = string(c.Reason)
		}
		for _, w := range []struct {
			on   bool
			word string
		}{{c.Expensive, "expensive"}, {c.Constrained, "constrained"}} {
			if w.on {
				why += ", " + w.word
			}
		}
		switch {
		case c.Excluded == "required":
			why += ", not of the required type"
		case c.Excluded != "":
			why += ", prohibited"
		}
		b.WriteString(p.row(c.Interface.Display(), word(c.Type)+", "+word(why)))
	}
	_, err := io.WriteString(out, b.String())
	return err
}
