package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"flapscope/monitor/fact"
	"flapscope/probes"
	"flapscope/probes/target"
	"flapscope/probes/trace"
)

// traceOptions are the flags of the trace command.
type traceOptions struct {
	json, watch, udp, numeric bool
	only4, only6              bool
	tcp                       int
}

// traceAgain is how often hops that did not answer are asked again, and
// traceEvery how long after.
const (
	traceAgain = 2
	traceEvery = 300 * time.Millisecond
	// watchEvery is the time between two rounds of a watch: routers limit how
	// many errors they send, mostly to one a second.
	watchEvery = time.Second
	// nameWithin is how long names may take.
	nameWithin = 1500 * time.Millisecond
)

func (a *App) traceCommand() *cobra.Command {
	var o traceOptions
	c := &cobra.Command{
		Use:   "trace HOST",
		Short: "Show the way to a host, hop by hop, and how large packets may be",
		Long: `Asks every router on the way to a host at once, by packets whose time to live
ends there. All packets are one flow, so that ways of equal cost are not mixed.
It needs no privilege, but that pings are permitted, or --udp or --tcp.

A hop that does not answer is no trouble: routers answer when they like. Loss is
counted only where all hops behind lose as much.

With --watch it asks once a second until it is interrupted, and shows what is lost
where. The exit code is 0 when the host was reached and 1 when not.`,
		Example: "  flapscope trace files.example.net\n  flapscope trace --tcp 443 files.example.net\n  flapscope trace --watch 192.0.2.80\n  flapscope trace --json example.net | jq '.hops[].answers[].address'",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("%s needs one host; see %s --help", c.CommandPath(), c.CommandPath())
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return a.trace(c, o, args[0]) },
	}
	c.Flags().BoolVar(&o.json, "json", false, "print one JSON object")
	c.Flags().BoolVar(&o.watch, "watch", false, "ask once a second, and count what is lost where")
	c.Flags().BoolVar(&o.udp, "udp", false, "send UDP to a closed port instead of pings")
	c.Flags().IntVar(&o.tcp, "tcp", 0, "open TCP connections to a `port` instead of pings")
	c.Flags().BoolVarP(&o.numeric, "numeric", "n", false, "look up no names of routers")
	c.Flags().BoolVarP(&o.only4, "ipv4", "4", false, "take an IPv4 address of the host")
	c.Flags().BoolVarP(&o.only6, "ipv6", "6", false, "take an IPv6 address of the host")
	return c
}

// check refuses flags that make no sense.
func (o *traceOptions) check() error {
	switch {
	case o.udp && o.tcp != 0:
		return usagef("--udp and --tcp: want one of them")
	case o.tcp < 0 || o.tcp > 65535:
		return usagef("--tcp %d: want a port, 1 to 65535", o.tcp)
	case o.only4 && o.only6:
		return usagef("--ipv4 and --ipv6: want one of them")
	}
	return nil
}

// A tracing is one trace.
type tracing struct {
	host    fact.Untrusted
	target  trace.Target
	path    trace.Path
	names   names
	began   time.Time
	packets int
	// rounds may be lost only where they were counted.
	watch bool
}

func (a *App) trace(c *cobra.Command, o traceOptions, host string) error {
	if err := o.check(); err != nil {
		return err
	}
	set, err := a.settings()
	if err != nil {
		return err
	}
	t := &tracing{host: fact.Untrusted(host), began: time.Now(), watch: o.watch}
	if t.target, err = traceTarget(c.Context(), o, host, set.Interface); err != nil {
		return err
	}
	t.names.off = o.numeric
	x, err := trace.New(t.target)
	if err != nil {
		return fmt.Errorf("trace %s: %w; try --udp or --tcp 443", t.host.Display(), err)
	}
	defer x.Close()
	if o.watch {
		err = a.watchTrace(c.Context(), t, x, o.json)
	} else {
		t.once(c.Context(), x)
	}
	if err != nil {
		return err
	}
	if err := a.printTrace(out(c), t, o.json, set); err != nil {
		return err
	}
	if !t.path.Reached {
		return errNegative
	}
	return nil
}

// traceTarget says where to, and how.
func traceTarget(ctx context.Context, o traceOptions, host, iface string) (t trace.Target, err error) {
	t.Method = trace.ICMP
	if o.udp {
		t.Method = trace.UDP
	}
	if o.tcp != 0 {
		t.Method, t.Port = trace.TCP, uint16(o.tcp)
	}
	if t.Addr, err = traceAddress(ctx, o, host); err != nil {
		return t, err
	}
	if zone := t.Addr.Zone(); zone != "" && iface == "" {
		iface = zone
	}
	t.Addr = t.Addr.WithZone("")
	if iface != "" {
		dev, err := net.InterfaceByName(iface)
		if err != nil {
			return t, usagef("there is no interface %q", fact.Untrusted(iface).Display())
		}
		t.Index = dev.Index
	}
	mode, err := probes.PingMode()
	switch {
	case t.Method != trace.ICMP:
		return t, nil
	case err != nil:
		return t, fmt.Errorf("pings are not permitted (%w); try --udp or --tcp 443", err)
	}
	t.Raw = mode == probes.ModeRaw
	return t, nil
}

// traceAddress returns the address of a host: that which programs would take,
// which is of IPv6 where this machine has a way there.
func traceAddress(ctx context.Context, o traceOptions, host string) (netip.Addr, error) {
	var t fact.Target
	if _, err := target.SetHost(&t, strings.Trim(host, "[]")); err != nil {
		return netip.Addr{}, usageError{err}
	}
	if t.Addr.IsValid() {
		return t.Addr, nil
	}
	found := make([][]netip.Addr, 2)
	errs := make([]error, 2)
	var asking sync.WaitGroup
	for i, network := range []string{"ip6", "ip4"} {
		if o.only4 && network == "ip6" || o.only6 && network == "ip4" {
			continue
		}
		asking.Go(func() { found[i], errs[i] = net.DefaultResolver.LookupNetIP(ctx, network, host) })
	}
	asking.Wait()
	var other netip.Addr
	for _, all := range found {
		for _, addr := range all {
			if addr = addr.Unmap(); probes.Routed(addr) {
				return addr, nil
			}
			other = addr
		}
	}
	if other.IsValid() {
		return other, nil
	}
	return netip.Addr{}, fmt.Errorf("%s has no address that can be used: %w", fact.Untrusted(host).Display(), errors.Join(errs...))
}

// once asks the routers once, and again those that don't answer, and finds out
// how large packets may be.
func (t *tracing) once(ctx context.Context, x *trace.Tracer) {
	t.path.Round(x.Round(ctx, trace.MaxHops))
	t.names.want(ctx, &t.path)
	for range traceAgain {
		if !t.path.Reached {
			t.path.Trim()
		}
		var ttls []int
		for i := range t.path.Hops {
			if t.path.Hops[i].Received == 0 {
				ttls = append(ttls, i+1)
			}
		}
		if len(ttls) == 0 || !pause(ctx, traceEvery) {
			break
		}
		for i, answer := range x.Ask(ctx, ttls) {
			t.path.Again(ttls[i], answer)
		}
	}
	t.end(ctx, x)
}

// end finds out what is asked once.
func (t *tracing) end(ctx context.Context, x *trace.Tracer) {
	if t.path.Reached {
		t.path.MTU, t.path.By = x.MTU(ctx, linkMTU(ctx, t.target))
	} else {
		t.path.Trim()
	}
	t.names.want(ctx, &t.path)
	t.names.wait(ctx)
	t.packets = x.Packets()
}

// linkMTU is how large packets may be that leave by the interface towards a
// target: that of the address that they would have.
func linkMTU(ctx context.Context, t trace.Target) int {
	const ethernet = 1500
	if t.Index != 0 {
		if dev, err := net.InterfaceByIndex(t.Index); err == nil {
			return dev.MTU
		}
	}
	// It sends nothing.
	c, err := new(net.Dialer).DialContext(ctx, "udp", net.JoinHostPort(t.Addr.String(), strconv.Itoa(9)))
	if err != nil {
		return ethernet
	}
	defer c.Close()
	own, _ := netip.ParseAddrPort(c.LocalAddr().String())
	all, _ := net.Interfaces()
	for _, dev := range all {
		if has(dev, own.Addr().Unmap()) {
			return dev.MTU
		}
	}
	return ethernet
}

// has reports whether an interface has an address.
func has(dev net.Interface, own netip.Addr) bool {
	all, _ := dev.Addrs()
	return slices.ContainsFunc(all, func(a net.Addr) bool {
		p, err := netip.ParsePrefix(a.String())
		return err == nil && p.Addr().Unmap() == own.WithZone("")
	})
}

// pause waits, and reports whether ctx goes on.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// names are the names of routers (PTR), which their owners choose. They are
// looked up while other things are done.
type names struct {
	off     bool
	running sync.WaitGroup
	mu      sync.Mutex // guards all following
	known   map[netip.Addr]fact.Untrusted
}

// want looks up the names of all routers that are not known yet.
func (n *names) want(ctx context.Context, p *trace.Path) {
	if n.off {
		return
	}
	for _, h := range p.Hops {
		for _, r := range h.Routers {
			n.look(ctx, r.Addr)
		}
	}
}

func (n *names) look(ctx context.Context, a netip.Addr) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if _, ok := n.known[a]; ok || !a.IsValid() {
		return
	}
	if n.known == nil {
		n.known = map[netip.Addr]fact.Untrusted{}
	}
	n.known[a] = ""
	n.running.Go(func() {
		ctx, cancel := context.WithTimeout(ctx, nameWithin)
		defer cancel()
		all, err := net.DefaultResolver.LookupAddr(ctx, a.String())
		if err == nil && len(all) > 0 {
			n.mu.Lock()
			n.known[a] = fact.Untrusted(strings.TrimSuffix(all[0], "."))
			n.mu.Unlock()
		}
	})
}

// wait waits for the names that were asked for.
func (n *names) wait(context.Context) { n.running.Wait() }

// of returns the name of an address, or "".
func (n *names) of(a netip.Addr) fact.Untrusted {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.known[a]
}
