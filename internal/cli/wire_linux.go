package cli

import (
	"net/netip"
	"strconv"

	"flapscope/internal/config"
	"flapscope/monitor"
	"flapscope/monitor/clock"
	"flapscope/monitor/kernel"
	"flapscope/monitor/live"
	"flapscope/monitor/resolver"
	"flapscope/probes"
)

// newMonitor returns a monitor of this machine.
func newMonitor(c config.Config) *live.Monitor {
	return live.New(c.Fold(), live.Boottime)
}

// sources returns what observes this machine, by the configuration.
func sources(c config.Config) ([]monitor.Source, error) {
	list := []monitor.Source{
		kernel.New(kernel.Options{
			RouterModeRoutes: c.Kernel.RouterModeRoutes, Audit: c.Kernel.AuditInterval,
			LinkAudit: c.Kernel.LinkAuditInterval, ReceiveBuffer: int(c.Kernel.ReceiveBuffer),
		}),
		resolver.New(resolver.Options{}),
		clock.New(),
	}
	if !c.Probes.Enabled {
		return list, nil
	}
	runner, err := probes.New(probeConfig(&c.Probes))
	if err != nil {
		return nil, usagef("probes: %w", err)
	}
	return append(list, runner), nil
}

// probeConfig says in the words of package probes what is configured. Each
// internet address is pinged, and its TCP port 443 tells a filter of pings from
// an outage.
func probeConfig(c *config.Probes) probes.Config {
	p := probes.DefaultConfig()
	p.Internet = nil
	for _, address := range c.Internet {
		p.Internet = append(p.Internet, "ping:"+address)
		if a, err := netip.ParseAddr(address); err == nil {
			p.Internet = append(p.Internet, "tcp:"+netip.AddrPortFrom(a, 443).String())
		}
	}
	p.Custom = c.Custom
	p.Query = c.DNSName
	p.Portal = probes.Portal{URL: c.PortalURL}
	if status, err := strconv.Atoi(c.PortalExpect); err == nil {
		p.Portal.Status = status
	} else {
		p.Portal.Status, p.Portal.Body = 200, c.PortalExpect
	}
	p.Intervals.Gateway, p.Intervals.Internet = c.GatewayInterval, c.InternetInterval
	p.Intervals.Resolver, p.Intervals.Portal = c.ResolverInterval, c.PortalInterval
	p.Intervals.Custom = c.CustomInterval
	p.Timeout = c.Timeout
	p.Budget = probes.Budget{Packets: c.PacketsPerMinute, Bytes: int(c.BytesPerMinute)}
	p.Metered = probes.Budget{
		Packets: c.PacketsPerMinute * c.MeteredPercent / 100,
		Bytes:   int(c.BytesPerMinute) * c.MeteredPercent / 100,
	}
	return p
}
