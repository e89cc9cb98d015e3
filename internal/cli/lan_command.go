package cli

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"flapscope/internal/config"
	"flapscope/internal/text"
	"flapscope/monitor/fact"
	"flapscope/monitor/path"
	"flapscope/monitor/state"
	"flapscope/probes"
	"flapscope/probes/lan"
)

// lanOptions are the flags of the lan command.
type lanOptions struct {
	json, quiet bool
	ports       string
	numbers     []string
}

// gatewayWord stands for the gateway in --ports.
const gatewayWord = "gateway"

func (a *App) lanCommand() *cobra.Command {
	var o lanOptions
	c := &cobra.Command{
		Use:   "lan",
		Short: "Show who else is on the link, and what they offer",
		Long: fmt.Sprintf(`Lists the hosts on the link of the interface in use: their addresses, who made
their interfaces, their names and the services that they announce (Bonjour). Each
IPv4 address of the link's own prefix is pinged once, %d a second and %s
at most; with --quiet none is, and only what the kernel knows and what is announced
is shown. It needs no privilege, and goes no further than the link.

With --ports it opens connections to the usual ports of the gateway, or of the host
named, %d a second, and closes them at once. Ask only hosts that are yours.

Makers are read from the list that the distribution has (hwdata, ieee-data or
systemd's hardware database).`, lan.Rate, text.Number(lan.MaxAsked), lan.PortRate),
		Example: "  flapscope lan\n  flapscope lan --interface eth0 --json | jq '.hosts[].addresses[0]'\n  flapscope lan --ports\n  flapscope lan --ports=192.0.2.20 --port 22,80,8000-8010",
		Args: func(c *cobra.Command, args []string) error {
			if o.ports == gatewayWord && len(args) == 1 {
				o.ports, args = args[0], nil // As "--ports=HOST" would say.
			}
			return noArguments(c, args)
		},
		RunE: func(c *cobra.Command, _ []string) error { return a.lan(c, o) },
	}
	c.Flags().BoolVar(&o.json, "json", false, "print one JSON object")
	c.Flags().BoolVarP(&o.quiet, "quiet", "q", false, "ping nobody")
	c.Flags().StringVar(&o.ports, "ports", "", "look at the ports of the gateway, or of a `host` on the link")
	c.Flags().Lookup("ports").NoOptDefVal = gatewayWord
	c.Flags().StringSliceVar(&o.numbers, "port", nil, "the `ports` to look at, 22,8000-8010 say, instead of the usual ones")
	return c
}

// A scanned link is what was found there.
type scanned struct {
	lan.Scan
	iface  fact.Untrusted
	index  int
	began  time.Time
	target netip.Addr
	ports  []lan.Port
}

func (a *App) lan(c *cobra.Command, o lanOptions) error {
	ports, err := parsePorts(o.numbers)
	if err != nil {
		return err
	}
	if len(ports) > 0 && o.ports == "" {
		o.ports = gatewayWord
	}
	set, err := a.settings()
	if err != nil {
		return err
	}
	m, stop, err := a.observed(c.Context(), set)
	if err != nil {
		return err
	}
	x := &scanned{began: time.Now()}
	err = x.scan(c.Context(), m.Read, set, o, ports)
	if err := errors.Join(err, stop()); err != nil {
		return err
	}
	if err := c.Context().Err(); err != nil {
		return err
	}
	if o.json {
		return writeJSON(out(c), x.describe())
	}
	return a.printLan(out(c), x)
}

// scan looks at the link, or at the ports of one host there.
func (x *scanned) scan(ctx context.Context, look func(func(*state.State)), set config.Config, o lanOptions, ports []uint16) error {
	var gateways []netip.Addr
	var failed error
	look(func(s *state.State) { x.iface, x.index, gateways, failed = linkOf(s, set) })
	if failed != nil {
		return failed
	}
	if o.ports != "" {
		target, err := portTarget(o.ports, gateways, look, x.index)
		if err != nil {
			return err
		}
		if len(ports) == 0 {
			ports = lan.UsualPorts()
		}
		x.target, x.ports = target, lan.Ports(ctx, target, x.index, ports)
		x.Took = time.Since(x.began)
		return nil
	}
	mode, err := probes.PingMode()
	x.Scan = lan.Run(ctx, lan.Request{
		Index: x.index, Name: string(x.iface), Quiet: o.quiet, Raw: err == nil && mode == probes.ModeRaw, Look: look,
	})
	for _, h := range x.Hosts {
		h.Router = h.Router || slices.ContainsFunc(h.Addrs, func(a netip.Addr) bool { return slices.Contains(gateways, a) })
	}
	slices.SortStableFunc(x.Hosts, func(a, b *lan.Host) int { return rank(b.Router) - rank(a.Router) })
	return nil
}

func rank(is bool) int { return map[bool]int{true: 1}[is] }

// linkOf returns the interface whose link is meant, and its gateways.
func linkOf(s *state.State, set config.Config) (name fact.Untrusted, index int, gateways []netip.Addr, err error) {
	whole := set.Fold()
	whole.Interface = ""
	p := path.Evaluate(s, whole, s.Mono).Path
	if name, index = p.Interface, p.Index; set.Interface != "" {
		name, index = fact.Untrusted(set.Interface), 0
		for _, l := range s.Links {
			if l.Name == name {
				index = l.Index
			}
		}
		if index == 0 {
			return name, 0, nil, usagef("there is no interface %q", name.Display())
		}
	}
	l := s.Links[index]
	switch {
	case l == nil:
		return name, 0, nil, errors.New("no interface is in use; name one with --interface")
	case l.Type == fact.TypeTunnel || l.Type == fact.TypeLoopback:
		return name, 0, nil, usagef("%s is %s: nobody else is on it; name another with --interface", name.Display(), l.Type)
	case !l.Up() || !l.Carrier():
		return name, 0, nil, fmt.Errorf("%s is down; name another with --interface", name.Display())
	}
	for _, i := range p.Interfaces {
		for _, f := range fact.Families {
			if g := i.Family(f).Gateway; i.Index == index && g.IsValid() {
				gateways = append(gateways, g)
			}
		}
	}
	return name, index, gateways, nil
}

// portTarget returns the host whose ports are meant, which is on the link.
func portTarget(word string, gateways []netip.Addr, look func(func(*state.State)), index int) (netip.Addr, error) {
	if word == gatewayWord {
		if len(gateways) == 0 {
			return netip.Addr{}, errors.New("there is no gateway; name a host: --ports=192.0.2.20")
		}
		return gateways[0], nil
	}
	a, err := netip.ParseAddr(word)
	if err != nil {
		return a, usagef("--ports=%s: want an address", fact.Untrusted(word).Display())
	}
	a, near := a.Unmap().WithZone(""), false
	look(func(s *state.State) { near = lan.OnLink(s, index, a) })
	if !near {
		return a, usagef("%s is not on the link; flapscope lan goes no further", a)
	}
	return a, nil
}

// maxPorts bounds how many ports are looked at.
const maxPorts = 1024

// parsePorts reads ports and ranges of them.
func parsePorts(words []string) (out []uint16, err error) {
	for _, w := range words {
		from, to, isRange := strings.Cut(strings.TrimSpace(w), "-")
		a, err := strconv.ParseUint(from, 10, 16)
		b := a
		if err == nil && isRange {
			b, err = strconv.ParseUint(to, 10, 16)
		}
		if err != nil || a == 0 || b < a {
			return nil, usagef("--port %q: want ports as 22,80 or 8000-8010", fact.Untrusted(w).Display())
		}
		for n := a; n <= b; n++ {
			if out = append(out, uint16(n)); len(out) > maxPorts {
				return nil, usagef("--port: %d ports at most", maxPorts)
			}
		}
	}
	return out, nil
}
