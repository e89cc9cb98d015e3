package cli

import (
	"fmt"
	"strconv"

	"flapscope/internal/config"
	"flapscope/internal/text"
	"flapscope/probes"
)

// probeConfig says in the words of package probes what is configured.
func probeConfig(c *config.Probes) probes.Config {
	budget := probes.Budget{Packets: c.PacketsPerMinute, Bytes: int(c.BytesPerMinute)}
	p := probes.Config{
		Disabled: !c.Enabled,
		Internet: probes.Internet(c.Internet),
		Custom:   c.Custom,
		Portal:   probes.Portal{URL: c.PortalURL, Status: 200, Body: c.PortalExpect},
		Query:    c.DNSName,
		Intervals: probes.Intervals{
			Gateway: c.GatewayInterval, Internet: c.InternetInterval, Check: probes.CheckInterval,
			Resolver: c.ResolverInterval, Portal: c.PortalInterval, Custom: c.CustomInterval,
		},
		Calm: probes.Calm{
			After: c.CalmAfter,
			Intervals: probes.Intervals{
				Gateway: c.CalmInterval, Internet: c.CalmInterval, Check: probes.CalmCheckInterval,
				Resolver: c.CalmResolverInterval, Portal: c.CalmPortalInterval, Custom: c.CalmInterval,
			},
			Metered: c.CalmMeteredInterval,
		},
		Timeout: c.Timeout,
		Budget:  budget,
		Metered: budget.Percent(c.MeteredPercent),
	}
	if status, err := strconv.Atoi(c.PortalExpect); err == nil {
		p.Portal.Status, p.Portal.Body = status, ""
	}
	return p
}

// probingCost says what probing costs, as a comment of a configuration file.
func probingCost(c *config.Probes) string {
	p := probeConfig(c)
	calm := p
	watched := p
	watched.Calm.After = 0
	return "\n" + comment(fmt.Sprintf(
		"With a gateway and a name server for each of IPv4 and IPv6 probing costs about %s a day while a screen shows it, "+
			"%s when nothing is amiss and none does, and %s of that kind on a metered path.",
		text.Size(watched.BytesPerDay(false)), text.Size(calm.BytesPerDay(false)), text.Size(calm.BytesPerDay(true))))
}

func comment(s string) (lines string) {
	for _, line := range text.Wrap(s, 76) {
		lines += "# " + line + "\n"
	}
	return lines
}
